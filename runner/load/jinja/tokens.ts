import { Fault } from '../template/fault.ts'
import type { Span } from './ast.ts'
import { decimal, integer, unescaped } from './literal.ts'
import type { Syntax } from './options.ts'
import { isSpace, SPACE, stripRight } from './space.ts'
import { DEEPEST, TooDeep } from './too-deep.ts'

export type Token = Span &
  (
    | { kind: 'data' | 'name' | 'operator'; text: string }
    | { kind: 'string'; text: string }
    | { kind: 'integer' | 'float'; text: string; value: unknown }
    | { kind: 'variable_begin' | 'variable_end' | 'block_begin' | 'block_end' | 'end'; text: string }
  )

type Tag = 'variable' | 'block' | 'comment'

/** Cuts a template, or an expression alone, into tokens. Its time is linear. @throws {Fault} */
export class Lexer {
  readonly tokens: Token[] = []
  #at = 0
  /** What must close before the tag may end. */
  #open: { sign: string; at: number }[] = []

  constructor(
    readonly text: string,
    readonly syntax: Syntax,
    /** What other languages write for `and`, `or` and `not` is taken as that: for who explains Jinja. */
    readonly lenient = false,
  ) {}

  expression(): Token[] {
    while (this.#skipSpace() < this.text.length) this.#word('expression')
    this.#requireClosed()
    return this.#finish()
  }

  template(): Token[] {
    const { variable_start_string, block_start_string, comment_start_string } = this.syntax
    const kinds = new Map<string, Tag>([
      [variable_start_string, 'variable'],
      [block_start_string, 'block'],
      [comment_start_string, 'comment'],
    ])
    const begins = [...kinds.keys()].sort((a, b) => b.length - a.length).map(escaped)
    const begin = new RegExp(`(${begins.join('|')})([-+]?)`, 'g')
    for (;;) {
      begin.lastIndex = this.#at
      const found = begin.exec(this.text)
      if (!found) break
      const tag = kinds.get(found[1]!)!
      this.#data(this.#at, found.index, found[2]!, tag)
      this.#at = begin.lastIndex
      if (tag === 'comment') this.#comment(found.index)
      else if (tag === 'variable' || !this.#raw(found.index)) this.#tag(tag, found.index)
    }
    this.#data(this.#at, this.text.length, '+', 'block')
    return this.#finish()
  }

  #finish(): Token[] {
    const end = this.text.length
    this.tokens.push({ kind: 'end', text: '', start: end, end })
    return this.tokens
  }

  /** Text up to a tag, whose sign says what becomes of the white space before it. */
  #data(start: number, end: number, sign: string, tag: Tag): void {
    let data = this.text.slice(start, end)
    if (sign === '-') data = stripRight(data)
    else if (sign === '' && this.syntax.lstrip_blocks && tag !== 'variable')
      data = this.#withoutIndent(data, start)
    if (data !== '') this.tokens.push({ kind: 'data', text: this.#newlines(data), start, end })
  }

  #withoutIndent(data: string, start: number): string {
    const line = data.lastIndexOf('\n') + 1
    if (line === 0 && start > 0 && this.text[start - 1] !== '\n') return data
    return stripRight(data.slice(line)) === '' ? data.slice(0, line) : data
  }

  #newlines(text: string): string {
    const { newline_sequence } = this.syntax
    return newline_sequence === '\n' ? text : text.replaceAll('\n', newline_sequence)
  }

  #comment(start: number): void {
    const { comment_start_string: begin, comment_end_string: close } = this.syntax
    const end = this.text.indexOf(close, this.#at)
    if (end === -1)
      throw new Fault('this comment does not end', start, begin.length, `close it with ${close}`)
    const sign = end > this.#at ? this.text[end - 1]! : ''
    this.#at = end + close.length
    this.#afterBlock(sign)
  }

  /** What a `-`, a `+` or nothing before the end of a block takes away after it. */
  #afterBlock(sign: string): void {
    if (sign === '-') this.#skipSpace()
    else if (sign !== '+' && this.syntax.trim_blocks && this.text[this.#at] === '\n') this.#at++
  }

  /** `{% raw %}`: all up to `{% endraw %}` is text. */
  #raw(start: number): boolean {
    const begin = escaped(this.syntax.block_start_string)
    const end = escaped(this.syntax.block_end_string)
    const head = new RegExp(`${SPACE}*raw${SPACE}*(?:-${end}${SPACE}*|${end})`, 'y')
    head.lastIndex = this.#at
    if (!head.test(this.text)) return false
    const tail = new RegExp(`${begin}([-+]?)${SPACE}*endraw${SPACE}*([-+]?)${end}`, 'g')
    tail.lastIndex = head.lastIndex
    const found = tail.exec(this.text)
    if (!found)
      throw new Fault('this raw block does not end', start, this.#at - start, 'close it with {% endraw %}')
    this.#data(head.lastIndex, found.index, found[1]!, 'block')
    this.#at = tail.lastIndex
    this.#afterBlock(found[2]!)
    return true
  }

  #tag(tag: 'variable' | 'block', start: number): void {
    const begin = this.text.slice(start, this.#at)
    this.tokens.push({ kind: `${tag}_begin`, text: begin, start, end: this.#at })
    const { block_end_string, variable_end_string } = this.syntax
    const close = tag === 'block' ? block_end_string : variable_end_string
    for (;;) {
      if (this.#skipSpace() >= this.text.length) this.#unended(start, begin, close)
      if (this.#open.length === 0 && this.#ends(tag, close)) return
      this.#word(tag)
    }
  }

  #unended(start: number, begin: string, close: string): never {
    this.#requireClosed()
    throw new Fault(`${begin} is not closed`, start, begin.length, `close it with ${close}`)
  }

  #requireClosed(): void {
    const open = this.#open.at(-1)
    if (open)
      throw new Fault(`${PAIRS_BACK[open.sign]} is not closed`, open.at, 1, `close it with ${open.sign}`)
  }

  #ends(tag: 'variable' | 'block', close: string): boolean {
    const start = this.#at
    const first = this.text[start]!
    const sign =
      (first === '-' || (first === '+' && tag === 'block')) && this.text.startsWith(close, start + 1)
    if (!sign && !this.text.startsWith(close, start)) return false
    this.#at = start + (sign ? 1 : 0) + close.length
    this.tokens.push({ kind: `${tag}_end`, text: this.text.slice(start, this.#at), start, end: this.#at })
    if (tag === 'block') this.#afterBlock(sign ? first : '')
    else if (sign) this.#skipSpace()
    return true
  }

  #skipSpace(): number {
    while (isSpace(this.text[this.#at])) this.#at++
    return this.#at
  }

  #word(within: 'variable' | 'block' | 'expression'): void {
    const start = this.#at
    WORD.lastIndex = start
    const groups = WORD.exec(this.text)?.groups
    if (!groups) this.#noWord(start)
    const end = WORD.lastIndex
    this.#at = end
    const text = this.text.slice(start, end)
    if (groups.name !== undefined) this.tokens.push({ kind: 'name', text, start, end })
    else if (groups.float !== undefined && this.text[start - 1] !== '.')
      this.tokens.push({ kind: 'float', text, value: decimal(text), start, end })
    else if (groups.float !== undefined || groups.integer !== undefined) this.#integer(start)
    else if (groups.string !== undefined) {
      const inner = this.#newlines(text.slice(1, -1))
      const value = this.syntax.escapes || within !== 'variable' ? unescaped(inner, start + 1) : inner
      this.tokens.push({ kind: 'string', text: value, start, end })
    } else this.#operator(text, start)
  }

  /** `x.1.2` is no float: what follows a dot is an index. */
  #integer(start: number): void {
    INTEGER.lastIndex = start
    const text = INTEGER.exec(this.text)![0]
    this.#at = start + text.length
    this.tokens.push({ kind: 'integer', text, value: integer(text), start, end: this.#at })
  }

  #operator(sign: string, start: number): void {
    const end = start + sign.length
    const close = PAIRS[sign]
    if (close) {
      if (this.#open.length > DEEPEST) throw new TooDeep(start, 1)
      this.#open.push({ sign: close, at: start })
    } else if (sign === ')' || sign === ']' || sign === '}') {
      const open = this.#open.pop()
      if (open?.sign !== sign)
        throw new Fault(
          open ? `found ${sign} where ${open.sign} must come first` : `${sign} closes nothing`,
          start,
          1,
          open ? `${PAIRS_BACK[open.sign]} is open` : sign === '}' ? 'close {{ with }}' : undefined,
        )
    }
    const word = this.lenient ? FOREIGN[sign] : undefined
    if (word === undefined && (sign === '&&' || sign === '||' || sign === '!')) this.#noWord(start)
    if (word === undefined) this.tokens.push({ kind: 'operator', text: sign, start, end })
    else this.tokens.push({ kind: 'name', text: word, start, end })
  }

  #noWord(start: number): never {
    const [character] = this.text.slice(start, start + 2)
    if (character === '"' || character === "'")
      throw new Fault('this text is not closed', start, 1, `close it with ${character}`)
    const word = FOREIGN[this.text.slice(start, start + 2)] ?? FOREIGN[character!]
    throw new Fault(`${character} means nothing in Jinja`, start, 1, word && `write ${word}`)
  }
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const PAIRS_BACK: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
const FOREIGN: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' }

/** One character of a text at a time, so that the time is linear where the quote is missing. */
const WORD =
  /(?<name>[\p{ID_Start}_][\p{ID_Continue}]*)|(?<float>(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+))|(?<integer>\d)|(?<string>'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*")|(?<operator>&&|\|\||\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;!])/uy

const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
