import { spend } from '../budget.ts'
import { isComputed } from '../computed.ts'
import { Dict, isDict } from './value.ts'

/** A copy of lists and dicts, to the bottom, made once for each original. What is computed on access stays the original's. */
export function copied(value: object, copies: WeakMap<object, object>): object {
  const known = copies.get(value)
  if (known) return known
  if (Array.isArray(value)) {
    const list: unknown[] = new (value.constructor as new () => unknown[])()
    remember(value, list, copies)
    spend(value.length >> 2)
    for (const item of value) list.push(part(item, copies))
    return list
  }
  if (isComputed(value) || !isDict(value)) return value
  if (value instanceof Dict) {
    const dict = new Dict()
    remember(value, dict, copies)
    for (const [key, item] of value) dict.set(key, part(item, copies))
    return dict
  }
  const described = Object.entries(Object.getOwnPropertyDescriptors(value))
  if (described.some(([, own]) => own.get)) return value
  const dict = {}
  remember(value, dict, copies)
  spend(described.length >> 1)
  for (const [key, own] of described)
    Object.defineProperty(dict, key, {
      ...own,
      value: part(own.value, copies),
      writable: true,
      configurable: true,
    })
  return dict
}

/** A copy is its own copy. */
function remember(value: object, copy: object, copies: WeakMap<object, object>): void {
  copies.set(value, copy)
  copies.set(copy, copy)
}

const part = (value: unknown, copies: WeakMap<object, object>): unknown =>
  typeof value === 'object' && value !== null ? copied(value, copies) : value
