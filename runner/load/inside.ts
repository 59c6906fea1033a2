import { readFileSync } from 'node:fs'
import type { Pos } from '../errors.ts'
import { isVaultText } from './vault/envelope.ts'

/**
 * Where characters of a value stand in the file it was read from. YAML quotes, escapes, indents and folds, so the
 * value's text and the file's differ; the same words are then looked for after the value's beginning. Reads the
 * file again, so it is for errors alone.
 *
 * @param pos where the value begins; @param text the value; @param start offset in `text`; @param length characters
 */
export function inside(pos: Pos, text: string, start: number, length: number): Pos {
  const words = firstLine(text.slice(start, start + Math.max(length, 1)))
  const source = readSource(pos.file)
  if (source !== undefined) {
    const begin = offsetOf(source, pos)
    const found = source.startsWith(text, begin)
      ? begin + start
      : sameOccurrence(source, begin, text, start, words)
    if (found !== undefined)
      return { file: pos.file, ...lineAndColumn(source, found), length: words.length || 1 }
  }
  const { line, col } = lineAndColumn(text, start)
  return {
    file: pos.file,
    line: pos.line + line - 1,
    col: line === 1 ? pos.col + col - 1 : col,
    length: words.length || 1,
  }
}

/** The n-th time that `words` stand in the value is the n-th time after its beginning in the file. */
function sameOccurrence(
  source: string,
  begin: number,
  text: string,
  start: number,
  words: string,
): number | undefined {
  if (words.trim() === '') return undefined
  const end = begin + text.length * 2 + 4000
  let found = begin - 1
  for (let at = text.indexOf(words); at !== -1 && at <= start; at = text.indexOf(words, at + 1)) {
    found = source.indexOf(words, found + 1)
    if (found === -1 || found > end) return undefined
  }
  return found < begin ? undefined : found
}

function offsetOf(source: string, pos: Pos): number {
  let offset = 0
  for (let line = 1; line < pos.line; line++) {
    const next = source.indexOf('\n', offset)
    if (next === -1) return source.length
    offset = next + 1
  }
  return offset + pos.col - 1
}

function lineAndColumn(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, col: before.at(-1)!.length + 1 }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? ''

function readSource(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
    return isVaultText(text) ? undefined : text
  } catch {
    return undefined
  }
}
