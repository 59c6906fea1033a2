import type { Jinja } from './ast.ts'
import { parseExpression } from './parse.ts'
import { dictOf, Tuple, ValueFault } from './value.ts'

/** A parameter of Python's: its default is made anew for each call. */
interface Parameter {
  name: string
  fallback?: () => unknown
}

/** A signature as Python writes it between parentheses. */
export interface Signature {
  params: readonly Parameter[]
  rest?: string
  more?: string
}

export type Named = Readonly<Record<string, unknown>>

const parsed = new Map<string, Signature>()

/** @param text 'attribute=None, default=None, *rest, **named' */
export function signature(text: string): Signature {
  const known = parsed.get(text)
  if (known) return known
  const made = parse(text)
  parsed.set(text, made)
  return made
}

function parse(text: string): Signature {
  if (text.trim() === '') return { params: [] }
  const params: Parameter[] = []
  let rest: string | undefined
  let more: string | undefined
  // The grammar of arguments is that of parameters, but for the stars.
  const starred = text.replace(
    /(\*{1,2})(\w+)/g,
    (_, { length }: string, name: string) => `_${length}_${name}=None`,
  )
  const call = parseExpression(`f(${starred})`)
  if (call.is !== 'call') throw new Error(`no signature: ${text}`)
  for (const arg of call.args) params.push({ name: arg.is === 'name' ? arg.name : '' })
  for (const [name, value] of call.named) {
    if (name.startsWith('_1_')) rest = name.slice(3)
    else if (name.startsWith('_2_')) more = name.slice(3)
    else params.push({ name, fallback: () => constant(value) })
  }
  return { params, rest, more }
}

/** The value of what is no more than a literal. */
function constant(node: Jinja): unknown {
  switch (node.is) {
    case 'text':
    case 'number':
    case 'constant':
      return node.value
    case 'list':
      return node.items.map(constant)
    case 'tuple':
      return Tuple.holding(node.items.map(constant))
    case 'dict':
      return dictOf(node.items.map(({ key, value }) => [constant(key), constant(value)] as const))
    default:
      throw new Error('a default is a literal')
  }
}

/**
 * Arguments in the order of the parameters, defaults filled in; behind them the list of `*rest` and the dict of `**more`.
 * @throws {ValueFault} where they do not fit
 */
export function bind(
  { params, rest, more }: Signature,
  args: readonly unknown[],
  named: Named,
  name: string,
): unknown[] {
  const bound: unknown[] = []
  const used = new Set<string>()
  for (const [index, param] of params.entries()) {
    const isNamed = Object.hasOwn(named, param.name)
    if (index < args.length) {
      if (isNamed) throw new ValueFault(`${name} is given ${param.name} twice`)
      bound.push(args[index])
    } else if (isNamed) {
      used.add(param.name)
      bound.push(named[param.name])
    } else if (param.fallback) bound.push(param.fallback())
    else throw new ValueFault(`${name} needs the argument ${param.name}`)
  }
  if (rest !== undefined) bound.push(args.slice(params.length))
  else if (args.length > params.length)
    throw new ValueFault(`${name} takes ${counted(params.length)}, but it is given ${args.length}`)
  const others = Object.keys(named).filter((key) => !used.has(key))
  if (more !== undefined) bound.push(Object.fromEntries(others.map((key) => [key, named[key]])))
  else if (others.length > 0)
    throw new ValueFault(
      `${name} has no argument ${others[0]}`,
      params.length > 0
        ? `it takes ${params.map((param) => param.name).join(', ')}`
        : 'it takes none by name',
    )
  return bound
}

const counted = (count: number): string =>
  count === 0 ? 'no argument' : count === 1 ? '1 argument' : `${count} arguments`
