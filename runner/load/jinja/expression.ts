import { Fault } from '../template/fault.ts'
import type { Arguments, ComparisonOperator, FilterCall, Jinja, Node, Span } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { numeric } from './value.ts'

/** A long chain of operators is deep too: each is inside the next. */
const LONGEST_CHAIN = 1000

/** Reads expressions as Jinja2's grammar has them (template designer documentation, Expressions). @throws {Fault} */
export class ExpressionParser {
  constructor(
    readonly cursor: Cursor,
    /** Other languages' `=` is taken for `==`. */
    readonly lenient = false,
  ) {}

  /** @param withChoice whether `x if y` may stand here */
  expression(withChoice = true): Jinja {
    return this.cursor.nested(() => (withChoice ? this.#choice() : this.#or()))
  }

  /** `a, b` without parentheses is a tuple. @param ends whether what follows ends it */
  tuple(withChoice: boolean, ends: () => boolean): Jinja {
    const { cursor } = this
    const { start } = cursor.next
    const first = this.expression(withChoice)
    if (!cursor.isOperator(',')) return first
    const items = [first]
    while (cursor.takeOperator(',')) {
      if (this.#isTupleEnd() || ends()) break
      items.push(this.expression(withChoice))
    }
    return { is: 'tuple', items, start, end: cursor.end }
  }

  #isTupleEnd(): boolean {
    const { next } = this.cursor
    return ['variable_end', 'block_end', 'end'].includes(next.kind) || this.cursor.isOperator(')')
  }

  #choice(): Jinja {
    const { cursor } = this
    let yes = this.#or()
    for (let count = 0; cursor.takeName('if'); this.#count(++count)) {
      const condition = this.#or()
      const no = cursor.takeName('else') ? cursor.nested(() => this.#choice()) : undefined
      yes = { is: 'choice', condition, yes, no, start: yes.start, end: cursor.end }
    }
    return yes
  }

  #count(count: number): void {
    if (count > LONGEST_CHAIN) this.cursor.tooDeep()
  }

  #chain(next: () => Jinja, take: () => string | undefined): Jinja {
    let left = next()
    let count = 0
    for (let op = take(); op !== undefined; op = take()) {
      const right = next()
      left = { is: 'binary', op: op as Node<'binary'>['op'], left, right, start: left.start, end: right.end }
      this.#count(++count)
    }
    return left
  }

  readonly #or = (): Jinja => this.#chain(this.#and, () => (this.cursor.takeName('or') ? 'or' : undefined))
  readonly #and = (): Jinja => this.#chain(this.#not, () => (this.cursor.takeName('and') ? 'and' : undefined))

  readonly #not = (): Jinja => {
    const { start } = this.cursor.next
    if (!this.cursor.takeName('not')) return this.#compare()
    const of = this.cursor.nested(this.#not)
    return { is: 'not', of, start, end: of.end }
  }

  #compare(): Jinja {
    const left = this.#sum()
    const rest: { op: ComparisonOperator; right: Jinja }[] = []
    for (let op = this.#comparison(); op; op = this.#comparison()) {
      rest.push({ op, right: this.#sum() })
      this.#count(rest.length)
    }
    if (rest.length === 0) return left
    const span = { start: left.start, end: this.cursor.end }
    if (rest.length > 1) return { is: 'compare', left, rest, ...span }
    const [{ op, right }] = rest as [{ op: ComparisonOperator; right: Jinja }]
    return op === 'not in'
      ? { is: 'not', of: { is: 'binary', op: 'in', left, right, ...span }, ...span }
      : { is: 'binary', op, left, right, ...span }
  }

  #comparison(): ComparisonOperator | undefined {
    const { cursor } = this
    if (cursor.takeName('in')) return 'in'
    if (cursor.isName('not') && cursor.after.kind === 'name' && cursor.after.text === 'in') {
      cursor.take()
      cursor.take()
      return 'not in'
    }
    if (this.lenient && cursor.takeOperator('=')) return '=='
    return cursor.takeOperator('==', '!=', '<', '<=', '>', '>=') as ComparisonOperator | undefined
  }

  readonly #sum = (): Jinja => this.#chain(this.#concat, () => this.cursor.takeOperator('+', '-'))
  readonly #concat = (): Jinja => this.#chain(this.#product, () => this.cursor.takeOperator('~'))
  readonly #product = (): Jinja =>
    this.#chain(this.#power, () => this.cursor.takeOperator('*', '/', '//', '%'))
  readonly #power = (): Jinja => this.#chain(this.#unary, () => this.cursor.takeOperator('**'))

  readonly #unary = (): Jinja => this.#filtered(this.#signed())

  #signed(): Jinja {
    const { start } = this.cursor.next
    const op = this.cursor.takeOperator('-', '+') as '-' | '+' | undefined
    if (!op) return this.postfix(this.primary())
    const of = this.cursor.nested(() => this.#signed())
    const span = { start, end: of.end }
    if (op === '-' && of.is === 'number' && !of.text.startsWith('-')) {
      const value = numeric(of.value)!
      if (value !== 0 && typeof of.value === 'number')
        return this.postfix({ is: 'number', text: `-${of.text}`, value: -value, ...span })
    }
    return this.postfix({ is: 'sign', op, of, ...span })
  }

  /** A name, a literal, or what stands in brackets. */
  primary(): Jinja {
    const { cursor } = this
    const token = cursor.next
    const { start, end } = token
    switch (token.kind) {
      case 'name':
        cursor.take()
        return CONSTANTS.has(token.text)
          ? { is: 'constant', name: token.text, value: CONSTANTS.get(token.text)!, start, end }
          : { is: 'name', name: token.text, start, end }
      case 'string':
        return this.#texts()
      case 'integer':
      case 'float':
        cursor.take()
        return { is: 'number', text: token.text, value: token.value, start, end }
      default:
    }
    if (cursor.takeOperator('(')) return this.#parentheses(start)
    if (cursor.takeOperator('[')) return this.#list(start)
    if (cursor.takeOperator('{')) return this.#dict(start)
    return cursor.expected('a value')
  }

  /** Texts that follow each other are one. */
  #texts(): Jinja {
    const { cursor } = this
    const { start } = cursor.next
    const parts: string[] = []
    while (cursor.next.kind === 'string') parts.push(cursor.take().text)
    return { is: 'text', value: parts.join(''), start, end: cursor.end }
  }

  #parentheses(start: number): Jinja {
    const { cursor } = this
    if (cursor.takeOperator(')')) return { is: 'tuple', items: [], start, end: cursor.end }
    const inner = this.tuple(true, () => false)
    cursor.needOperator(')', 'after this')
    return { ...inner, start, end: cursor.end }
  }

  #list(start: number): Jinja {
    const { cursor } = this
    const items: Jinja[] = []
    while (!cursor.isOperator(']')) {
      items.push(this.expression())
      if (!cursor.takeOperator(',')) break
    }
    cursor.needOperator(']', 'or a comma after an element')
    return { is: 'list', items, start, end: cursor.end }
  }

  #dict(start: number): Jinja {
    const { cursor } = this
    const items: { key: Jinja; value: Jinja }[] = []
    while (!cursor.isOperator('}')) {
      const key = this.expression()
      cursor.needOperator(':', 'after a key')
      items.push({ key, value: this.expression() })
      if (!cursor.takeOperator(',')) break
    }
    cursor.needOperator('}', 'or a comma after an entry')
    return { is: 'dict', items, start, end: cursor.end }
  }

  /** What follows a value: .name, [item], (arguments). */
  postfix(value: Jinja): Jinja {
    const { cursor } = this
    let of = value
    for (let count = 0; ; this.#count(++count)) {
      if (cursor.takeOperator('.')) of = this.#member(of)
      else if (cursor.takeOperator('[')) of = this.#item(of)
      else if (cursor.isOperator('(')) of = this.#call(of)
      else return of
    }
  }

  #member(of: Jinja): Jinja {
    const token = this.cursor.next
    const span = { start: of.start, end: token.end }
    if (token.kind === 'integer') {
      this.cursor.take()
      const { text, value, start, end } = token
      return { is: 'item', of, key: { is: 'number', text, value, start, end }, ...span }
    }
    this.cursor.needName('a name or an index after the dot')
    return { is: 'attribute', of, name: token.text, ...span }
  }

  #item(of: Jinja): Jinja {
    const { cursor } = this
    const { start } = cursor.next
    const keys: Jinja[] = []
    while (!cursor.isOperator(']')) {
      keys.push(this.#subscript())
      if (!cursor.takeOperator(',')) break
    }
    const end = cursor.next.start
    if (keys.length === 0) cursor.expected('an index or a key')
    cursor.needOperator(']', 'after this')
    const key: Jinja = keys.length === 1 ? keys[0]! : { is: 'tuple', items: keys, start, end }
    return { is: 'item', of, key, start: of.start, end: cursor.end }
  }

  #subscript(): Jinja {
    const { cursor } = this
    const { start } = cursor.next
    const isEnd = () => cursor.isOperator(']') || cursor.isOperator(',')
    const from = cursor.isOperator(':') ? undefined : this.expression()
    if (!cursor.takeOperator(':')) return from!
    const to = cursor.isOperator(':') || isEnd() ? undefined : this.expression()
    const step = cursor.takeOperator(':') && !isEnd() ? this.expression() : undefined
    return { is: 'slice', from, to, step, start, end: cursor.end }
  }

  #call(of: Jinja): Jinja {
    return { is: 'call', of, ...this.arguments(), start: of.start, end: this.cursor.end }
  }

  /** `(…)` of a call, a filter or a test. */
  arguments(): Arguments {
    const { cursor } = this
    const args: Jinja[] = []
    const named = new Map<string, Jinja>()
    let rest: Jinja | undefined
    let more: Jinja | undefined
    cursor.needOperator('(', 'before arguments')
    while (!cursor.isOperator(')')) {
      const { start, end, kind, text } = cursor.next
      if (more) throw cursor.fault('nothing may follow **')
      if (cursor.takeOperator('*')) rest = this.expression()
      else if (cursor.takeOperator('**')) more = this.expression()
      else if (kind === 'name' && cursor.isOperator('=', cursor.after)) {
        cursor.take()
        cursor.take()
        if (named.has(text)) throw new Fault(`the argument ${text} is given twice`, start, end - start)
        named.set(text, this.expression())
      } else {
        if (named.size > 0 || rest) throw cursor.fault('arguments by position come before those by name')
        args.push(this.expression())
      }
      if (!cursor.takeOperator(',')) break
    }
    cursor.needOperator(')', 'or a comma after an argument')
    return { args, named, rest, more }
  }

  #filtered(value: Jinja): Jinja {
    const { cursor } = this
    let of = value
    for (let count = 0; ; this.#count(++count)) {
      if (cursor.takeOperator('|')) of = { is: 'filter', of, ...this.filter(), start: of.start }
      else if (cursor.takeName('is')) of = this.#test(of)
      else if (cursor.isOperator('(')) of = this.#call(of)
      else return of
    }
  }

  /** What stands after `|`. Its span is that of its name. */
  filter(): FilterCall {
    const { cursor } = this
    const span: Span = { start: cursor.next.start, end: cursor.next.end }
    const name = this.#dotted('the name of a filter')
    const called = cursor.isOperator('(') ? this.arguments() : { args: [], named: new Map<string, Jinja>() }
    return { name, ...called, ...span, end: cursor.end }
  }

  #dotted(what: string): string {
    let name = this.cursor.needName(what).text
    while (this.cursor.takeOperator('.')) name += `.${this.cursor.needName(what).text}`
    return name
  }

  #test(of: Jinja): Jinja {
    const { cursor } = this
    const negated = cursor.takeName('not')
    const name = this.#dotted('the name of a test')
    const given = this.#testArguments()
    const span = { start: of.start, end: cursor.end }
    const test: Jinja = { is: 'test', name, of, ...given, ...span }
    return negated ? { is: 'not', of: test, ...span } : test
  }

  /** With or without parentheses: `is divisibleby 3`. */
  #testArguments(): Arguments {
    const { cursor } = this
    if (cursor.isOperator('(')) return this.arguments()
    const begins =
      ['string', 'integer', 'float'].includes(cursor.next.kind) ||
      (cursor.next.kind === 'name' && !cursor.isName('else', 'or', 'and')) ||
      cursor.isOperator('[') ||
      cursor.isOperator('{')
    if (!begins || this.#isForeignName()) return { args: [], named: new Map() }
    if (cursor.isName('is')) throw cursor.fault('tests do not follow each other', 'write x is a and x is b')
    return { args: [this.postfix(this.primary())], named: new Map() }
  }

  /** `x is defined if y`, `x is defined not in y`: Jinja takes these names for the argument, and fails behind it. */
  #isForeignName(): boolean {
    return this.cursor.isName('if', 'in', 'not')
  }
}

const CONSTANTS = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
