import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PlayError } from '../errors.ts'
import { openToAnybody } from '../load/anybody.ts'
import { homeOf, shown } from './paths.ts'
import type { Environment } from './setting.ts'

/** A file that says settings. */
export interface ConfigFile {
  is: 'play.yaml' | 'ansible.cfg'
  /** As it is shown. */
  path: string
  /** Absolute. */
  at: string
  /** Absolute: where its relative paths begin. */
  folder: string
  /** Beside the playbook or in the working folder, or named by $ANSIBLE_CONFIG; else the user's, or the machine's. */
  ofProject: boolean
}

export interface Surroundings {
  env: Environment
  /** Absolute. */
  cwd: string
  /** The first playbook, where one is named. */
  playbook: string | undefined
}

/**
 * Those that are there; what an earlier one says counts. A play.yaml is beside the playbook, in the working folder, and the user's.
 * Of ansible.cfg the first counts, as in Ansible (find_ini_config_file of ansible/config/manager.py).
 *
 * @param warn what is left out, since anybody may write it
 */
export function configFiles(
  { env, cwd, playbook }: Surroundings,
  warn: (message: string) => void,
): ConfigFile[] {
  const home = homeOf(env)
  const of = (is: ConfigFile['is'], path: string, ofProject: boolean): ConfigFile => ({
    is,
    path: shown(path, cwd),
    at: path,
    folder: dirname(path),
    ofProject,
  })
  /** The first that is there, and that not anybody may write. */
  const first = (is: ConfigFile['is'], places: readonly Place[]): ConfigFile | undefined => {
    for (const { path, ofProject, named } of places) {
      if (!isFile(path)) continue
      if (!isReadable(path)) {
        warn(`${shown(path, cwd)} may not be read by this user, and does not count`)
        continue
      }
      const open = named ? undefined : openToAnybody(path)
      if (open === undefined) return of(is, path, ofProject)
      const what = open === path ? 'it' : 'its folder'
      warn(`${shown(path, cwd)} is not read, since anybody may write ${what}: chmod o-w ${open}`)
    }
    return undefined
  }
  const beside = playbook === undefined ? cwd : dirname(resolve(cwd, playbook))
  const project = [...new Set([beside, cwd])].map((folder) =>
    first('play.yaml', [{ path: join(folder, 'play.yaml'), ofProject: true }]),
  )
  const cfg = first('ansible.cfg', [
    ...(env.ANSIBLE_CONFIG
      ? [{ path: namedBy(env.ANSIBLE_CONFIG, cwd, home), ofProject: true, named: true }]
      : []),
    { path: join(cwd, 'ansible.cfg'), ofProject: true },
    { path: join(home, '.ansible.cfg'), ofProject: false },
    { path: '/etc/ansible/ansible.cfg', ofProject: false },
  ])
  const user = first('play.yaml', [
    { path: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'play/play.yaml'), ofProject: false },
  ])
  return [...project, ...(cfg?.ofProject ? [cfg, user] : [user, cfg])].filter((file) => file !== undefined)
}

interface Place {
  path: string
  ofProject: boolean
  /** Somebody names this one: that others may write it is their business. */
  named?: boolean
}

/** A folder stands for the ansible.cfg in it. */
function namedBy(text: string, cwd: string, home: string): string {
  const path = resolve(
    cwd,
    text.replace(/^~(?=\/|$)/, () => home),
  )
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'ansible.cfg') : path
}

/** Not where its folder may not be entered, either. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** @throws {PlayError} code 'config' */
export function textOf({ at, path }: ConfigFile): string {
  try {
    return readFileSync(at, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new PlayError('config', `${path} cannot be read (${code})`, { cause })
  }
}
