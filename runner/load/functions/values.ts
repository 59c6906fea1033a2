import {
  type AnyDict,
  described,
  dictOf,
  entries,
  equals,
  float,
  getKey,
  hasKey,
  int,
  isDict,
  isFloat,
  isInt,
  isList,
  keyOf,
  numeric,
  repr,
  Tuple,
  truthy,
  typeName,
  Undefined,
  ValueFault,
} from '../jinja/value.ts'
import {
  filter,
  floatOfText,
  isOn,
  requireInt,
  requireItems,
  requireNumber,
  textOf,
  toInt,
} from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'
import { flatten, uniqueBy } from './lists.ts'
import { round } from './round.ts'
import { Seen } from './same.ts'

const YES = new Set(['yes', 'on', 'true', '1'])

/** What Ansible takes for true: yes, on, true, 1; everything else is false. */
export function toBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return YES.has(value.toLowerCase())
  return numeric(value) !== undefined && equals(value, 1)
}

type Merge = 'replace' | 'keep' | 'append' | 'prepend' | 'append_rp' | 'prepend_rp'
const MERGES: readonly string[] = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp']

function mergeLists(low: unknown[], high: unknown[], how: Merge): unknown[] {
  const without = (list: unknown[], others: unknown[]): unknown[] =>
    list.filter((item) => !others.some((other) => equals(item, other)))
  switch (how) {
    case 'replace':
      return high
    case 'keep':
      return low
    case 'append':
      return [...low, ...high]
    case 'prepend':
      return [...high, ...low]
    case 'append_rp':
      return [...without(low, high), ...high]
    case 'prepend_rp':
      return [...high, ...without(low, high)]
  }
}

function merge(low: AnyDict, high: AnyDict, recursive: boolean, how: Merge, call: FunctionCall): AnyDict {
  const pairs = entries(low)
  call.spend(pairs.length * 2)
  const of = (key: unknown, item: unknown): unknown => {
    if (!hasKey(high, key)) return item
    const other = getKey(high, key)
    if (recursive && isDict(item) && isDict(other)) return merge(item, other, recursive, how, call)
    if (isList(item) && isList(other)) {
      call.spend(item.length * (how.endsWith('_rp') ? other.length : 1))
      return mergeLists(item, other, how)
    }
    return other
  }
  return dictOf([
    ...pairs.map(([key, item]) => [key, of(key, item)] as const),
    ...entries(high).filter(([key]) => !hasKey(low, key)),
  ])
}

function combine([value, terms, named]: readonly unknown[], call: FunctionCall): unknown {
  const { recursive = false, list_merge = 'replace', ...others } = named as Record<string, unknown>
  const [other] = Object.keys(others)
  if (other !== undefined) call.fail(`there is no argument '${other}'`, 'it takes recursive and list_merge')
  const dicts = flatten([value, ...(terms as unknown[])], 1, true, call)
  if (dicts.length === 0) return {}
  if (dicts.length === 1) return dicts[0]
  if (!MERGES.includes(list_merge as string)) call.fail(`list_merge must be one of ${MERGES.join(', ')}`)
  for (const one of dicts) if (!isDict(one)) call.fail(`dicts can be combined, but one is ${described(one)}`)
  return (dicts as AnyDict[]).reduce((low, high) =>
    merge(low, high, isOn(recursive), list_merge as Merge, call),
  )
}

function extract([item, container, more]: readonly unknown[], call: FunctionCall): unknown {
  const keys = [item, ...(more === null ? [] : isList(more) ? more : [more])]
  return keys.reduce((found, key) => call.attribute(found, key as string), container)
}

function subelements([value, path, skip]: readonly unknown[], call: FunctionCall): unknown {
  const items = isDict(value) ? entries(value).map(([, item]) => item) : value
  if (!isList(items) || value instanceof Tuple)
    return call.fail(`a list of dicts is needed, but this is ${described(value)}`)
  const keys = typeof path === 'string' ? path.split('.') : isList(path) ? path : undefined
  if (!keys) return call.fail('subelements must be a list or a text')
  return items.flatMap((item) => {
    let found: unknown = item
    for (const key of keys) {
      if (!isDict(found))
        return call.fail(`'${String(key)}' is looked for in ${described(found)}, not in a dict`)
      if (!hasKey(found, key)) return isOn(skip) ? [] : call.fail(`an element has no '${String(key)}'`)
      found = getKey(found, key)
    }
    if (!isList(found))
      return call.fail(`a list is needed under '${keys.join('.')}', but there is ${described(found)}`)
    call.spend(found.length)
    return found.map((one) => Tuple.holding([item, one]))
  })
}

const setsOf = (a: unknown, b: unknown): [unknown[], unknown[]] => [requireItems(a), requireItems(b)]

/** Which elements of one list are in another. */
function among(list: unknown[], call: FunctionCall): (item: unknown) => boolean {
  call.spend(list.length)
  try {
    const keys = new Set(list.map(keyOf))
    return (item) => {
      try {
        return keys.has(keyOf(item))
      } catch {
        return false
      }
    }
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error
    const seen = new Seen()
    for (const item of list) seen.add(item)
    return (item) => seen.has(item)
  }
}

function setOf(
  choose: (a: unknown[], b: unknown[], call: FunctionCall) => unknown[],
  /** Of an empty list there is nothing to look for in whatever the other is. */
  looksFor = false,
): LibraryFunction['run'] {
  return ([a, b], call) => {
    if (looksFor && isList(a) && a.length === 0 && b === null) return []
    // Python looks for an element in a text only where it is one.
    if (typeof b === 'string' && isList(a) && a.some((item) => isDict(item) || isList(item)))
      call.fail('a list is needed, but this is text')
    return uniqueBy(choose(...setsOf(a, b), call), (item) => item, call)
  }
}

const difference = (a: unknown[], b: unknown[], call: FunctionCall): unknown[] => {
  const isIn = among(b, call)
  return a.filter((item) => !isIn(item))
}

const MOST_MADE = 1_000_000

/** Python's itertools.product. */
function product(lists: readonly unknown[][], call: FunctionCall): unknown[] {
  const count = lists.reduce((all, { length }) => all * length, 1)
  if (count > MOST_MADE) call.fail(`this makes ${count} lists`)
  call.spend(count * lists.length)
  return lists
    .reduce<unknown[][]>((made, list) => made.flatMap((start) => list.map((item) => [...start, item])), [[]])
    .map((one) => Tuple.holding(one))
}

function picked(items: unknown[], size: number, isOrdered: boolean, call: FunctionCall): unknown[] {
  if (size < 0) call.fail('r must not be negative')
  if (countOf(items.length, size, isOrdered) > MOST_MADE) call.fail(`this makes more than ${MOST_MADE} lists`)
  const made: unknown[] = []
  const go = (chosen: number[]): void => {
    call.spend(2 + chosen.length)
    if (chosen.length === size) {
      made.push(Tuple.holding(chosen.map((index) => items[index])))
      return
    }
    for (let index = isOrdered ? 0 : (chosen.at(-1) ?? -1) + 1; index < items.length; index++)
      if (!isOrdered || !chosen.includes(index)) go([...chosen, index])
  }
  if (size <= items.length) go([])
  return made
}

/** How many choices there are: n! / (n - r)!, and of those without an order a part of that. */
function countOf(items: number, size: number, isOrdered: boolean): number {
  let count = 1
  const steps = isOrdered ? size : Math.min(size, items - size)
  for (let at = 0; at < steps && count <= MOST_MADE; at++)
    count = (count * (items - at)) / (isOrdered ? 1 : at + 1)
  return count
}

function zip(lists: unknown[][], length: number, fill: unknown, call: FunctionCall): unknown[] {
  call.spend(length * lists.length)
  return Array.from({ length }, (_, index) =>
    Tuple.holding(lists.map((list) => (index < list.length ? list[index] : fill))),
  )
}

function toIntOr([value, fallback, base]: readonly unknown[]): unknown {
  const number = requireInt(base, 'base')
  const read = toInt(value, number)
  if (read !== undefined) return read
  const asFloat = typeof value === 'string' ? floatOfText(value) : undefined
  return asFloat !== undefined && Number.isFinite(asFloat) ? int(Math.trunc(asFloat)) : fallback
}

function toFloatOr([value, fallback]: readonly unknown[]): unknown {
  const number = typeof value === 'string' ? floatOfText(value) : numeric(value)
  return number === undefined ? fallback : float(Number(number))
}

export const VALUES: readonly LibraryFunction[] = [
  filter(
    'default d(default_value="", boolean=False)',
    "port | default(5432), name | default('x', true)",
    'the value, or another where it is undefined; with true also where it is false or empty',
    ([value, fallback, boolean], call) => {
      if (typeof boolean !== 'boolean') call.fail('boolean is true or false')
      return value instanceof Undefined || (boolean && !truthy(value)) ? fallback : value
    },
    { takesUndefined: true },
  ),
  filter(
    'bool()',
    "'yes' | bool",
    'true for yes, on, true and 1, whatever their case; else false',
    ([value]) => toBool(value),
  ),
  filter(
    'int(default=0, base=10)',
    "'12' | int",
    'the whole number, or the default where it is none',
    toIntOr,
  ),
  filter('float(default=0.0)', "'1.5' | float", 'the number, or the default where it is none', toFloatOr),
  filter('abs()', '-1 | abs', 'without its sign', ([value], call) => {
    if (typeof value === 'bigint') return value < 0n ? -value : value
    const number = requireNumber(value)
    if (isFloat(value)) return float(Math.abs(number))
    return isInt(value) || typeof value === 'boolean' ? Math.abs(number) : call.fail('this is no number')
  }),
  filter(
    'round(precision=0, method="common")',
    '2.55 | round(1)',
    'rounded; method ceil or floor rounds up or down',
    ([value, precision, method], call) => round(value, requireInt(precision, 'precision'), method, call),
  ),
  filter(
    'ternary(true_val, false_val, none_val=None)',
    "enabled | ternary('on', 'off')",
    'one of two values, or of three, by what is true',
    ([value, yes, no, none]) => {
      if (value instanceof Undefined) return value
      return value === null && none !== null ? none : truthy(value) ? yes : no
    },
    // The one that is not chosen may be undefined.
    { takesUndefined: true },
  ),
  filter(
    'mandatory(msg=None)',
    'version | mandatory',
    'the value; an error where it is undefined',
    ([value, message], call) =>
      value instanceof Undefined ? call.fail(message === null ? value.why : textOf(message)) : value,
    { takesUndefined: true },
  ),
  filter(
    'type_debug()',
    'x | type_debug',
    "the name of the value's type",
    ([value]) => (value instanceof Undefined ? 'UndefinedMarker' : typeName(value)),
    {
      takesUndefined: true,
    },
  ),
  filter(
    'combine(*terms, **named)',
    'defaults | combine(settings, recursive=true)',
    'dicts as one, the last one counting; list_merge says what becomes of lists',
    combine,
  ),
  filter(
    'extract(container, morekeys=None)',
    "'a' | extract(settings)",
    'what a dict or list holds under this key or index, and deeper',
    extract,
  ),
  filter(
    'subelements(subelements, skip_missing=False)',
    "users | subelements('keys')",
    'pairs of an element and each part of a list in it',
    subelements,
  ),
  filter(
    'union(b)',
    '[1] | union([2])',
    'what is in one of two lists',
    setOf((a, b) => [...a, ...b]),
  ),
  filter(
    'intersect(b)',
    '[1] | intersect([1, 2])',
    'what is in both lists',
    setOf((a, b, call) => a.filter(among(b, call)), true),
  ),
  filter(
    'difference(b)',
    '[1, 2] | difference([2])',
    'what is not in the other list',
    setOf(difference, true),
  ),
  filter(
    'symmetric_difference(b)',
    '[1, 2] | symmetric_difference([2, 3])',
    'what is in one of two lists alone',
    setOf((a, b, call) => [...difference(a, b, call), ...difference(b, a, call)]),
  ),
  filter(
    'zip(*others)',
    '[1, 2] | zip(names)',
    'the first elements of several lists, the second ones …, up to the shortest',
    ([value, others], call) => {
      const lists = [value, ...(others as unknown[])].map(requireItems)
      return zip(lists, Math.min(...lists.map(({ length }) => length)), null, call)
    },
  ),
  filter(
    'zip_longest(*others, **named)',
    '[1, 2] | zip_longest(names)',
    'as zip, up to the longest',
    ([value, others, named], call) => {
      const { fillvalue: fill = null } = named as Record<string, unknown>
      const lists = [value, ...(others as unknown[])].map(requireItems)
      return zip(lists, Math.max(...lists.map(({ length }) => length)), fill, call)
    },
  ),
  filter(
    'product(*others, **named)',
    "['a', 'b'] | product([1, 2])",
    'each element of one list with each of the others',
    ([value, others, named], call) => {
      const { repeat = 1 } = named as Record<string, unknown>
      const lists = [value, ...(others as unknown[])].map(requireItems)
      return product(Array.from({ length: requireInt(repeat, 'repeat') }, () => lists).flat(), call)
    },
  ),
  filter(
    'permutations(r=None)',
    '[1, 2, 3] | permutations(2)',
    'all orders of so many elements',
    ([value, size], call) => {
      const items = requireItems(value)
      return picked(items, size === null ? items.length : requireInt(size, 'r'), true, call)
    },
  ),
  filter(
    'combinations(r)',
    '[1, 2, 3] | combinations(2)',
    'all choices of so many elements',
    ([value, size], call) => picked(requireItems(value), requireInt(size, 'r'), false, call),
  ),
  filter(
    'rekey_on_member(key, duplicates="error")',
    "users | rekey_on_member('name')",
    'a dict of dicts by what each has under a key',
    ([value, key, duplicates], call) => {
      if (duplicates !== 'error' && duplicates !== 'overwrite')
        call.fail("duplicates is 'error' or 'overwrite'")
      const items = isDict(value)
        ? entries(value).map(([, item]) => item)
        : typeof value === 'string'
          ? call.fail('a list or dict is needed')
          : requireItems(value)
      const made: [unknown, unknown][] = []
      const seen = new Set<unknown>()
      for (const item of items) {
        if (!isDict(item) || !hasKey(item, key))
          return call.fail(`each element must be a dict with '${String(key)}'`)
        const its = getKey(item, key)
        if (seen.has(keyOf(its)) && duplicates === 'error') call.fail('two elements have the same key')
        seen.add(keyOf(its))
        made.push([its, item])
      }
      return dictOf(made)
    },
  ),
  filter('log(base=2.718281828459045)', '8 | log(2)', 'the logarithm', ([value, base], call) => {
    const [x, b] = [requireNumber(value), requireNumber(base)]
    if (x <= 0 || b <= 0 || b === 1) call.fail('this has no logarithm')
    return float(b === 10 ? Math.log10(x) : b === Math.E ? Math.log(x) : Math.log(x) / Math.log(b))
  }),
  filter('pow(y)', '2 | pow(8)', 'to the power of y', ([value, y], call) =>
    power(requireNumber(value), requireNumber(y), call),
  ),
  filter('root(base=2)', '9 | root', 'the square root, or another one', ([value, base], call) => {
    const [x, b] = [requireNumber(value), requireNumber(base)]
    if (b === 0 || (b === 2 && x < 0)) call.fail('this has no root')
    return b === 2 ? float(Math.sqrt(x)) : power(x, 1 / b, call)
  }),
  filter('pprint()', 'x | pprint', 'as Python writes it', ([value]) => repr(value)),
]

function power(x: number, y: number, call: FunctionCall): unknown {
  const made = x ** y
  if (Number.isNaN(made) || (!Number.isFinite(made) && Number.isFinite(x)))
    call.fail('this power is no number')
  return float(made)
}
