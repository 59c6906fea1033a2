import type { Marks } from './matcher.ts'
import { CONTROLS, isName, octal, Source } from './source.ts'

/** Texts, and the numbers of groups between them. */
export type Replacement = readonly (string | number)[]

/**
 * What `\1`, `\g<name>`, `\n` and the like in a replacement mean.
 * @throws {PatternFault}
 */
export function parseReplacement(
  text: string,
  { groups, names }: { groups: number; names: ReadonlyMap<string, number> },
): Replacement {
  const source = new Source(text)
  const parts: (string | number)[] = []
  const group = (index: number, start: number): void => {
    if (index > groups) throw source.fault(`the pattern has no group ${index}`, start)
    parts.push(index)
  }
  for (let one = source.get(); one !== undefined; one = source.get()) {
    if (one !== '\\') {
      parts.push(one)
      continue
    }
    const start = source.at - 1
    const letter = source.get()
    if (letter === undefined) throw source.fault('a \\ is the last character', start)
    const octalDigits = letter === '0' ? `0${source.takeWhile(/[0-7]/, 2)}` : threeOctal(source, letter)
    if (octalDigits) parts.push(String.fromCharCode(octal(source, octalDigits, start)))
    else if (/[1-9]/.test(letter)) group(Number(letter + source.takeWhile(/[0-9]/, 1)), start)
    else if (letter === 'g') group(named(source, names, start), start)
    else if (CONTROLS[letter] !== undefined) parts.push(String.fromCharCode(CONTROLS[letter]))
    else if (/[A-Za-z]/.test(letter))
      throw source.fault(`\\${letter} is no escape of a replacement, write \\\\${letter}`, start)
    else parts.push(`\\${letter}`)
  }
  return parts
}

function threeOctal(source: Source, first: string): string | undefined {
  const start = source.at
  const rest = /[1-7]/.test(first) ? source.takeWhile(/[0-7]/, 2) : ''
  if (rest.length === 2) return first + rest
  source.at = start
  return undefined
}

function named(source: Source, names: ReadonlyMap<string, number>, start: number): number {
  if (!source.take('<')) throw source.fault('expected \\g<name> or \\g<number>', start)
  const name = source.until('>', "group's name")
  if (/^[0-9]+$/.test(name)) return Number(name)
  const index = isName(name) ? names.get(name) : undefined
  if (index === undefined) throw source.fault(`the pattern has no group '${name}'`, start)
  return index
}

/** What a match is replaced by. Groups that had no part in it are empty. */
export function expand(replacement: Replacement, text: string, marks: Marks): string {
  return replacement
    .map((part) => (typeof part === 'string' ? part : (groupOf(text, marks, part) ?? '')))
    .join('')
}

/** What a group matched; undefined where it had no part in the match. */
export function groupOf(text: string, marks: Marks, group: number): string | undefined {
  const start = marks[2 * group]!
  const end = marks[2 * group + 1]!
  return start < 0 || end < 0 ? undefined : text.slice(start, end)
}
