import type { Pos } from '../../errors.ts'
import { Fault } from '../template/fault.ts'
import type { Body } from './ast.ts'
import type { Syntax } from './options.ts'
import { parseExpression, parseTemplate } from './parse.ts'

/** A text as it was parsed, and as it stands in its file. */
export class Unit {
  readonly text: string
  /** Offsets in `text` before which a character of the source is missing. */
  readonly #cuts: number[] = []

  /** @param pos where it stands; undefined for a text that may stand in many places */
  constructor(
    readonly source: string,
    readonly keepTrailingNewline: boolean,
    readonly pos?: Pos,
  ) {
    let text = source
    if (source.includes('\r'))
      text = source.replace(/\r\n?/g, (found, at: number) => {
        if (found.length === 2) this.#cuts.push(at - this.#cuts.length)
        return '\n'
      })
    this.text = keepTrailingNewline || !text.endsWith('\n') ? text : text.slice(0, -1)
  }

  /** An offset of `source`. */
  original(offset: number): number {
    let cuts = 0
    while (cuts < this.#cuts.length && this.#cuts[cuts]! < offset) cuts++
    return offset + cuts
  }

  /** How many newlines the source ends with. */
  newlinesAtEnd(): number {
    return newlinesAtEnd(this.source.replaceAll('\r\n', '\n'))
  }

  /** @throws {Fault} at offsets of the source */
  template(syntax: Syntax): Body {
    return this.#parsed(() => parseTemplate(this.text, syntax))
  }

  expression() {
    return this.#parsed(() => parseExpression(this.text))
  }

  #parsed<T>(parse: () => T): T {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Fault) || this.#cuts.length === 0) throw error
      const start = this.original(error.start)
      throw new Fault(error.message, start, error.length, error.hint, error.code)
    }
  }
}

export function newlinesAtEnd(text: string): number {
  let count = 0
  while (count < text.length && text[text.length - 1 - count] === '\n') count++
  return count
}
