import { type CharacterSet, classOf } from './character-set.ts'
import type { Place } from './node.ts'
import { CONTROLS, numbered, octal, type Source } from './source.ts'

export type Escape =
  | { is: 'code'; code: number }
  | { is: 'class'; set: CharacterSet }
  | { is: 'place'; place: Place }
  | { is: 'back'; group: number }

const PLACES: Readonly<Record<string, Place>> = { A: 'start', Z: 'end', b: 'boundary', B: 'no-boundary' }

/** What follows a backslash outside of `[…]`. */
export function readEscape(source: Source, ascii: boolean): Escape {
  const start = source.at - 1
  const letter = source.get()
  if (letter === undefined) throw source.fault('a \\ is the last character', start)
  const place = PLACES[letter]
  if (place) return { is: 'place', place }
  if (letter === '0') return { is: 'code', code: octal(source, `0${source.takeWhile(/[0-7]/, 2)}`, start) }
  if (/[1-9]/.test(letter)) return numberEscape(source, letter, start)
  return common(source, letter, ascii, start)
}

/** Three octal digits are a character, everything else is a group's number. */
function numberEscape(source: Source, first: string, start: number): Escape {
  const second = source.takeWhile(/[0-9]/, 1)
  if (/^[0-7]{2}$/.test(first + second)) {
    const third = source.takeWhile(/[0-7]/, 1)
    if (third) return { is: 'code', code: octal(source, first + second + third, start) }
  }
  return { is: 'back', group: Number(first + second) }
}

/** What follows a backslash inside of `[…]`. */
export function readSetEscape(source: Source, ascii: boolean): Extract<Escape, { is: 'code' | 'class' }> {
  const start = source.at - 1
  const letter = source.get()
  if (letter === undefined) throw source.fault('a \\ is the last character', start)
  if (letter === 'b') return { is: 'code', code: 8 }
  if (/[0-7]/.test(letter))
    return { is: 'code', code: octal(source, letter + source.takeWhile(/[0-7]/, 2), start) }
  if (/[89]/.test(letter)) throw source.fault(`\\${letter} is no escape`, start)
  return common(source, letter, ascii, start)
}

function common(source: Source, letter: string, ascii: boolean, start: number) {
  const set = classOf(letter, ascii)
  if (set) return { is: 'class', set } as const
  const code = CONTROLS[letter] ?? numbered(source, letter, start)
  if (code !== undefined) return { is: 'code', code } as const
  if (letter === 'N') throw source.fault('\\N{…}, a character by its name, is not supported: write it', start)
  if (/[A-Za-z]/.test(letter)) throw source.fault(`\\${letter} is no escape`, start)
  return { is: 'code', code: letter.codePointAt(0)! } as const
}
