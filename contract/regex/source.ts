import { PatternFault } from './node.ts'

/** The characters of a pattern or a replacement, one after another. */
export class Source {
  readonly #characters: string[]
  at = 0
  constructor(text: string) {
    this.#characters = [...text]
  }
  /** undefined at the end */
  get next(): string | undefined {
    return this.#characters[this.at]
  }
  get(): string | undefined {
    return this.#characters[this.at++]
  }
  /** Takes a text where it comes next. */
  take(text: string): boolean {
    for (let index = 0; index < text.length; index++)
      if (this.#characters[this.at + index] !== text[index]) return false
    this.at += text.length
    return true
  }
  /** Takes as many as fit. */
  takeWhile(fits: RegExp, most = Number.POSITIVE_INFINITY): string {
    let taken = ''
    while (taken.length < most && this.next !== undefined && fits.test(this.next)) taken += this.get()
    return taken
  }
  /** What comes before a mark, which is taken as well. */
  until(mark: string, what: string): string {
    const start = this.at
    let taken = ''
    for (;;) {
      const one = this.get()
      if (one === undefined)
        throw this.fault(taken === '' ? `there is no ${what}` : `${what} has no end, expected ${mark}`, start)
      if (one === mark) break
      taken += one
    }
    if (taken === '') throw this.fault(`there is no ${what}`, start)
    return taken
  }
  fault(message: string, at = this.at): PatternFault {
    return new PatternFault(message, at)
  }
}

/** Escapes that are characters by a number: \x41 \u0041 \U00000041, and in octal. */
export function numbered(source: Source, letter: string, start: number): number | undefined {
  const width = { x: 2, u: 4, U: 8 }[letter]
  if (width === undefined) return undefined
  const digits = source.takeWhile(/[0-9a-fA-F]/, width)
  const code = Number.parseInt(digits, 16)
  if (digits.length < width)
    throw source.fault(`\\${letter} wants ${width} hexadecimal digits, found '${digits}'`, start)
  if (code > 0x10ffff) throw source.fault(`\\${letter}${digits} is no character`, start)
  return code
}

/** @param digits in octal */
export function octal(source: Source, digits: string, start: number): number {
  const code = Number.parseInt(digits, 8)
  if (code > 0o377) throw source.fault(`\\${digits} is no character: octal goes up to \\377`, start)
  return code
}

export const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }

export const isName = (text: string): boolean => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(text)
