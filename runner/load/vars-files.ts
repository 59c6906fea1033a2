import type { Pos } from '../errors.ts'
import { PlayError } from '../errors.ts'
import { parseData } from './inventory/plain-yaml.ts'
import { kindOf } from './template/values.ts'
import type { Located, Vars } from './types.ts'
import { isMapping, readText } from './yaml.ts'

/**
 * A file of variables, YAML or JSON: one mapping, or nothing.
 *
 * @param pos where the file is named, for the error when it is not there
 * @throws {PlayError} code 'file' or 'variable'; {PlayErrors} code 'yaml'
 */
export function loadVarsFile(path: string, pos?: Pos): Located<Vars> {
  const text = readText(path, pos)
  if (text.startsWith('$ANSIBLE_VAULT;')) {
    throw new PlayError('variable', `${path} is encrypted with ansible-vault, which is not supported yet`, {
      pos: pos ?? { file: path, line: 1, col: 1 },
      hint: 'keep secrets in a file of its own that is not in version control, and name it with -e @file',
    })
  }
  const located = parseData(path, text)
  if (located.value === null) return { ...located, value: {} }
  if (isMapping(located.value)) return located as Located<Vars>
  throw new PlayError('variable', `a file of variables is a mapping, not ${kindOf(located.value)}`, {
    pos: located.locate(),
    hint: 'write name: value, one a line',
  })
}
