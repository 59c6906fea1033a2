import {
  dictOf,
  entries,
  getKey,
  hasKey,
  isDict,
  isList,
  str,
  truthy,
  ValueFault,
} from '../../jinja/value.ts'
import { toBool } from '../values.ts'
import { flatTerms, type Lookup, requireDict } from './lookup.ts'

const listOf = (term: unknown, name: string): unknown[] => {
  if (isList(term)) return term
  throw new ValueFault(`the lookup ${name} wants lists`)
}

/** Each element of the first list with each of the others. */
function crossed(lists: readonly unknown[][], name: string): unknown[][] {
  if (lists.length === 0) throw new ValueFault(`the lookup ${name} wants at least one list`)
  const count = lists.reduce((all, { length }) => all * length, 1)
  if (count > 1_000_000) throw new ValueFault(`this makes ${count} lists`)
  return lists.reduce<unknown[][]>(
    (made, list) => made.flatMap((start) => list.map((item) => [...start, item])),
    [[]],
  )
}

function subelements(terms: readonly unknown[], named: Readonly<Record<string, unknown>>): unknown[] {
  const [value, path, flags] = terms.length === 1 && isList(terms[0]) ? terms[0] : terms
  const isSkipped = toBool(
    named.skip_missing ?? (isDict(flags) ? getKey(flags, 'skip_missing') : false) ?? false,
  )
  const items = isDict(value) ? entries(value).map(([, item]) => item) : value
  if (!isList(items) || typeof path !== 'string')
    throw new ValueFault(
      'the lookup subelements wants a list or dict of dicts, and the name of a list in them',
    )
  return items.flatMap((item) => {
    if (!isDict(item)) throw new ValueFault('the lookup subelements wants a list of dicts')
    if (hasKey(item, 'skipped') && truthy(getKey(item, 'skipped'))) return []
    let found: unknown = item
    for (const key of path.split('.')) {
      if (!isDict(found) || !hasKey(found, key)) {
        if (isSkipped) return []
        throw new ValueFault(`an element has no '${key}'`, 'skip_missing=true leaves such elements out')
      }
      found = getKey(found, key)
    }
    if (!isList(found)) throw new ValueFault(`there is no list under '${path}'`)
    return found.map((one) => [item, one])
  })
}

/** `start=1 end=5 stride=2 format=db%02d`, or `1-5/2:db%02d`. */
function sequence(terms: readonly unknown[], named: Readonly<Record<string, unknown>>): unknown[] {
  return (terms.length === 0 ? [''] : terms).flatMap((term) => {
    const options: Record<string, unknown> = { ...named }
    const text = str(term)
    const short =
      /^(?:(-?(?:0x[0-9a-f]+|\d+))-)?(-?(?:0x[0-9a-f]+|\d+))(?:\/(-?(?:0x[0-9a-f]+|\d+)))?(?::([\s\S]+))?$/i.exec(
        text,
      )
    if (short) {
      const [, start, end, stride, format] = short
      Object.assign(options, { start: start ?? '1', end }, stride && { stride }, format && { format })
    } else
      for (const word of text.split(/\s+/).filter((one) => one !== '')) {
        const [, key, value] = /^(start|end|count|stride|format)=([\s\S]*)$/.exec(word) ?? []
        if (key === undefined)
          throw new ValueFault(
            `'${word}' is no part of a sequence`,
            'expected start=1 end=5 stride=1 format=db%02d',
          )
        options[key] = value
      }
    return numbers(options)
  })
}

const whole = (value: unknown, name: string): number => {
  const number = typeof value === 'number' ? value : Number(str(value))
  if (!Number.isSafeInteger(number)) throw new ValueFault(`${name} of the sequence is no whole number`)
  return number
}

function numbers({
  start: first,
  end: last,
  count,
  stride: step,
  format = '%d',
}: Record<string, unknown>): string[] {
  const start = whole(first ?? 1, 'start')
  const stride = whole(step ?? 1, 'stride')
  if ((count === undefined) === (last === undefined))
    throw new ValueFault('a sequence has either end or count')
  const end = count === undefined ? whole(last, 'end') : start + (whole(count, 'count') - 1) * stride
  if (count !== undefined && whole(count, 'count') === 0) return []
  if (stride === 0) return []
  if (stride > 0 ? end < start : end > start) {
    if (count !== undefined) return []
    throw new ValueFault(
      `a sequence from ${start} to ${end} does not go ${stride > 0 ? 'up' : 'down'}`,
      'stride says the direction',
    )
  }
  const length = Math.floor((end - start) / stride) + 1
  if (length > 1_000_000) throw new ValueFault(`this sequence has ${length} elements`)
  return Array.from({ length }, (_, index) => formatted(str(format), start + index * stride))
}

function formatted(format: string, number: number): string {
  const place = /%(?<flags>[-0 +#]*)(?<width>(?:[1-9]\d*)?)(?<type>[dixXo])/
  if (!place.test(format))
    throw new ValueFault(`the format '${format}' has no place for a number`, 'for example db%02d')
  return format.replace(place, (...match) => {
    const { flags, width, type } = match.at(-1) as Record<string, string>
    const digits = Math.abs(number).toString(/x/i.test(type!) ? 16 : type === 'o' ? 8 : 10)
    const prefix =
      (number < 0 ? '-' : flags!.includes('+') ? '+' : '') +
      (flags!.includes('#') ? (/x/i.test(type!) ? '0x' : type === 'o' ? '0o' : '') : '')
    const plain = type === 'X' ? digits.toUpperCase() : digits
    if (flags!.includes('-')) return (prefix + plain).padEnd(Number(width))
    return flags!.includes('0')
      ? prefix + plain.padStart(Math.max(0, Number(width) - prefix.length), '0')
      : (prefix + plain).padStart(Number(width))
  })
}

const flattened = (terms: readonly unknown[]): unknown[] =>
  terms.flatMap((term) =>
    isList(term) ? flattened(term) : term === null || term === 'None' || term === 'null' ? [] : [term],
  )

export const LIST_LOOKUPS: readonly Lookup[] = [
  {
    name: 'items',
    params: '',
    usage: "query('items', [1, 2])",
    summary: 'the elements, of lists one level deep',
    run: flatTerms,
  },
  {
    name: 'list',
    params: '',
    usage: "query('list', [1, 2])",
    summary: 'the terms as they are',
    run: (terms) => [...terms],
  },
  {
    name: 'flattened',
    params: '',
    usage: "query('flattened', [1, [2]])",
    summary: 'lists in lists as one list',
    run: (terms) => flattened(terms),
  },
  {
    name: 'dict',
    params: '',
    usage: "query('dict', users)",
    summary: 'a list of dicts with key and value',
    run: (terms) =>
      flatTerms(terms).flatMap((term) =>
        entries(requireDict(term, 'dict')).map(([key, value]) =>
          dictOf([
            ['key', key],
            ['value', value],
          ]),
        ),
      ),
  },
  {
    name: 'indexed_items',
    params: '',
    usage: "query('indexed_items', names)",
    summary: 'pairs of an index, from 0, and an element',
    run: (terms) => flatTerms(terms).map((item, index) => [index, item]),
  },
  {
    name: 'together',
    params: '',
    usage: "query('together', names, ports)",
    summary: 'the first elements of several lists, the second ones …, up to the longest',
    run: (terms) => {
      const lists = terms.map((term) => listOf(term, 'together'))
      if (lists.length === 0) throw new ValueFault('the lookup together wants at least one list')
      return Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, index) =>
        lists.map((list) => list[index] ?? null),
      )
    },
  },
  {
    name: 'nested',
    params: '',
    usage: "query('nested', users, databases)",
    summary: 'each element of one list with each of the others',
    run: (terms) =>
      crossed(
        terms.map((term) => (isList(term) ? term : [term])),
        'nested',
      ),
  },
  {
    name: 'cartesian',
    params: '',
    usage: "query('cartesian', users, databases)",
    summary: 'as nested',
    run: (terms) =>
      crossed(
        terms.map((term) => listOf(term, 'cartesian')),
        'cartesian',
      ),
  },
  {
    name: 'subelements',
    params: 'skip_missing=False',
    usage: "query('subelements', users, 'keys')",
    summary: 'pairs of an element and each part of a list in it',
    run: subelements,
  },
  {
    name: 'sequence',
    params: 'start=1, end=None, count=None, stride=1, format="%d"',
    usage: "query('sequence', 'start=1 end=3 format=db%d')",
    summary: 'numbers in a row, as text',
    run: sequence,
  },
]
