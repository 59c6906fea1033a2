import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import { didYouMean } from '../nearest.ts'
import { listSome } from '../template/paths.ts'
import { Builtin } from './callable.ts'
import { DICT } from './methods/dict.ts'
import { LIST, TUPLE } from './methods/list.ts'
import type { Method } from './methods/method.ts'
import { TEXT } from './methods/text.ts'
import { Missing, type Run } from './run.ts'
import { bind, signature } from './signature.ts'
import {
  characters,
  described,
  getKey,
  hasKey,
  isDict,
  isInt,
  keysOf,
  PythonObject,
  Tuple,
  Undefined,
  ValueFault,
} from './value.ts'

type AnyMethod = Method<never>

/** The method of that name that a value has. */
export function methodOf(value: unknown, name: string): AnyMethod | undefined {
  if (typeof value === 'string') return TEXT.get(name)
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Tuple) return TUPLE.get(name)
  if (Array.isArray(value)) return LIST.get(name)
  return isDict(value) ? DICT.get(name) : undefined
}

const bound = (value: unknown, name: string, method: AnyMethod): Builtin =>
  new Builtin(name, '*args, **named', ([args, named], run) =>
    method.body(
      value as never,
      bind(signature(method.params), args as unknown[], named as Record<string, unknown>, name),
      run,
    ),
  )

/** `value.name`: a method, else what it holds of that name. Own data alone; Undefined where there is none. */
export function attributeOf(run: Run, value: unknown, name: string): unknown {
  if (value instanceof Undefined) return value
  const method = methodOf(value, name)
  if (method) return bound(value, name, method)
  const found = held(run, value, name)
  return found === undefined ? missing(run, value, name) : found
}

/** `value[key]`: what it holds, else a method of that name. */
export function itemOf(run: Run, value: unknown, key: unknown): unknown {
  if (value instanceof Undefined) return value
  if (key instanceof Undefined) return key
  const found = held(run, value, key)
  if (found !== undefined) return found
  const method = typeof key === 'string' ? methodOf(value, key) : undefined
  return method ? bound(value, key as string, method) : missing(run, value, key)
}

/** undefined where there is nothing; null is None, which is a value */
function held(run: Run, value: unknown, key: unknown): unknown {
  if (value instanceof Unknown) throw new UnknownError(value.why)
  if (key instanceof Unknown) throw new UnknownError(key.why)
  if (typeof value === 'string') return isIndex(key) ? elementOf(characters(value), key) : undefined
  if (Array.isArray(value)) return isIndex(key) ? elementOf(value, key) : undefined
  if (value instanceof PythonObject)
    return typeof key === 'string'
      ? value.attribute(key)
      : isIndex(key)
        ? elementOf([...(value.items() ?? [])], key)
        : undefined
  if (!isDict(value)) return undefined
  // Variables of YAML have text for all keys: x[1] finds what was written as 1.
  const name = isInt(key) && !hasKey(value, key) ? String(key) : key
  return hasKey(value, name) ? (run.own(getKey(value, name)) ?? null) : undefined
}

const isIndex = (key: unknown): key is number | boolean =>
  typeof key === 'boolean' || (typeof key === 'number' && isInt(key))

function elementOf(list: ArrayLike<unknown>, key: number | boolean): unknown {
  const index = Number(key)
  const at = index < 0 ? index + list.length : index
  if (at < 0 || at >= list.length) return undefined
  return list[at] ?? null
}

function missing(run: Run, value: unknown, key: unknown): Missing {
  const name = typeof key === 'string' || typeof key === 'number' ? String(key) : 'such key'
  return new Missing(`${described(value)} has no ${name}`, run, run.at, () => {
    if (isDict(value)) {
      const keys = keysOf(value).map(String)
      return didYouMean(name, keys, keys.length === 0 ? 'it is empty' : `it has ${listSome(keys)}`)
    }
    return Array.isArray(value) ? `it has ${value.length} elements` : undefined
  })
}

/** `value[from:to:step]`. @throws {ValueFault} */
export function sliceOf(value: unknown, from: unknown, to: unknown, step: unknown): unknown {
  const list = typeof value === 'string' ? characters(value) : value
  const all = list instanceof PythonObject ? [...(list.items() ?? [])] : list
  if (typeof all !== 'string' && !Array.isArray(all))
    throw new ValueFault(`a part is of a list or a text, but this is ${described(value)}`)
  const by = step === null ? 1 : index(step)
  if (by === 0) throw new ValueFault('the step of a part is not 0')
  const [start, end] = edges(all.length, from, to, by)
  if (by === 1) {
    const part = all.slice(start, Math.max(start, end))
    return typeof value === 'string' && typeof part !== 'string'
      ? part.join('')
      : Array.isArray(part) && value instanceof Tuple
        ? Tuple.holding(part)
        : part
  }
  const picked: unknown[] = []
  for (let at = start; by > 0 ? at < end : at > end; at += by) picked.push(all[at])
  return typeof value === 'string' ? picked.join('') : value instanceof Tuple ? Tuple.holding(picked) : picked
}

function edges(length: number, from: unknown, to: unknown, by: number): [number, number] {
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1]
  const edge = (value: unknown, otherwise: number): number => {
    if (value === null) return otherwise
    const at = index(value)
    return Math.min(high, Math.max(low, at < 0 ? at + length : at))
  }
  return by > 0 ? [edge(from, low), edge(to, high)] : [edge(from, high), edge(to, low)]
}

function index(value: unknown): number {
  if (isIndex(value)) return Number(value)
  throw new ValueFault(`the bounds of a part are ints, but this is ${described(value)}`)
}
