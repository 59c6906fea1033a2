import { readFileSync } from 'node:fs'
import { PlayError } from '../../runner/errors.ts'
import type { LibraryFunction } from '../../runner/load/functions/function.ts'
import { libraryOf } from '../../runner/load/jinja/library.ts'
import { compileJinjaExpression } from '../../runner/load/jinja/program.ts'
import { Captured } from '../../runner/load/jinja/run.ts'
import {
  Dict,
  Float,
  isDict,
  isFloat,
  numeric,
  PythonObject,
  repr,
  Tuple,
  Undefined,
} from '../../runner/load/jinja/value.ts'
import { Fault } from '../../runner/load/template/fault.ts'

/** One recorded case: a filter's name, or `is ` and a test's; values as test/oracle/functions.py writes them. */
export type OracleCase = [
  name: string,
  value: unknown,
  args: unknown[],
  named: Record<string, unknown>,
  answer: unknown,
]

export const recorded = (name: string): OracleCase[] =>
  JSON.parse(
    readFileSync(`test/oracle/${name}.json`, 'utf8').replaceAll('"$CWD', `"${process.cwd()}`),
  ) as OracleCase[]

interface Marked {
  $: string
  is: unknown
}

const isMarked = (value: unknown): value is Marked =>
  typeof value === 'object' && value !== null && '$' in value

/** A recorded value as templates have it; undefined is JavaScript's where a name has no value. */
function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded)
  if (isMarked(value)) {
    if (value.$ === 'undefined') return undefined
    if (value.$ === 'int') return BigInt(value.is as string)
    if (value.$ === 'float') return floatOf(value.is as string)
    if (value.$ === 'tuple') return Tuple.holding((value.is as unknown[]).map(decoded))
    if (value.$ === 'dict')
      return new Dict((value.is as [unknown, unknown][]).map(([key, one]) => [decoded(key), decoded(one)]))
    throw new Error(`no value: ${value.$}`)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decoded(one)]))
}

function floatOf(text: string): unknown {
  const number = Number(text.replace('inf', 'Infinity'))
  return Number.isInteger(number) ? new Float(number) : number
}

function encoded(value: unknown): unknown {
  if (value instanceof Captured) return 'E'
  if (value instanceof Undefined || value === undefined) return { $: 'undefined' }
  if (typeof value === 'bigint') return { $: 'int', is: String(value) }
  if (isFloat(value)) {
    const number = Number(numeric(value))
    return Number.isInteger(number) || !Number.isFinite(number) ? { $: 'float', is: repr(value) } : number
  }
  if (value instanceof Tuple) return { $: 'tuple', is: value.map(encoded) }
  if (Array.isArray(value)) return value.map(encoded)
  if (value instanceof PythonObject)
    return value.items() === undefined
      ? { $: value.type, is: value.str() }
      : { $: 'tuple', is: [...value.items()!].map(encoded) }
  if (value instanceof Date) return { $: 'date', is: repr(value) }
  if (value instanceof Dict)
    return [...value.keys()].every((key) => typeof key === 'string' && !/^\d+$/.test(key))
      ? Object.fromEntries([...value].map(([key, one]) => [key, encoded(one)]))
      : { $: 'dict', is: [...value].map(([key, one]) => [encoded(key), encoded(one)]) }
  if (!isDict(value)) return value
  const pairs = Object.entries(value)
  return pairs.every(([key]) => !/^\d+$/.test(key) && key !== '$')
    ? Object.fromEntries(pairs.map(([key, one]) => [key, encoded(one)]))
    : { $: 'dict', is: pairs.map(([key, one]) => [key, encoded(one)]) }
}

/** What the functions here make of a case; 'E' is an error with a place. */
export function played(
  functions: readonly LibraryFunction[],
  [name, value, args, named]: OracleCase,
): unknown {
  let seen: unknown = 'E'
  const see: LibraryFunction = {
    names: ['see__'],
    is: 'filter',
    params: '',
    summary: '',
    usage: '',
    takesUndefined: true,
    run: ([found]) => {
      seen = encoded(found)
      return 'seen'
    },
  }
  const scope: Record<string, unknown> = {}
  const put = (key: string, one: unknown): string => {
    const given = decoded(one)
    if (given !== undefined) scope[key] = given
    return key
  }
  put('v', value)
  const words = [
    ...args.map((one, index) => put(`a${index}`, one)),
    ...Object.entries(named).map(([key, one]) => `${key}=${put(`n${key}`, one)}`),
  ]
  const list = words.length > 0 ? `(${words.join(', ')})` : ''
  const text = name.startsWith('is ') ? `(v ${name}${list}) | see__` : `v | ${name}${list} | see__`
  try {
    compileJinjaExpression(text, { library: libraryOf([...functions, see]) }).run(scope, () => undefined)
    return seen
  } catch (error) {
    if (error instanceof PlayError || error instanceof Fault) return 'E'
    throw error
  }
}
