import { PlayErrors } from '../../errors.ts'
import type { Located } from '../types.ts'
import { Source } from './source.ts'
import { readDocument } from './syntax.ts'
import { buildTree, locatedAt } from './tree.ts'

/**
 * Reads one YAML document: YAML 1.2's core schema, in which `yes` and `on` are words, dates are text and duplicate
 * keys are errors. Where the core schema would lose what was written, it is kept: a number with a leading zero
 * (`mode: 0644`) is text, as YAML 1.1 and 1.2 disagree on its value, and an integer beyond 2^53 is a BigInt.
 * Anchors, aliases and merge keys (`<<`) are resolved; `!vault` gives a VaultValue; an empty file gives null.
 *
 * @param isJinja whether it is read as PyYAML does, asked where that differs
 * @throws {PlayErrors} code 'yaml', all of the file's errors
 */
export function parseDocument(file: string, text: string, isJinja: () => boolean): Located {
  const source = new Source(file, text)
  const contents = readDocument(source)
  const { root, errors } = buildTree(source, contents, isJinja)
  if (errors.length > 0) throw new PlayErrors(errors)
  return locatedAt(source, root)
}
