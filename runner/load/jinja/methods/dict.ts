import { spend } from '../../budget.ts'
import {
  type AnyDict,
  Dict,
  described,
  entries,
  getKey,
  hasKey,
  isDict,
  keysOf,
  lengthOf,
  listOf,
  Tuple,
  ValueFault,
} from '../value.ts'
import { type Methods, methods } from './method.ts'

/** @param target a dict that the template may change. @throws {ValueFault} for a key that a plain object cannot hold */
export function setKey(target: AnyDict, key: unknown, value: unknown): void {
  if (target instanceof Dict) target.set(key, value)
  else if (typeof key === 'string')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else
    throw new ValueFault(`a key of this dict is text, not ${described(key)}`, 'make a new dict with combine')
}

function removeKey(target: AnyDict, key: unknown): void {
  if (target instanceof Dict) target.delete(key)
  else delete (target as Record<string, unknown>)[key as string]
}

function pairsOf(value: unknown): (readonly [unknown, unknown])[] {
  if (isDict(value)) return entries(value)
  return listOf(value).map((pair) => {
    if (lengthOf(pair) !== 2) throw new ValueFault('pairs of key and value are needed here')
    const [key, item] = listOf(pair)
    return [key, item] as const
  })
}

/** `dict(x, a=1)` and `update`. */
export function merged(
  value: unknown,
  named: Readonly<Record<string, unknown>>,
): (readonly [unknown, unknown])[] {
  return [...(value === null || value === undefined ? [] : pairsOf(value)), ...Object.entries(named)]
}

const popped = (dict: AnyDict, key: unknown): unknown => {
  const value = getKey(dict, key)
  removeKey(dict, key)
  return value
}

export const DICT: Methods<AnyDict> = methods<AnyDict>({
  'clear()': (dict) => {
    for (const key of keysOf(dict)) removeKey(dict, key)
    return null
  },
  'copy()': (dict) => (dict instanceof Dict ? new Dict(dict) : Object.fromEntries(Object.entries(dict))),
  'get(key, default=None)': (dict, [key, otherwise]) => (hasKey(dict, key) ? getKey(dict, key) : otherwise),
  'items()': (dict) => {
    const pairs = entries(dict)
    spend(pairs.length)
    return pairs.map((pair) => Tuple.holding(pair))
  },
  'keys()': (dict) => {
    const keys = keysOf(dict)
    spend(keys.length >> 2)
    return keys
  },
  'values()': (dict) => {
    const pairs = entries(dict)
    spend(pairs.length >> 1)
    return pairs.map(([, value]) => value)
  },
  'pop(key, *otherwise)': (dict, [key, otherwise]) => {
    if (hasKey(dict, key)) return popped(dict, key)
    const [value] = otherwise as unknown[]
    if ((otherwise as unknown[]).length > 0) return value
    throw new ValueFault('the dict has no such key', 'give a default: pop(key, none)')
  },
  'popitem()': (dict) => {
    const last = entries(dict).at(-1)
    if (!last) throw new ValueFault('the dict is empty')
    removeKey(dict, last[0])
    return Tuple.holding(last)
  },
  'setdefault(key, default=None)': (dict, [key, otherwise]) => {
    if (!hasKey(dict, key)) setKey(dict, key, otherwise)
    return getKey(dict, key)
  },
  'update(other=None, **named)': (dict, [other, named]) => {
    for (const [key, value] of merged(other, named as Record<string, unknown>)) setKey(dict, key, value)
    return null
  },
})

/** Methods that change their value: what a program reads of the scope is copied where it names one of them. */
export const CHANGING: ReadonlySet<string> = new Set([
  'append',
  'clear',
  'extend',
  'insert',
  'pop',
  'popitem',
  'remove',
  'reverse',
  'setdefault',
  'sort',
  'update',
])
