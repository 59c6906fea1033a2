import { didYouMean } from '../nearest.ts'
import { Fault } from '../template/fault.ts'
import type { Body, FilterCall, Jinja, Parameter, Span, Statement, Target } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { ExpressionParser } from './expression.ts'
import type { Token } from './tokens.ts'

/** A statement that waits for its end. */
interface Open {
  name: string
  at: Token
  ends: readonly string[]
}

/** Reads whole templates (template designer documentation, List of Control Structures). @throws {Fault} */
export class StatementParser {
  readonly #expressions: ExpressionParser
  readonly #open: Open[] = []
  #loops = 0

  constructor(readonly cursor: Cursor) {
    this.#expressions = new ExpressionParser(cursor)
  }

  template(): Body {
    return this.#body([])
  }

  /** Up to one of the ends, whose name is the next token then. */
  #body(ends: readonly string[]): Body {
    const { cursor } = this
    const body: Body = []
    for (;;) {
      const token = cursor.take()
      const { start, end } = token
      if (token.kind === 'end') {
        this.#requireEnded()
        return body
      }
      if (token.kind === 'data') body.push({ is: 'data', text: token.text, start, end })
      else if (token.kind === 'variable_begin') body.push(this.#print(start))
      else {
        if (cursor.isName(...ends)) return body
        body.push(cursor.nested(() => this.#statement()))
        this.#endTag('this statement')
      }
    }
  }

  #requireEnded(): void {
    const open = this.#open.at(-1)
    if (!open) return
    const { name, at, ends } = open
    throw new Fault(
      `{% ${name} %} is not closed`,
      at.start,
      at.end - at.start,
      `close it with {% ${ends.at(-1)} %}`,
    )
  }

  #endTag(what: string): void {
    if (this.cursor.next.kind !== 'block_end') this.cursor.expected(`the end of ${what}`)
    this.cursor.take()
  }

  #print(start: number): Statement {
    const { cursor } = this
    if (cursor.next.kind === 'variable_end') cursor.expected('an expression')
    const value = this.#tuple(true)
    if (cursor.next.kind !== 'variable_end') cursor.expected('an operator or the end of the expression')
    cursor.take()
    return { is: 'print', value, start, end: cursor.end }
  }

  #tuple = (withChoice: boolean, ends: () => boolean = () => false): Jinja =>
    this.#expressions.tuple(withChoice, ends)

  #statement(): Statement {
    const token = this.cursor.needName('the name of a statement')
    const read = Object.hasOwn(this.#statements, token.text) ? this.#statements[token.text] : undefined
    if (!read) this.#unknown(token)
    return { ...read(token), start: token.start, end: this.cursor.end }
  }

  #unknown(token: Token): never {
    const open = this.#open.at(-1)
    const closes = open && `{% ${open.name} %} is open: close it with {% ${open.ends.at(-1)} %}`
    if (token.text.startsWith('end') || token.text === 'else' || token.text === 'elif')
      throw this.cursor.fault(`{% ${token.text} %} closes nothing here`, closes, token)
    const hint = didYouMean(token.text, Object.keys(this.#statements), closes)
    throw this.cursor.fault(`there is no statement ${token.text}`, hint, token)
  }

  readonly #statements: Readonly<Record<string, (at: Token) => DistributiveOmit<Statement, keyof Span>>> = {
    if: (at) => this.#if(at),
    for: (at) => this.#for(at),
    set: (at) => this.#set(at),
    macro: (at) => this.#macro(at),
    call: (at) => this.#callBlock(at),
    filter: (at) => ({
      is: 'filter_block',
      filters: this.#filters(true),
      body: this.#inner(at, 'endfilter'),
    }),
    with: (at) => this.#with(at),
    autoescape: (at) => {
      this.#expressions.expression()
      return { is: 'scope', body: this.#inner(at, 'endautoescape') }
    },
    include: () => this.#include(),
    import: () => this.#import(),
    from: () => this.#from(),
    block: (at) => this.#block(at),
    extends: () => ({ is: 'extends', template: this.#expressions.expression() }),
    do: () => ({ is: 'do', value: this.#tuple(true) }),
    print: () => ({ is: 'scope', body: this.#prints() }),
    break: (at) => this.#leave('break', at),
    continue: (at) => this.#leave('continue', at),
  }

  #prints(): Body {
    const body: Body = []
    do {
      const value = this.#expressions.expression()
      body.push({ is: 'print', value, start: value.start, end: value.end })
    } while (this.cursor.takeOperator(','))
    return body
  }

  #leave(is: 'break' | 'continue', at: Token): { is: 'break' | 'continue' } {
    if (this.#loops === 0) throw this.cursor.fault(`${is} stands in no loop`, undefined, at)
    return { is }
  }

  /** The body of a statement, with its end. */
  #inner(at: Token, ...ends: string[]): Body {
    const body = this.#until(at, ends)
    this.cursor.take()
    return body
  }

  /** The body of a statement; its end, of which there are several, is the next token. */
  #until(at: Token, ends: readonly string[]): Body {
    this.cursor.takeOperator(':')
    this.#endTag(`{% ${at.text} %}`)
    this.#open.push({ name: at.text, at, ends })
    const body = this.#body(ends)
    this.#open.pop()
    return body
  }

  #if(at: Token): DistributiveOmit<Statement, keyof Span> {
    const branches: { condition: Jinja; body: Body }[] = []
    for (;;) {
      const condition = this.#tuple(false)
      branches.push({ condition, body: this.#until(at, ['elif', 'else', 'endif']) })
      const end = this.cursor.take().text
      if (end === 'elif') continue
      return { is: 'if', branches, otherwise: end === 'else' ? this.#inner(at, 'endif') : [] }
    }
  }

  #for(at: Token): DistributiveOmit<Statement, keyof Span> {
    const { cursor } = this
    const target = this.#target(() => cursor.isName('in'))
    if (!cursor.takeName('in')) cursor.expected('in after the name', 'write {% for x in list %}')
    const of = this.#tuple(false, () => cursor.isName('recursive'))
    const condition = cursor.takeName('if') ? this.#expressions.expression() : undefined
    const recursive = cursor.takeName('recursive')
    this.#loops++
    const body = this.#until(at, ['else', 'endfor'])
    this.#loops--
    const otherwise = cursor.take().text === 'else' ? this.#inner(at, 'endfor') : []
    return { is: 'for', target, of, condition, recursive, body, otherwise }
  }

  #set(at: Token): DistributiveOmit<Statement, keyof Span> {
    const target = this.#target(() => this.cursor.isOperator('='), true)
    if (this.cursor.takeOperator('=')) return { is: 'set', target, value: this.#tuple(true) }
    return { is: 'set_block', target, filters: this.#filters(false), body: this.#inner(at, 'endset') }
  }

  /** `| a | b`; with `first` the first one without its sign. */
  #filters(first: boolean): FilterCall[] {
    const filters: FilterCall[] = first ? [this.#expressions.filter()] : []
    while (this.cursor.takeOperator('|')) filters.push(this.#expressions.filter())
    return filters
  }

  #target(ends: () => boolean, withMember = false): Target {
    const { cursor } = this
    const { start } = cursor.next
    const items: Target[] = [this.#oneTarget(withMember)]
    if (!cursor.isOperator(',')) return items[0]!
    while (cursor.takeOperator(',')) {
      if (ends() || cursor.next.kind === 'block_end' || cursor.isOperator(')')) break
      items.push(this.#oneTarget(withMember))
    }
    return { is: 'tuple', items, start, end: cursor.end }
  }

  #oneTarget(withMember: boolean): Target {
    const { cursor } = this
    const { start } = cursor.next
    if (cursor.takeOperator('(')) {
      const inner = cursor.nested(() => this.#target(() => false, withMember))
      cursor.needOperator(')', 'after the names')
      return inner
    }
    const token = cursor.needName('a name to set')
    const { text, end } = token
    if (RESERVED.has(text)) throw cursor.fault(`${text} cannot be set`, 'choose another name', token)
    if (!withMember || !cursor.takeOperator('.')) return { is: 'name', name: text, start, end }
    const member = cursor.needName('a name after the dot')
    return { is: 'member', of: text, name: member.text, start, end: member.end }
  }

  #name(what: string): string {
    const target = this.#oneTarget(false)
    if (target.is !== 'name') throw new Fault(`expected ${what}`, target.start, target.end - target.start)
    return target.name
  }

  #params(): Parameter[] {
    const { cursor } = this
    const params: Parameter[] = []
    cursor.needOperator('(', 'before parameters')
    while (!cursor.isOperator(')')) {
      const at = cursor.next
      const name = this.#name('the name of a parameter')
      const fallback = cursor.takeOperator('=') ? this.#expressions.expression() : undefined
      if (params.some((param) => param.name === name))
        throw cursor.fault(`the parameter ${name} is there twice`, undefined, at)
      if (!fallback && params.at(-1)?.fallback)
        throw cursor.fault('parameters without a default come first', `write ${name}=none`, at)
      params.push({ name, fallback })
      if (!cursor.takeOperator(',')) break
    }
    cursor.needOperator(')', 'or a comma after a parameter')
    return params
  }

  #macro(at: Token): DistributiveOmit<Statement, keyof Span> {
    const name = this.#name('the name of the macro')
    const params = this.#params()
    return { is: 'macro', name, params, body: this.#unlooped(() => this.#inner(at, 'endmacro')) }
  }

  /** A break or continue in there does not reach the loop around. */
  #unlooped<T>(read: () => T): T {
    const loops = this.#loops
    this.#loops = 0
    const made = read()
    this.#loops = loops
    return made
  }

  #callBlock(at: Token): DistributiveOmit<Statement, keyof Span> {
    const params = this.cursor.isOperator('(') ? this.#params() : []
    const call = this.#expressions.expression()
    if (call.is !== 'call')
      throw new Fault('a call is expected here', call.start, call.end - call.start, 'write {% call name() %}')
    return { is: 'call_block', params, call, body: this.#unlooped(() => this.#inner(at, 'endcall')) }
  }

  #with(at: Token): DistributiveOmit<Statement, keyof Span> {
    const { cursor } = this
    const pairs: { target: Target; value: Jinja }[] = []
    while (cursor.next.kind !== 'block_end' && !cursor.isOperator(':')) {
      const target = this.#target(() => cursor.isOperator('='))
      cursor.needOperator('=', 'after the name')
      pairs.push({ target, value: this.#expressions.expression() })
      if (!cursor.takeOperator(',')) break
    }
    return { is: 'with', pairs, body: this.#inner(at, 'endwith') }
  }

  #context(otherwise: boolean): boolean {
    const { cursor } = this
    if (!cursor.isName('with', 'without') || cursor.after.text !== 'context') return otherwise
    const { text } = cursor.take()
    cursor.take()
    return text === 'with'
  }

  #include(): DistributiveOmit<Statement, keyof Span> {
    const { cursor } = this
    const template = this.#expressions.expression()
    const ignoreMissing = cursor.isName('ignore') && cursor.after.text === 'missing'
    if (ignoreMissing) {
      cursor.take()
      cursor.take()
    }
    return { is: 'include', template, ignoreMissing, withContext: this.#context(true) }
  }

  #import(): DistributiveOmit<Statement, keyof Span> {
    const template = this.#expressions.expression()
    if (!this.cursor.takeName('as')) this.cursor.expected('as and a name')
    const as = this.#name('a name')
    return { is: 'import', template, as, withContext: this.#context(false) }
  }

  #from(): DistributiveOmit<Statement, keyof Span> {
    const { cursor } = this
    const template = this.#expressions.expression()
    if (!cursor.takeName('import')) cursor.expected('import and names')
    const names: { name: string; as: string }[] = []
    do {
      if (cursor.isName('with', 'without') && cursor.after.text === 'context') break
      const at = cursor.next
      const name = this.#name('the name of a macro')
      if (name.startsWith('_'))
        throw cursor.fault(`${name} is of that template alone`, 'names with _ are not imported', at)
      names.push({ name, as: cursor.takeName('as') ? this.#name('a name') : name })
    } while (cursor.takeOperator(','))
    return { is: 'from', template, names, withContext: this.#context(false) }
  }

  #block(at: Token): DistributiveOmit<Statement, keyof Span> {
    const { cursor } = this
    const name = cursor.needName('the name of the block').text
    const scoped = cursor.takeName('scoped')
    const required = cursor.takeName('required')
    const body = this.#unlooped(() => this.#inner(at, 'endblock'))
    if (required && body.some((part) => part.is !== 'data' || part.text.trim() !== ''))
      throw cursor.fault('a required block holds nothing but white space', undefined, at)
    cursor.takeName(name)
    return { is: 'block', name, scoped, required, body }
  }
}

/** Omit, of each alternative of a union. */
type DistributiveOmit<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never

const RESERVED = new Set(['true', 'false', 'none', 'True', 'False', 'None', 'not'])
