import { homedir } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import type { Base, Environment } from './setting.ts'

/** The home of whoever runs play. */
export const homeOf = (env: Environment): string => env.HOME || homedir()

/**
 * A path as Ansible reads those of its configuration: {{CWD}}, $VARIABLES and ~, and then from the folder of the file (ensure_type
 * of ansible/config/manager.py, unfrackpath). What lies below the working folder is named from there.
 */
export function pathOf(text: string, { folder, cwd, env }: Base): string {
  const expanded = text
    .replaceAll('{{CWD}}', cwd)
    .replace(/\$(?:(\w+)|\{([^${}]*)\})/g, (all, plain?: string, braced?: string) => {
      const name = plain ?? braced!
      return Object.hasOwn(env, name) ? (env[name] ?? all) : all
    })
    .replace(/^~(?=\/|$)/, () => homeOf(env))
  return shown(resolve(folder, expanded), cwd)
}

/** As a user in the working folder would type it. */
export function shown(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}
