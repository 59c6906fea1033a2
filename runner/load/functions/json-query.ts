import { compile, TreeInterpreter, TYPE_NUMBER, TYPE_STRING } from '@jmespath-community/jmespath'
import { spend } from '../budget.ts'
import {
  compare,
  compareText,
  entries,
  isDict,
  isFloat,
  isList,
  numeric,
  PythonObject,
  str,
} from '../jinja/value.ts'
import { filter, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

type Interpreter = typeof TreeInterpreter
type Node = ReturnType<typeof compile>
type Json = Parameters<Interpreter['search']>[1]

/** The functions of JMESPath as it is specified (jmespath.org); the library has more, which Ansible's has not. */
const FUNCTIONS = new Set(
  'abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with sum to_array to_number to_string type values'.split(
    ' ',
  ),
)

/** What the library reads beside what is specified. */
const OTHERS: ReadonlySet<string> = new Set([
  'LetExpression',
  'Variable',
  'Ternary',
  'Arithmetic',
  'Unary',
  'Root',
])

/** Counts its work, and reads own data alone. */
function makeInterpreter(): Interpreter {
  const made = new (TreeInterpreter.constructor as new () => Interpreter)()
  const table = made.runtime._functionTable
  for (const name of Object.keys(table)) if (!FUNCTIONS.has(name)) delete table[name]
  const keyOf = (by: Node) => made.runtime.createKeyFunction(by, [TYPE_NUMBER, TYPE_STRING])
  table.min_by!._func = ([items, by]: [Json[], Node]) => extreme(items, keyOf(by), -1)
  table.max_by!._func = ([items, by]: [Json[], Node]) => extreme(items, keyOf(by), 1)
  table.min!._func = ([items]: [Json[]]) => extreme(items, (item) => item, -1)
  table.max!._func = ([items]: [Json[]]) => extreme(items, (item) => item, 1)
  const visit = made.visit.bind(made)
  made.visit = (node, value) => {
    spend(2 + (Array.isArray(value) ? value.length >> 4 : 0))
    if (node.type === 'Field') return fieldOf(value, node.name)
    if (node.type === 'MultiSelectList' && value === null) return null
    if (node.type === 'Comparator' && Object.hasOwn(ORDERS, node.name))
      return inOrder(node.name, made.visit(node.left, value), made.visit(node.right, value))
    const found = visit(node, value)
    if (Array.isArray(found)) spend(found.length >> 1)
    return found
  }
  return made
}

function fieldOf(value: unknown, name: string): Json {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.hasOwn(value, name) ? ((value as Record<string, Json>)[name] ?? null) : null
}

const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  LT: (sign) => sign < 0,
  LTE: (sign) => sign <= 0,
  GT: (sign) => sign > 0,
  GTE: (sign) => sign >= 0,
}

/** Texts have an order as well, for Ansible's library. */
function inOrder(name: string, left: unknown, right: unknown): Json {
  if (typeof left === 'number' && typeof right === 'number') return ORDERS[name]!(left - right)
  if (typeof left === 'string' && typeof right === 'string') return ORDERS[name]!(compareText(left, right))
  return null
}

/** The first element with the least or the greatest key: texts are compared as well, and lists may be long. */
function extreme(items: readonly Json[], key: (item: Json) => Json, sign: 1 | -1): Json {
  let best: { item: Json; key: number | string } | undefined
  for (const item of items) {
    const own = key(item) as number | string
    if (!best || compare(own, best.key) * sign > 0) best = { item, key: own }
  }
  return best?.item ?? null
}

let interpreter: Interpreter | undefined

function jsonQuery(data: unknown, expression: string, call: FunctionCall): unknown {
  spend(expression.length)
  const node = parsed(expression, call)
  interpreter ??= makeInterpreter()
  try {
    return interpreter.search(node, jsonOf(data)) ?? null
  } catch (error) {
    return refused(error, call)
  }
}

function parsed(expression: string, call: FunctionCall): Node {
  let node: Node
  try {
    node = compile(expression)
  } catch (error) {
    return refused(error, call)
  }
  const open: unknown[] = [node]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const { type } = next as { type?: string }
    if (OTHERS.has(type ?? '')) call.fail('this is no JMESPath', 'see jmespath.org for what it has')
    // A literal is data.
    if (type !== 'Literal') open.push(...Object.values(next))
  }
  return node
}

/** Errors of the library, which it does not tell apart from others: a budget that is used up goes on. */
function refused(error: unknown, call: FunctionCall): never {
  if (!(error instanceof Error) || error.name === 'OverBudget') throw error
  if (error instanceof RangeError) throw error
  return call.fail(
    error.message.split('\n')[0]!.replace(/^Syntax error: /, ''),
    'the expression is JMESPath: jmespath.org',
  )
}

/** As JSON has it, without prototypes. */
function jsonOf(value: unknown): Json {
  spend(1)
  if (isList(value)) return value.map(jsonOf)
  if (isFloat(value)) return Number(numeric(value))
  if (isDict(value)) {
    const made = Object.create(null) as Record<string, Json>
    for (const [key, one] of entries(value)) made[str(key)] = jsonOf(one)
    return made
  }
  if (value instanceof PythonObject) return str(value)
  return (value ?? null) as Json
}

export const JSON_QUERY: readonly LibraryFunction[] = [
  filter(
    'json_query community.general.json_query(expr)',
    "users | json_query('[?uid > `999`].name')",
    'what an expression of JMESPath finds',
    ([data, expression], call) => jsonQuery(data, requireText(expression), call),
  ),
]
