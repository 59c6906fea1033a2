import { OverBudget, requireLength, spend } from '../budget.ts'
import type { BinaryOperator } from './ast.ts'
import { formatPercent } from './percent.ts'
import {
  compare,
  described,
  equals,
  float,
  hasKey,
  int,
  isDict,
  isFloat,
  iterate,
  keyOf,
  numeric,
  PythonObject,
  str,
  Tuple,
  typeName,
  ValueFault,
} from './value.ts'

type Operation = (left: unknown, right: unknown) => unknown

/** Python's operators on values; `and` and `or` are not among them, they do not always look at both. */
export const OPERATIONS: Readonly<Record<Exclude<BinaryOperator, 'and' | 'or'>, Operation>> = {
  '==': equals,
  '!=': (a, b) => !equals(a, b),
  '<': (a, b) => compare(a, b, '<') < 0,
  '<=': (a, b) => compare(a, b, '<=') <= 0,
  '>': (a, b) => compare(a, b, '>') > 0,
  '>=': (a, b) => compare(a, b, '>=') >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
  '+': (a, b) => arithmetic('+', a, b) ?? join(a, b) ?? other('+', a, b),
  '-': (a, b) => arithmetic('-', a, b) ?? other('-', a, b),
  '*': (a, b) => arithmetic('*', a, b) ?? repeat(a, b) ?? repeat(b, a) ?? other('*', a, b),
  '/': (a, b) => arithmetic('/', a, b) ?? other('/', a, b),
  '//': (a, b) => arithmetic('//', a, b) ?? other('//', a, b),
  '%': (a, b) => (typeof a === 'string' ? formatPercent(a, b) : (arithmetic('%', a, b) ?? other('%', a, b))),
  '**': (a, b) => arithmetic('**', a, b) ?? other('**', a, b),
  '~': (a, b) => {
    const text = str(a) + str(b)
    requireLength(text.length)
    return text
  },
}

type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**'

function other(op: string, a: unknown, b: unknown): unknown {
  const made =
    (a instanceof PythonObject ? a.binary(op, b, false) : undefined) ??
    (b instanceof PythonObject ? b.binary(op, a, true) : undefined)
  if (made !== undefined) return made
  const types = new Set([typeName(a), typeName(b)])
  const hint =
    types.has('str') && (types.has('int') || types.has('float'))
      ? 'join texts with ~, or make a number of the text with | int'
      : types.has('dict') && op === '+'
        ? 'dicts are merged with | combine(…)'
        : undefined
  throw new ValueFault(`${op} has no meaning between ${described(a)} and ${described(b)}`, hint)
}

function join(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') {
    requireLength(a.length + b.length)
    return a + b
  }
  if (!Array.isArray(a) || !Array.isArray(b) || a instanceof Tuple !== b instanceof Tuple) return undefined
  spend((a.length + b.length) >> 2)
  return a instanceof Tuple ? Tuple.holding([...a, ...b]) : [...a, ...b]
}

function repeat(value: unknown, count: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined
  const number = numeric(count)
  if (number === undefined || isFloat(count)) return undefined
  const times = Math.max(0, Number(number))
  if (typeof value === 'string') {
    requireLength(value.length * times)
    return value.repeat(times)
  }
  spend(value.length * times)
  const made: unknown[] = value instanceof Tuple ? new Tuple() : []
  for (let index = 0; index < times; index++) for (const item of value) made.push(item)
  return made
}

/** undefined where one of them is no number */
function arithmetic(op: Arithmetic, a: unknown, b: unknown): unknown {
  const left = numeric(a)
  const right = numeric(b)
  if (left === undefined || right === undefined) return undefined
  if (op !== '/' && !isFloat(a) && !isFloat(b)) return ofInts(op, left, right)
  return ofFloats(op, Number(left), Number(right))
}

function ofInts(op: Exclude<Arithmetic, '/'>, a: number | bigint, b: number | bigint): unknown {
  if ((op === '//' || op === '%') && Number(b) === 0) throw byZero()
  if (op === '**' && b < 0) return ofFloats(op, Number(a), Number(b))
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = quickInt(op, a, b)
    if (quick !== undefined && Number.isSafeInteger(quick)) return quick + 0
  }
  return int(bigInt(op, BigInt(a), BigInt(b)))
}

function quickInt(op: Exclude<Arithmetic, '/'>, a: number, b: number): number | undefined {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '%':
      return modulo(a, b)
    case '//':
      return (a - modulo(a, b)) / b
    default:
      return undefined
  }
}

/** With the sign of the divisor, as Python's. */
function modulo(a: number, b: number): number {
  const rest = a % b
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
}

/** Digits of a number, in bits: none that anybody needs is longer. */
const MOST_BITS = 100_000

const bits = (value: bigint): number => value.toString(16).length * 4

function bigInt(op: Exclude<Arithmetic, '/'>, a: bigint, b: bigint): bigint {
  if (op === '*' && bits(a) + bits(b) > MOST_BITS) throw tooLong()
  if (op === '**' && (a > 1n || a < -1n) && (b > BigInt(MOST_BITS) || bits(a) * Number(b) > MOST_BITS * 4))
    throw tooLong()
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '**':
      // Of 1, 0 and -1 every power is known without computing it.
      return a > 1n || a < -1n ? a ** b : b === 0n ? 1n : b % 2n === 0n ? a * a : a
    default: {
      const rest = a % b
      const python = rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
      return op === '%' ? python : (a - python) / b
    }
  }
}

const tooLong = (): OverBudget => new OverBudget(`a number of more than ${MOST_BITS} bits`)
const byZero = (): ValueFault => new ValueFault('this divides by zero')

function ofFloats(op: Arithmetic, a: number, b: number): unknown {
  switch (op) {
    case '+':
      return float(a + b)
    case '-':
      return float(a - b)
    case '*':
      return float(a * b)
    case '/':
      if (b === 0) throw byZero()
      return float(a / b)
    case '**':
      return power(a, b)
    default: {
      if (b === 0) throw byZero()
      const rest = modulo(a, b)
      // A rest of zero has the divisor's sign.
      const python = rest === 0 ? (b < 0 ? -0 : 0) : rest
      return float(op === '%' ? python : Math.round((a - rest) / b))
    }
  }
}

function power(a: number, b: number): unknown {
  if (a === 0 && b < 0) throw byZero()
  if (a < 0 && !Number.isInteger(b)) throw new ValueFault('a root of a negative number is no number here')
  const made = a === 1 || b === 0 ? 1 : a ** b
  if (!Number.isFinite(made) && Number.isFinite(a) && Number.isFinite(b))
    throw new ValueFault('the result is too large for a float')
  return float(made)
}

/** `-x` and `+x`. */
export function signed(op: '-' | '+', value: unknown): unknown {
  const number = numeric(value)
  if (number === undefined) throw new ValueFault(`${op} before ${described(value)} has no meaning`)
  if (isFloat(value)) return float(op === '-' ? -Number(number) : Number(number))
  return int(op === '-' ? -number : number)
}

/** `item in container`. */
function contains(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw new ValueFault(`a text holds texts alone, it is asked for ${described(item)}`)
    spend(container.length >> 6)
    return container.includes(item)
  }
  if (isDict(container)) {
    // For what can be no key this is an error.
    keyOf(item)
    return hasKey(container, item)
  }
  const items = iterate(container)
  if (items === undefined)
    throw new ValueFault(`in looks into lists, dicts and texts, but this is ${described(container)}`)
  for (const one of items) {
    spend(1)
    if (equals(one, item)) return true
  }
  return false
}
