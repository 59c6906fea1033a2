import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Pos } from '../../../errors.ts'
import { filesUnder } from '../../inventory/folders.ts'
import type { VarsAt } from '../../types.ts'
import { loadVarsFile } from '../../vars-files.ts'
import { type Context, shownPath } from '../context.ts'

export type Part = 'tasks' | 'handlers' | 'vars' | 'defaults' | 'meta'

const ENDS = ['.yml', '.yaml', '.json']

/**
 * The file of a role's part: `main`, or the one that is named with or without its end (Ansible, Role directory structure).
 * @returns undefined where there is none; what was named and is not there is collected
 */
export function partFile(
  role: string,
  part: Part,
  named: { text: string; pos: Pos } | undefined,
  { diagnostics }: Context,
): string | undefined {
  const name = named?.text ?? 'main'
  const folder = join(role, part)
  const files = (named ? ['', ...ENDS] : [...ENDS, '']).map((end) => join(folder, name + end))
  const found = files.find((file) => existsSync(file))
  if (found === undefined && named)
    diagnostics.add('file', `there is no file ${name} in ${shownPath(folder)}`, { pos: named.pos })
  return found
}

/** The variables of `vars` or `defaults`: of a file, or of all files of the folder main/ in order. */
export function roleVars(
  role: string,
  part: 'vars' | 'defaults',
  named: { text: string; pos: Pos } | undefined,
  context: Context,
): VarsAt[] {
  const file = partFile(role, part, named, context)
  if (file === undefined) return []
  const files = statSync(file).isDirectory() ? filesUnder(file, isVarsFile) : [file]
  return files.flatMap((path) => {
    const located = context.diagnostics.collect(() => loadVarsFile(shownPath(path)))
    return located ? [{ vars: located.value, at: located }] : []
  })
}

const isVarsFile = (name: string, folder: boolean): boolean =>
  folder || !name.includes('.') || ENDS.some((end) => name.endsWith(end))
