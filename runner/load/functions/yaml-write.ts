import {
  type AnyDict,
  compare,
  entries,
  isDict,
  isFloat,
  isInt,
  isList,
  numeric,
  PythonObject,
  reprFloat,
  str,
  typeName,
  ValueFault,
} from '../jinja/value.ts'
import { isOtherThanText } from '../yaml/other-than-text.ts'
import type { FunctionCall } from './function.ts'

export interface YamlStyle {
  indent: number
  width: number
  sort: boolean
  /** null means flow for collections of scalars alone, block for all others */
  flow: boolean | null
  start: boolean
  end: boolean
}

/** Those beyond 16 bits are written as escapes, as libyaml has it. */
const isPrintable = (text: string): boolean =>
  /^[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/u.test(text)

/** How a text may be written without quotes. */
function isPlain(text: string, inFlow: boolean, isKey: boolean): boolean {
  if (text === '' || isOtherThanText(text) || !isPrintable(text) || /[\n\x85\u2028\u2029]/.test(text))
    return false
  if (/^ | $/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false
  if (/^[?:]/.test(text) && inFlow) return false
  if (/:(?:\s|$)| #/.test(text)) return false
  if (inFlow && /[,?[\]{}]|:/.test(text)) return false
  return !isKey || text.length <= 128
}

/** Text as PyYAML's dumper writes it. */
export class YamlWriter {
  readonly #out: string[] = []
  #column = 0
  readonly #around: unknown[] = []

  constructor(
    readonly style: YamlStyle,
    readonly call: FunctionCall,
  ) {}

  document(value: unknown): string {
    if (this.style.start) this.#put('---')
    this.#node(value, { indent: 0, inFlow: false, isTop: true })
    if (!this.#out.at(-1)?.endsWith('\n')) this.#put('\n')
    if (this.style.end) this.#put('...\n')
    return this.#out.join('')
  }

  #put(text: string): void {
    if (text === '') return
    this.#out.push(text)
    const line = text.lastIndexOf('\n')
    this.#column = line < 0 ? this.#column + text.length : text.length - line - 1
  }

  #isScalar = (value: unknown): boolean => !isList(value) && !isDict(value)

  #isPlainScalar(value: unknown): boolean {
    return typeof value === 'string' ? isPlain(value, false, false) : true
  }

  #node(value: unknown, at: { indent: number; inFlow: boolean; isTop?: boolean; inList?: boolean }): void {
    this.call.spend(8)
    if (this.#isScalar(value)) {
      this.#scalar(value, at.indent, at.inFlow, at.isTop === true)
      return
    }
    if (this.#around.includes(value)) throw new ValueFault('this value contains itself')
    this.#around.push(value)
    const parts = isList(value) ? value : entries(value as AnyDict).flat()
    const isEmpty = parts.length === 0
    const isFlow =
      at.inFlow ||
      isEmpty ||
      (this.style.flow ?? parts.every((part) => this.#isScalar(part) && this.#isPlainScalar(part)))
    const pairs = isDict(value) ? this.#pairs(value) : undefined
    if (isFlow) this.#flow(pairs ?? (value as unknown[]), at)
    else if (pairs) this.#blockDict(pairs, at)
    else this.#blockList(value as unknown[], at)
    this.#around.pop()
  }

  #pairs(value: AnyDict): [unknown, unknown][] {
    const pairs = entries(value)
    if (!this.style.sort) return pairs
    try {
      return pairs.sort(([a], [b]) => compare(a, b))
    } catch {
      return pairs
    }
  }

  #isStart(): boolean {
    return this.#out.at(-1)?.endsWith('\n') ?? true
  }

  #flow(parts: readonly unknown[], { indent }: { indent: number }): void {
    const isDictionary = !isList(parts[0]) ? false : this.#around.at(-1) !== parts
    const [open, close] = this.#around.at(-1) === parts ? '[]' : '{}'
    const inner = indent + this.style.indent
    if (!this.#isStart()) this.#put(' ')
    this.#flowInner(parts, open!, close!, inner, isDictionary)
  }

  #flowInner(
    parts: readonly unknown[],
    open: string,
    close: string,
    indent: number,
    isDictionary: boolean,
  ): void {
    this.#put(open)
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.#put(',')
      if (this.#column > this.style.width) this.#put(`\n${' '.repeat(indent)}`)
      else if (index > 0) this.#put(' ')
      if (isDictionary) {
        const [key, item] = part as [unknown, unknown]
        this.#flowPart(key, indent)
        this.#put(':')
        this.#put(' ')
        this.#flowPart(item, indent)
      } else this.#flowPart(part, indent)
    }
    this.#put(close)
  }

  #flowPart(value: unknown, indent: number): void {
    if (this.#isScalar(value)) {
      this.#put(this.#scalarText(value, indent + this.style.indent, true))
      return
    }
    if (this.#around.includes(value)) throw new ValueFault('this value contains itself')
    this.#around.push(value)
    if (isList(value)) this.#flowInner(value, '[', ']', indent + this.style.indent, false)
    else this.#flowInner(this.#pairs(value as AnyDict), '{', '}', indent + this.style.indent, true)
    this.#around.pop()
  }

  #blockDict(pairs: [unknown, unknown][], { indent, inList }: { indent: number; inList?: boolean }): void {
    for (const [index, [key, item]] of pairs.entries()) {
      if (index > 0 || !inList) this.#line(indent)
      if (!this.#isScalar(key)) throw new ValueFault('the key of a dict in YAML is a text here')
      this.#put(`${this.#scalarText(key, indent, false, true)}:`)
      // A list in a dict stands as far left as the dict.
      this.#node(item, { indent: isList(item) ? indent : indent + this.style.indent, inFlow: false })
    }
  }

  #blockList(items: unknown[], { indent, inList }: { indent: number; inList?: boolean }): void {
    for (const [index, item] of items.entries()) {
      if (index > 0 || !inList) this.#line(indent)
      this.#put('-')
      const isBlock = !this.#isScalar(item)
      const inner = indent + this.style.indent
      if (isBlock && !this.#willFlow(item)) this.#put(' '.repeat(this.style.indent - 1))
      this.#node(item, { indent: inner, inFlow: false, inList: isBlock })
    }
  }

  #willFlow(value: unknown): boolean {
    const parts = isList(value) ? value : entries(value as AnyDict).flat()
    return (
      parts.length === 0 ||
      (this.style.flow ?? parts.every((part) => this.#isScalar(part) && this.#isPlainScalar(part)))
    )
  }

  #line(indent: number): void {
    if (!this.#isStart()) this.#put('\n')
    this.#put(' '.repeat(indent))
  }

  #scalar(value: unknown, indent: number, inFlow: boolean, isTop: boolean): void {
    if (!this.#isStart()) this.#put(' ')
    this.#put(this.#scalarText(value, isTop ? this.style.indent : indent, inFlow))
  }

  #scalarText(value: unknown, indent: number, inFlow: boolean, isKey = false): string {
    if (value === null || value === undefined) return 'null'
    if (typeof value === 'boolean') return String(value)
    if (isInt(value)) return String(value)
    if (isFloat(value)) return yamlFloat(Number(numeric(value)))
    if (value instanceof Date) return str(value)
    if (value instanceof PythonObject) {
      const made = value.plain()
      if (typeof made === 'string') return this.#text(made, indent, inFlow, isKey)
      throw new ValueFault(`YAML has no ${typeName(value)}`)
    }
    return this.#text(str(value), indent, inFlow, isKey)
  }

  #text(text: string, indent: number, inFlow: boolean, isKey: boolean): string {
    if (isPlain(text, inFlow, isKey)) return isKey ? text : this.#folded(text, indent)
    const isSpecial =
      !isPrintable(text) ||
      / \n|[\x85\u2028\u2029]/.test(text) ||
      (/\n/.test(text) && (isKey || (/^ | $/.test(text) && false)))
    if (isSpecial || (isKey && text.includes('\n'))) return this.#double(text, indent, isKey)
    return this.#single(text, indent, isKey)
  }

  /** Broken at single spaces once a line is too long. */
  #folded(text: string, indent: number): string {
    let column = this.#column
    let made = ''
    const words = text.split(/(?<! ) (?! )/)
    for (const [index, word] of words.entries()) {
      if (index > 0) {
        const isLong = column > this.style.width
        made += isLong ? `\n${' '.repeat(indent)}` : ' '
        column = isLong ? indent : column + 1
      }
      made += word
      column += word.length
    }
    return made
  }

  #single(text: string, indent: number, isKey: boolean): string {
    const parts = text.replaceAll("'", "''").split('\n')
    const lines = parts.map((line) => (isKey ? line : line))
    let made = "'"
    let column = this.#column + 1
    for (const [index, line] of lines.entries()) {
      if (index > 0) {
        // One break is a space when read: it takes two to have one.
        if (index === 1 || lines[index - 1] !== '') made += '\n'
        made += '\n'
        column = 0
        if (line !== '' || index === lines.length - 1) {
          made += ' '.repeat(indent)
          column = indent
        }
      }
      const words = isKey ? [line] : line.split(/(?<! ) (?! )/)
      for (const [place, word] of words.entries()) {
        if (place > 0) {
          const isEdge =
            (index === 0 && place === 1 && words[0] === '') ||
            (index === lines.length - 1 && place === words.length - 1 && word === '')
          const isLong = column > this.style.width && !isEdge
          made += isLong ? `\n${' '.repeat(indent)}` : ' '
          column = isLong ? indent : column + 1
        }
        made += word
        column += word.length
      }
    }
    return `${made}'`
  }

  #double(text: string, indent: number, isKey: boolean): string {
    let made = '"'
    let column = this.#column + 1
    const all = [...text]
    let run = ''
    const flush = (): void => {
      made += run
      column += run.length
      run = ''
    }
    for (const [index, one] of all.entries()) {
      run += escapedYaml(one)
      const isSpace = one === ' '
      if (
        !isKey &&
        index > 0 &&
        index < all.length - 1 &&
        (isSpace || run.length > 1) &&
        column + run.length > this.style.width
      ) {
        const held = isSpace ? run.slice(0, -1) : run
        run = held
        flush()
        made += `\\\n${' '.repeat(indent)}`
        column = indent
        if (isSpace) run = all[index + 1] === ' ' ? '\\ ' : '\\ '
      }
    }
    flush()
    return `${made}"`
  }
}

const NAMED: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

function escapedYaml(one: string): string {
  const named = NAMED[one]
  if (named !== undefined && one !== '\xa0') return `\\${named}`
  if (isPrintable(one)) return one
  const code = one.codePointAt(0)!
  const hex = code.toString(16).toUpperCase()
  return code <= 0xff
    ? `\\x${hex.padStart(2, '0')}`
    : code <= 0xffff
      ? `\\u${hex.padStart(4, '0')}`
      : `\\U${hex.padStart(8, '0')}`
}

function yamlFloat(number: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf'
  const text = reprFloat(number).toLowerCase()
  return !text.includes('.') && text.includes('e') ? text.replace('e', '.0e') : text
}
