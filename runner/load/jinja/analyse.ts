import type { Arguments, Body, Jinja, Parameter, Statement, Target } from './ast.ts'
import { GLOBALS } from './globals.ts'
import { CHANGING } from './methods/dict.ts'

/** What a template reads and calls. */
export interface Uses {
  /** Variables that it does not set itself. `vars` where it may read any. */
  roots: Set<string>
  /** Filters, tests and functions. */
  calls: Set<string>
  /** Whether it may change a value, or brings in templates that may. */
  changes: boolean
}

/** Lookups that read variables whose names are not written down. */
const READS_ANY = new Set(['vars', 'varnames', 'template', 'config', 'first_found'])

class Walker {
  readonly uses: Uses = { roots: new Set(), calls: new Set(), changes: false }
  /** Names that are set around here, innermost last. */
  #bound: Set<string>[] = [new Set(['loop', 'self', 'super', 'caller', 'varargs', 'kwargs'])]

  within(work: () => void): void {
    this.#bound.push(new Set())
    work()
    this.#bound.pop()
  }

  body(body: Body): void {
    for (const statement of body) this.#statement(statement)
  }

  #bind(target: Target): void {
    if (target.is === 'name') this.#bound.at(-1)!.add(target.name)
    else if (target.is === 'member') this.#read(target.of)
    else for (const item of target.items) this.#bind(item)
  }

  #read(name: string): void {
    if (!this.#bound.some((names) => names.has(name)) && !GLOBALS.has(name)) this.uses.roots.add(name)
  }

  #params(params: readonly Parameter[]): void {
    for (const { name, fallback } of params) {
      if (fallback) this.expression(fallback)
      this.#bound.at(-1)!.add(name)
    }
  }

  #includes(): void {
    this.uses.roots.add('vars')
    this.uses.changes = true
  }

  #statement(node: Statement): void {
    const bound = this.#bound.at(-1)!
    for (const part of expressionsOf(node)) this.expression(part)
    if ('filters' in node) for (const filter of node.filters) this.#filter(filter)
    if (node.is === 'macro') bound.add(node.name)
    if (['include', 'import', 'from', 'extends'].includes(node.is)) this.#includes()
    if (node.is === 'import') bound.add(node.as)
    if (node.is === 'from') for (const { as } of node.names) bound.add(as)
    if (node.is === 'if') for (const { body } of node.branches) this.body(body)
    if ('body' in node)
      this.within(() => {
        if ('params' in node) this.#params(node.params)
        if (node.is === 'with') for (const { target } of node.pairs) this.#bind(target)
        if (node.is === 'for') {
          this.#bind(node.target)
          if (node.condition) this.expression(node.condition)
        }
        this.body(node.body)
      })
    // An `else` of a loop has its own names, those of an `if` are of who is around.
    if (node.is === 'if') this.body(node.otherwise)
    if (node.is === 'for') this.within(() => this.body(node.otherwise))
    if (node.is === 'set' || node.is === 'set_block') this.#bind(node.target)
  }

  #filter(node: { name: string } & Arguments): void {
    this.uses.calls.add(node.name)
    for (const arg of givenOf(node)) this.expression(arg)
  }

  expression(node: Jinja): void {
    if (node.is === 'name') this.#read(node.name)
    if (node.is === 'attribute' && CHANGING.has(node.name)) this.uses.changes = true
    if (node.is === 'item' && node.key.is === 'text' && CHANGING.has(node.key.value)) this.uses.changes = true
    if (node.is === 'filter' || node.is === 'test') this.uses.calls.add(node.name)
    if (node.is === 'call') this.#called(node.of, node.args[0])
    for (const part of partsOf(node)) this.expression(part)
  }

  #called(of: Jinja, first: Jinja | undefined): void {
    if (of.is !== 'name' || !GLOBALS.has(of.name)) return
    this.uses.calls.add(of.name)
    if (!['lookup', 'query', 'q'].includes(of.name)) return
    const name = first?.is === 'text' ? first.value.replace(/^ansible\.(?:builtin|legacy)\./, '') : undefined
    if (name === undefined || READS_ANY.has(name)) this.uses.roots.add('vars')
  }
}

/** What is evaluated where the statement stands, but its filters and what a loop sets before. */
function expressionsOf(node: Statement): Jinja[] {
  switch (node.is) {
    case 'print':
    case 'do':
    case 'set':
      return [node.value]
    case 'if':
      return node.branches.map(({ condition }) => condition)
    case 'for':
      return [node.of]
    case 'call_block':
      return [node.call]
    case 'with':
      return node.pairs.map(({ value }) => value)
    case 'include':
    case 'import':
    case 'from':
    case 'extends':
      return [node.template]
    default:
      return []
  }
}

const present = (parts: (Jinja | undefined)[]): Jinja[] => parts.filter((part) => part !== undefined)

const givenOf = ({ args, named, rest, more }: Arguments): Jinja[] =>
  present([...args, ...named.values(), rest, more])

function partsOf(node: Jinja): Jinja[] {
  switch (node.is) {
    case 'list':
    case 'tuple':
      return node.items
    case 'dict':
      return node.items.flatMap(({ key, value }) => [key, value])
    case 'attribute':
    case 'not':
    case 'sign':
      return [node.of]
    case 'item':
      return [node.of, node.key]
    case 'slice':
      return present([node.from, node.to, node.step])
    case 'call':
    case 'filter':
    case 'test':
      return [node.of, ...givenOf(node)]
    case 'binary':
      return [node.left, node.right]
    case 'compare':
      return [node.left, ...node.rest.map(({ right }) => right)]
    case 'choice':
      return present([node.condition, node.yes, node.no])
    default:
      return []
  }
}

export function usesOfBody(body: Body): Uses {
  const walker = new Walker()
  walker.body(body)
  return walker.uses
}

export function usesOfExpression(node: Jinja): Uses {
  const walker = new Walker()
  walker.expression(node)
  return walker.uses
}
