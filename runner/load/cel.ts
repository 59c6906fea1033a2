import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { OverBudget, spend, withBudget } from './budget.ts'
import { compileRegex, RegexFault } from './regex.ts'
import type { Scope } from './scope.ts'

/** A CEL expression that parsed and whose types fit. */
export interface Cel {
  roots: readonly string[]
  /** Names that CEL keeps for types (`list`, `string`), which hide variables. */
  types: readonly string[]
  /** CEL's name of the result's type as far as it is known before: 'bool', 'dyn', … */
  type: string
  /** @throws EvaluationError of the library, PlayError of a variable, {UnknownError}, {OverBudget} */
  run(scope: Scope): unknown
}

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  // Built in only where a type is not known before.
  .registerOperator('int == double', (a: bigint, b: number) => Number(a) === b)

/** What the library evaluates with: every part of an expression goes through the first two. */
interface Evaluator {
  run(ast: Node, context: unknown): unknown
  tryEval(ast: Node, context: unknown): unknown
  createError(code: string, message: string, ast: Node): Error
  /** The type of a value, of whose parts it looks at the first. */
  debugTypeDeep(value: unknown): unknown
  registry: { getMapType(key: unknown, value: unknown): unknown }
}
type Evaluate = (evaluator: Evaluator, ast: Node, context: unknown) => unknown
type Node = ASTNode & { evaluate: Evaluate; setMeta(key: 'evaluate', value: Evaluate): void }

/** Counts what is evaluated; the library has no limit of its own. It hands its evaluator to every node. */
function limit(): void {
  const parsed = environment.parse('true')
  ;(parsed.ast as Node).setMeta('evaluate', (evaluator) => {
    evaluator.run = (ast, context) => {
      spend(1)
      const value = ast.evaluate(evaluator, ast, context)
      if (typeof value === 'string') spend(value.length >> 6)
      else if (Array.isArray(value) && !GROWING.has(ast.op)) spend(value.length >> 3)
      return value
    }
    evaluator.tryEval = (ast, context) => {
      try {
        return evaluator.run(ast, context)
      } catch (error) {
        // Where other elements may still decide, the library goes on after an error; not after this one.
        if (error instanceof OverBudget) throw error
        return error
      }
    }
    const typeOf = evaluator.debugTypeDeep.bind(evaluator)
    // To have the first entry, JavaScript would describe all: of a scope, each variable would be looked for.
    evaluator.debugTypeDeep = (value) => {
      const raw = rawOf(value)
      const first = raw && Reflect.ownKeys(raw).find((key) => Object.hasOwn(raw, key))
      if (typeof first !== 'string') return typeOf(value)
      return evaluator.registry.getMapType(
        typeOf(first),
        evaluator.debugTypeDeep((value as Record<string, unknown>)[first]),
      )
    }
    return true
  })
  parsed({})
}

/** What hands on the list that a macro makes, at each of its elements. */
const GROWING: ReadonlySet<string> = new Set(['accuPush', 'accuValue', '?:'])

limit()

/** `matches` in linear time, instead of JavaScript's own expressions. */
function boundMatches(node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === 'matches' && node.args[2].length === 1) {
    const [, text, [pattern]] = node.args as [string, Node, [Node]]
    const whole = node as Node
    whole.setMeta('evaluate', (evaluator, _, context) => {
      const [where, what] = [evaluator.run(text, context), evaluator.run(pattern, context)]
      if (typeof where !== 'string' || typeof what !== 'string')
        throw evaluator.createError('no_such_overload', 'no such overload: matches() is for two texts', whole)
      try {
        return compileRegex(what).test(where)
      } catch (error) {
        if (!(error instanceof RegexFault)) throw error
        const hint = error.hint === undefined ? '' : `\n${error.hint}`
        throw evaluator.createError('invalid_regular_expression', error.message + hint, pattern)
      }
    })
  }
  for (const child of childrenOf(node.args)) boundMatches(child)
}

/** @throws ParseError or TypeError of the library */
export function parseCel(text: string): Cel {
  const parsed: ParseResult = environment.parse(text)
  boundMatches(parsed.ast)
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  const roots = new Set<string>()
  collectRoots(parsed.ast, [], roots)
  return {
    roots: [...roots].filter((root) => !environment.hasVariable(root)),
    types: [...roots].filter((root) => environment.hasVariable(root)),
    type: type ?? 'dyn',
    run: (scope) => withBudget(() => fromCel(parsed(view(scope)))),
  }
}

/** Names of functions and methods, for `did you mean`. */
export function celFunctions(): string[] {
  return [...new Set(environment.getDefinitions().functions.map(({ name }) => name))]
}

const BINDING_MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Every name that is a variable and not bound by a macro around it. */
function collectRoots(node: ASTNode, bound: readonly string[], roots: Set<string>): void {
  if (node.op === 'id') {
    if (!bound.includes(node.args)) roots.add(node.args)
    return
  }
  if (node.op === 'rcall') {
    const [method, receiver, [first, ...rest]] = node.args
    const isBind = method === 'bind' && receiver.op === 'id' && receiver.args === 'cel'
    if (first?.op === 'id' && (isBind || (BINDING_MACROS.has(method) && rest.length > 0))) {
      if (!isBind) collectRoots(receiver, bound, roots)
      for (const argument of rest) collectRoots(argument, [...bound, first.args], roots)
      return
    }
  }
  for (const child of childrenOf(node.args)) collectRoots(child, bound, roots)
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf)
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : []
}

// ── the boundary of values ───────────────────────────────────────────────────────────────────────────────────

const RAW = Symbol('raw')

/** As CEL wants it: whole numbers are integers (BigInt), mappings are converted key by key when they are read. */
function toCel(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value
    case 'symbol':
    case 'function':
      return undefined
    case 'object':
      if (value === null || value instanceof Date || ArrayBuffer.isView(value)) return value
      if (value instanceof Unknown) throw new UnknownError(value.why)
      if (!Array.isArray(value)) return view(value as Scope)
      spend(value.length)
      return value.map(toCel)
    default:
      return value
  }
}

const views = new WeakMap<object, object>()

function view(value: Scope): Record<string, unknown> {
  let made = views.get(value)
  if (!made) {
    made = new Proxy({ raw: value, bare: Object.getPrototypeOf(value) === null }, VIEW)
    views.set(value, made)
  }
  return made as Record<string, unknown>
}

/** Own data alone; the library takes an object without constructor for a mapping. */
const VIEW: ProxyHandler<{ raw: Scope; bare: boolean }> = {
  get: ({ raw }, key) => {
    if (key === RAW) return raw
    return typeof key === 'string' && Object.hasOwn(raw, key) && key !== 'constructor'
      ? toCel(raw[key])
      : undefined
  },
  has: ({ raw }, key) => Object.hasOwn(raw, key),
  ownKeys: ({ raw }) => Object.keys(raw),
  getOwnPropertyDescriptor: ({ raw }, key) =>
    Object.hasOwn(raw, key)
      ? { configurable: true, enumerable: true, get: () => toCel(raw[key as string]) }
      : undefined,
  getPrototypeOf: () => null,
}

/** What a view is of; undefined for anything else. */
const rawOf = (value: unknown): Scope | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { [RAW]?: Scope })[RAW]
    : undefined

function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  spend(1)
  if (Array.isArray(value)) return value.map(fromCel)
  const raw = rawOf(value)
  if (raw !== undefined) return raw
  // Unsigned integers, durations and types, which only expressions themselves make.
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fromCel(part)]))
}
