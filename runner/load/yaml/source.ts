import { LineCounter } from 'yaml'
import type { Pos } from '../../errors.ts'

/** Characters that are underlined at most, so that many errors on one long line take no time. */
const LONGEST = 1000

/** A file's text, which turns offsets into positions. */
export class Source {
  readonly text: string
  readonly #lines = new LineCounter()

  constructor(
    readonly file: string,
    text: string,
  ) {
    // A byte order mark is no column.
    this.text = text.replace(/^\uFEFF/, '')
    this.#lines.addNewLine(0)
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
      this.#lines.addNewLine(at + 1)
  }

  /** From `start` up to `end`, or the end of the line where that comes first. */
  pos(start: number, end = start + 1): Pos {
    const from = Math.min(start, this.text.length)
    const { line, col } = this.#lines.linePos(from)
    const rest = this.text.slice(from, Math.min(Math.max(end, from), from + LONGEST))
    const length = Math.max(1, (rest.split(/[\r\n]/, 1)[0] ?? '').trimEnd().length)
    return { file: this.file, line, col, length }
  }

  /** The last character before an offset that is no space: the dash of an empty item. */
  before(offset: number): Pos {
    return this.pos(Math.max(0, this.text.slice(0, offset).trimEnd().length - 1))
  }

  /** The whole line that holds an offset. */
  lineAt(offset: number): { text: string; start: number } {
    const start = this.text.lastIndexOf('\n', offset - 1) + 1
    const end = this.text.indexOf('\n', start)
    return { text: this.text.slice(start, end === -1 ? undefined : end).trimEnd(), start }
  }
}
