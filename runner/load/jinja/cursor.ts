import { Fault } from '../template/fault.ts'
import type { Token } from './tokens.ts'
import { DEEPEST, TooDeep } from './too-deep.ts'

/** Goes through tokens, and says what is wrong where they are not as expected. */
export class Cursor {
  #at = 0
  #depth = 0

  constructor(readonly tokens: readonly Token[]) {}

  get next(): Token {
    return this.tokens[this.#at]!
  }

  get after(): Token {
    return this.tokens[this.#at + 1] ?? this.next
  }

  /** Where the last token ended. */
  get end(): number {
    return this.tokens[this.#at - 1]?.end ?? 0
  }

  take(): Token {
    const token = this.next
    if (token.kind !== 'end') this.#at++
    return token
  }

  isOperator(text: string, token = this.next): boolean {
    return token.kind === 'operator' && token.text === text
  }

  isName(...names: string[]): boolean {
    return this.next.kind === 'name' && names.includes(this.next.text)
  }

  takeOperator(...signs: string[]): string | undefined {
    const { kind, text } = this.next
    if (kind !== 'operator' || !signs.includes(text)) return undefined
    this.#at++
    return text
  }

  takeName(name: string): boolean {
    if (!this.isName(name)) return false
    this.#at++
    return true
  }

  needOperator(sign: string, where: string): void {
    if (!this.takeOperator(sign)) this.expected(`${sign} ${where}`)
  }

  needName(what: string): Token {
    if (this.next.kind !== 'name') this.expected(what)
    return this.take()
  }

  /** @param what as in `expected a name` */
  expected(what: string, hint?: string): never {
    throw this.fault(`expected ${what}, but found ${found(this.next)}`, hint)
  }

  fault(message: string, hint?: string, token = this.next): Fault {
    return new Fault(message, token.start, Math.max(1, token.end - token.start), hint)
  }

  tooDeep(): never {
    const { start, end } = this.next
    throw new TooDeep(start, Math.max(1, end - start))
  }

  /** One level deeper. @throws {Fault} where that is too deep */
  nested<T>(parse: () => T): T {
    if (this.#depth >= DEEPEST) this.tooDeep()
    this.#depth++
    const made = parse()
    this.#depth--
    return made
  }
}

export function found(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end'
    case 'data':
      return 'text outside of a tag'
    case 'string':
      return 'a text'
    case 'name':
    case 'integer':
    case 'float':
    case 'operator':
      return token.text
    default:
      return token.text
  }
}
