import type { Pos } from '../errors.ts'
import { PlayError } from '../errors.ts'
import { parseData } from './inventory/plain-yaml.ts'
import { kindOf } from './template/values.ts'
import type { Located, Vars } from './types.ts'
import { vault } from './vault/vault.ts'
import { isMapping, readPlainText } from './yaml.ts'

/**
 * A file of variables, YAML or JSON: one mapping, or nothing.
 *
 * @param pos where the file is named, for the error when it is not there
 * @throws {PlayError} code 'file', 'vault' or 'variable'; {PlayErrors} code 'yaml'
 */
export function loadVarsFile(path: string, pos?: Pos): Located<Vars> {
  const { text, encrypted } = readPlainText(path, pos)
  const located = parseData(path, text)
  if (encrypted) vault.learn(located.value)
  if (located.value === null) return { ...located, value: {} }
  if (isMapping(located.value)) return located as Located<Vars>
  throw new PlayError('variable', `a file of variables is a mapping, not ${kindOf(located.value)}`, {
    pos: located.locate(),
    hint: 'write name: value, one a line',
  })
}
