import { OPERATIONS } from '../jinja/operators.ts'
import {
  compare,
  described,
  dictOf,
  entries,
  equals,
  isDict,
  isList,
  keyOf,
  PythonObject,
  repr,
  Tuple,
  Undefined,
  ValueFault,
} from '../jinja/value.ts'
import { attributeOf, ignoringCase } from './attribute.ts'
import { filter, isOn, requireInt, requireItems } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'
import { Seen } from './same.ts'

/** `list.sort`, stable, of keys that are compared as Python does. */
export function sorted<T>(
  items: readonly T[],
  keyed: (item: T) => unknown,
  reverse: boolean,
  call: FunctionCall,
): T[] {
  const keys = items.map((item) => ({ item, key: keyed(item) }))
  call.spend(items.length * 8)
  // A single one is not compared, and nothing is to be said about its type.
  keys.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)))
  return keys.map(({ item }) => item)
}

const keyBy =
  (attribute: unknown, isExact: boolean, call: FunctionCall, fallback: unknown = null) =>
  (item: unknown): unknown => {
    const found = attributeOf(item, attribute, call, fallback)
    return isExact ? found : ignoringCase(found)
  }

function keyByAll(attribute: unknown, isExact: boolean, call: FunctionCall): (item: unknown) => unknown {
  if (typeof attribute !== 'string' || !attribute.includes(',')) return keyBy(attribute, isExact, call)
  const keys = attribute.split(',').map((one) => keyBy(one, isExact, call))
  return (item) => keys.map((key) => key(item))
}

function extreme(sign: number): LibraryFunction['run'] {
  return ([value, exact, attribute], call) => {
    const items = requireItems(value)
    if (items.length === 0) return new Undefined('the list is empty')
    call.spend(items.length * 2)
    const key = keyBy(attribute, isOn(exact), call)
    let [best] = items
    let bestKey = key(best)
    for (const item of items.slice(1)) {
      const itsKey = key(item)
      if (compare(itsKey, bestKey) * sign < 0) [best, bestKey] = [item, itsKey]
    }
    return best
  }
}

/** Without those whose key was there before. */
export function uniqueBy<T>(items: readonly T[], key: (item: T) => unknown, call: FunctionCall): T[] {
  call.spend(items.length * 2)
  try {
    const seen = new Set<unknown>()
    return items.filter((item) => {
      const one = keyOf(key(item))
      return seen.has(one) ? false : seen.add(one)
    })
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error
    const seen = new Seen()
    return items.filter((item) => {
      if (seen.has(item)) return false
      seen.add(item)
      return true
    })
  }
}

function unique([value, exact, attribute]: readonly unknown[], call: FunctionCall): unknown {
  if (exact !== null && !isOn(exact)) for (const item of requireItems(value)) keyOf(item)
  return uniqueBy(requireItems(value), keyBy(attribute, exact !== null && isOn(exact), call), call)
}

function sliced(items: unknown[], count: number, fill: unknown): unknown[][] {
  if (count <= 0) throw new ValueFault('the number of slices must be greater than 0')
  const least = Math.floor(items.length / count)
  const longer = items.length % count
  return Array.from({ length: count }, (_, index) => {
    const start = index * least + Math.min(index, longer)
    const slice = items.slice(start, start + least + (index < longer ? 1 : 0))
    return fill !== null && index >= longer ? [...slice, fill] : slice
  })
}

function batches(items: unknown[], size: number, fill: unknown): unknown[][] {
  const made: unknown[][] = []
  let batch: unknown[] = []
  for (const item of items) {
    if (batch.length === size) {
      made.push(batch)
      batch = []
    }
    batch.push(item)
  }
  if (batch.length > 0) {
    while (fill !== null && batch.length < size) batch.push(fill)
    made.push(batch)
  }
  return made
}

/** What groupby gives: a pair whose parts have names. */
class Group extends PythonObject {
  readonly type = 'tuple'
  constructor(
    readonly grouper: unknown,
    readonly list: unknown[],
  ) {
    super()
  }
  override items(): unknown[] {
    return [this.grouper, this.list]
  }
  override attribute(name: string): unknown {
    return name === 'grouper' ? this.grouper : name === 'list' ? this.list : undefined
  }
  override str(): string {
    return repr(Tuple.holding(this.items()))
  }
  override equals(other: unknown): boolean {
    return equals(Tuple.holding(this.items()), other instanceof Group ? Tuple.holding(other.items()) : other)
  }
  override plain(): unknown {
    return this.items()
  }
}

function groupBy([value, attribute, fallback, exact]: readonly unknown[], call: FunctionCall): unknown {
  const key = keyBy(attribute, isOn(exact), call, fallback)
  const groups: { key: unknown; items: unknown[] }[] = []
  for (const item of sorted(requireItems(value), key, false, call)) {
    const itsKey = key(item)
    const last = groups.at(-1)
    if (last && equals(last.key, itsKey)) last.items.push(item)
    else groups.push({ key: itsKey, items: [item] })
  }
  return groups.map(({ items }) => new Group(attributeOf(items[0], attribute, call, fallback), items))
}

/** The end of a list or text; a dict's are its keys. */
function end(value: unknown, index: 0 | -1): unknown {
  const items = requireItems(value)
  return items.length === 0 ? new Undefined('there is no element') : items.at(index)
}

/** Lists in lists as one list. */
export function flatten(
  items: readonly unknown[],
  levels: number,
  skipNulls: boolean,
  call: FunctionCall,
): unknown[] {
  call.spend(items.length)
  const flat: unknown[] = []
  for (const item of items) {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) continue
    if (isList(item) && levels > 0) flat.push(...flatten(item, levels - 1, skipNulls, call))
    else flat.push(item)
  }
  return flat
}

export const LISTS: readonly LibraryFunction[] = [
  filter('list()', "'abc' | list", 'a list of the elements, keys or characters', ([value]) =>
    requireItems(value),
  ),
  filter('first()', '[1, 2] | first', 'the first element', ([value]) => end(value, 0)),
  filter('last()', '[1, 2] | last', 'the last element', ([value]) => end(value, -1)),
  filter('min(case_sensitive=False, attribute=None)', '[2, 1] | min', 'the least element', extreme(1)),
  filter('max(case_sensitive=False, attribute=None)', '[2, 1] | max', 'the greatest element', extreme(-1)),
  filter(
    'sum(attribute=None, start=0)',
    '[1, 2] | sum',
    'all elements, or an attribute of each, added up',
    ([value, attribute, start], call) => {
      const items = requireItems(value)
      call.spend(items.length)
      return items.reduce((sum, item) => OPERATIONS['+'](sum, attributeOf(item, attribute, call)), start)
    },
  ),
  filter(
    'sort(reverse=False, case_sensitive=False, attribute=None)',
    "users | sort(attribute='name')",
    'in ascending order, by attributes where that is said',
    ([value, reverse, exact, attribute], call) =>
      sorted(requireItems(value), keyByAll(attribute, isOn(exact), call), isOn(reverse), call),
  ),
  filter(
    'unique(case_sensitive=None, attribute=None)',
    '[1, 1, 2] | unique',
    'without repetitions, in the order of first appearance',
    unique,
  ),
  filter(
    'batch(linecount, fill_with=None)',
    '[1, 2, 3] | batch(2)',
    'lists of so many elements',
    ([value, size, fill]) => batches(requireItems(value), requireInt(size, 'linecount'), fill),
  ),
  filter(
    'slice(slices, fill_with=None)',
    '[1, 2, 3] | slice(2)',
    'so many lists of about the same length',
    ([value, count, fill]) => sliced(requireItems(value), requireInt(count, 'slices'), fill),
  ),
  filter(
    'groupby(attribute, default=None, case_sensitive=False)',
    "users | groupby('group')",
    'pairs of an attribute and the list of those that have it so (.grouper, .list)',
    groupBy,
  ),
  filter(
    'flatten(levels=None, skip_nulls=True)',
    '[1, [2, [3]]] | flatten',
    'lists in lists as one list',
    ([value, levels, skip], call) =>
      flatten(
        requireItems(value),
        levels === null ? Number.POSITIVE_INFINITY : requireInt(levels, 'levels'),
        isOn(skip),
        call,
      ),
  ),
  filter(
    'dictsort(case_sensitive=False, by="key", reverse=False)',
    'settings | dictsort',
    'pairs of key and value, in the order of the one or the other',
    ([value, exact, by, reverse], call) => {
      if (!isDict(value)) return call.fail(`a dict is needed, but this is ${described(value)}`)
      if (by !== 'key' && by !== 'value') return call.fail("by is 'key' or 'value'")
      const at = by === 'key' ? 0 : 1
      const key = ([...pair]: [unknown, unknown]): unknown =>
        isOn(exact) ? pair[at] : ignoringCase(pair[at])
      return sorted(entries(value), key, isOn(reverse), call).map((pair) => Tuple.holding(pair))
    },
  ),
  filter(
    'items()',
    'settings | items',
    'pairs of key and value',
    ([value], call) => {
      if (value instanceof Undefined) return value
      if (!isDict(value)) return call.fail(`a dict is needed, but this is ${described(value)}`)
      return entries(value).map((pair) => Tuple.holding(pair))
    },
    { takesUndefined: true },
  ),
  filter(
    'dict2items(key_name="key", value_name="value")',
    'settings | dict2items',
    'a list of dicts with key and value',
    ([value, key, name], call) => {
      if (!isDict(value)) return call.fail(`a dict is needed, but this is ${described(value)}`)
      return entries(value).map(([its, item]) =>
        dictOf([
          [key, its],
          [name, item],
        ]),
      )
    },
  ),
  filter(
    'items2dict(key_name="key", value_name="value")',
    'list | items2dict',
    'a dict of a list of dicts with key and value',
    ([value, key, name], call) => {
      if (!isList(value)) return call.fail(`a list is needed, but this is ${described(value)}`)
      return dictOf(
        value.map((item) => {
          if (!isDict(item)) return call.fail(`each element must be a dict, but one is ${described(item)}`)
          return [part(item, key, call), part(item, name, call)] as const
        }),
      )
    },
  ),
]

function part(item: object, key: unknown, call: FunctionCall): unknown {
  const pair = entries(item as Record<string, unknown>).find(([its]) => equals(its, key))
  return pair ? pair[1] : call.fail(`an element has no '${String(key)}'`)
}
