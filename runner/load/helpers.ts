import { isDeepStrictEqual } from 'node:util'
import { jsonText } from '../../contract/exact-json.ts'
import type { TextHelper } from '../../contract/text-helper.ts'
import { spend } from './budget.ts'
import { didYouMean } from './nearest.ts'
import type { Scope } from './scope.ts'
import { isTruthy, kindOf, ownValue, scalarText } from './template/values.ts'

export interface Call {
  scope: Scope
  /** Inside `default`: what is missing is undefined. */
  tolerant: boolean
  fail(message: string, hint?: string): never
}

export interface Helper {
  /** As an example, for errors and docs/templates.md. */
  usage: string
  summary: string
  /** The least and most values it takes. */
  args: readonly [least: number, most: number]
  /** It reads its values to the bottom, so that no part may be unknown. */
  deep?: boolean
  run(args: unknown[], call: Call): unknown
}

const MANY = 100
const MAX_RANGE = 100_000

const helpers: Record<string, Helper> = {
  default: {
    usage: 'default x "fallback"',
    summary: 'x, or the fallback where x is missing or null',
    args: [2, 2],
    run: ([value, fallback]) => value ?? fallback,
  },
  has: {
    usage: 'has "name" or has x "key"',
    summary: 'whether a variable is defined, or a mapping has a key',
    args: [1, 2],
    run: (args, { scope }) =>
      ownValue(args.length === 1 ? scope : args[0], String(args.at(-1))) !== undefined,
  },
  lookup: {
    usage: 'lookup x key',
    summary:
      'the value of a mapping under a computed key, or of a list at an index; an error where there is none',
    args: [2, 2],
    run: ([owner, key], call) => lookUp(owner, key, call),
  },
  host_var: {
    usage: 'host_var host "name" "fallback"',
    summary: "another host's variable, or the fallback where it has none; without one that is an error",
    args: [2, 3],
    run: ([host, name, fallback], call) =>
      hostVariable(host, name, { ...call, tolerant: call.tolerant || fallback !== undefined }) ?? fallback,
  },
  chain: {
    usage: 'chain host "name"',
    summary:
      'the host, the one that its variable names, the one that that one names …, to one that names none or was there',
    args: [2, 2],
    run: ([host, name], call) => chainOf(textOf(host, call), textOf(name, call), call),
  },
  json: {
    usage: 'json x',
    summary: 'x as JSON; json x 2 indents it by two spaces',
    args: [1, 2],
    deep: true,
    run: ([value, indent], call) => toJson(value, indent, call),
  },
  join: {
    usage: 'join list ", "',
    summary: 'the elements of a list with a text between them',
    args: [2, 2],
    deep: true,
    run: ([list, separator], call) =>
      listOf(list, call)
        .map((element) => textOf(element, call))
        .join(textOf(separator, call)),
  },
  concat: {
    usage: 'concat a b …',
    summary: 'texts and numbers one after another',
    args: [1, MANY],
    run: (args, call) => args.map((arg) => textOf(arg, call)).join(''),
  },
  lower: {
    usage: 'lower x',
    summary: 'in small letters',
    args: [1, 1],
    run: ([text], call) => textOf(text, call).toLowerCase(),
  },
  upper: {
    usage: 'upper x',
    summary: 'in capital letters',
    args: [1, 1],
    run: ([text], call) => textOf(text, call).toUpperCase(),
  },
  replace: {
    usage: 'replace x "from" "to"',
    summary: 'each occurrence of a text replaced by another',
    args: [3, 3],
    run: ([text, from, to], call) =>
      textOf(text, call).replaceAll(textOf(from, call), () => textOf(to, call)),
  },
  length: {
    usage: 'length x',
    summary: 'how many elements, keys or characters',
    args: [1, 1],
    run: ([value], call) => lengthOf(value, call),
  },
  keys: {
    usage: 'keys x',
    summary: 'the keys of a mapping, as a list',
    args: [1, 1],
    run: ([value], call) => Object.keys(mappingOf(value, call)),
  },
  values: {
    usage: 'values x',
    summary: 'the values of a mapping, as a list',
    args: [1, 1],
    run: ([value], call) => Object.values(mappingOf(value, call)),
  },
  without: {
    usage: 'without x list',
    summary: 'a mapping without the keys in a list',
    args: [2, 2],
    run: ([value, list], call) => {
      const keys = new Set(listOf(list, call))
      return Object.fromEntries(Object.entries(mappingOf(value, call)).filter(([key]) => !keys.has(key)))
    },
  },
  first: {
    usage: 'first list',
    summary: 'the first element; an error where the list is empty',
    args: [1, 1],
    run: ([list], call) => elementOf(listOf(list, call), 0, call),
  },
  last: {
    usage: 'last list',
    summary: 'the last element; an error where the list is empty',
    args: [1, 1],
    run: ([list], call) => elementOf(listOf(list, call), -1, call),
  },
  map: {
    usage: 'map list "key"',
    summary: 'the value under a key of each mapping in a list',
    args: [2, 2],
    run: ([list, key], call) => listOf(list, call).map((element) => lookUp(element, key, call)),
  },
  extract: {
    usage: 'extract list x "key"',
    summary: 'for each name in a list, what the mapping x holds under it, and under that the key',
    args: [2, 3],
    run: ([names, owner, key], call) =>
      listOf(names, call).map((name) => {
        const found = lookUp(owner, name, call)
        return key === undefined ? found : lookUp(found, key, call)
      }),
  },
  flatten: {
    usage: 'flatten list',
    summary: 'a list of lists as one list',
    args: [1, 1],
    run: ([list], call) => {
      const lists = listOf(list, call)
      for (const one of lists) if (Array.isArray(one)) spend(one.length)
      return lists.flat()
    },
  },
  unique: {
    usage: 'unique list',
    summary: 'a list without repetitions, in the order of first appearance',
    args: [1, 1],
    deep: true,
    run: ([list], call) => unique(listOf(list, call)),
  },
  sort: {
    usage: 'sort list',
    summary: 'a list of texts or of numbers in ascending order',
    args: [1, 1],
    deep: true,
    run: ([list], call) => [...listOf(list, call)].sort((a, b) => compare(a, b, call)),
  },
  range: {
    usage: 'range 3 or range 1 4',
    summary: 'the whole numbers from 0, or from the first value, up to but without the last',
    args: [1, 2],
    run: (args, call) => range(args, call),
  },
  eq: {
    usage: 'eq a b',
    summary: 'whether two values are equal, lists and mappings too; 5 and "5" are not',
    args: [2, 2],
    deep: true,
    run: ([a, b]) => isDeepStrictEqual(a, b),
  },
  ne: {
    usage: 'ne a b',
    summary: 'whether two values differ',
    args: [2, 2],
    deep: true,
    run: ([a, b]) => !isDeepStrictEqual(a, b),
  },
  lt: {
    usage: 'lt a b',
    summary: 'a < b, for two numbers or two texts',
    args: [2, 2],
    run: ([a, b], call) => compare(a, b, call) < 0,
  },
  le: {
    usage: 'le a b',
    summary: 'a ≤ b',
    args: [2, 2],
    run: ([a, b], call) => compare(a, b, call) <= 0,
  },
  gt: {
    usage: 'gt a b',
    summary: 'a > b',
    args: [2, 2],
    run: ([a, b], call) => compare(a, b, call) > 0,
  },
  ge: {
    usage: 'ge a b',
    summary: 'a ≥ b',
    args: [2, 2],
    run: ([a, b], call) => compare(a, b, call) >= 0,
  },
  and: {
    usage: 'and a b …',
    summary: 'whether all are true; false, null, 0, "" and the empty list are not',
    args: [2, MANY],
    run: (args) => args.every(isTruthy),
  },
  or: {
    usage: 'or a b …',
    summary: 'whether any is true',
    args: [2, MANY],
    run: (args) => args.some(isTruthy),
  },
  not: {
    usage: 'not a',
    summary: 'whether it is not true',
    args: [1, 1],
    run: ([value]) => !isTruthy(value),
  },
}

/** What `{{name value …}}` and `(name value …)` may call. docs/templates.md lists them; a test compares the two. */
export const HELPERS: Readonly<Record<string, Helper>> = helpers

/** Adds those that modules bring: the language itself knows of no server. To be done before a template is compiled. */
export function addHelpers(more: Readonly<Record<string, TextHelper>>): void {
  for (const [name, helper] of Object.entries(more)) helpers[name] = ofTexts(helper)
}

function textOf(value: unknown, call: Call): string {
  return scalarText(value) ?? call.fail(`${kindOf(value)} is no text`, 'make text of it with json or join')
}

function listOf(value: unknown, call: Call): unknown[] {
  return Array.isArray(value) ? value : call.fail(`expected a list, found ${kindOf(value)}`)
}

function mappingOf(value: unknown, call: Call): object {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value)
  return is ? value : call.fail(`expected a mapping, found ${kindOf(value)}`)
}

function elementOf(list: unknown[], index: number, call: Call): unknown {
  return list.length > 0 ? list.at(index) : call.fail('the list is empty')
}

function ofTexts({ usage, summary, args, run, namedAfterHost }: TextHelper): Helper {
  const named = (host: string, call: Call): string => {
    const own = namedAfterHost && ownValue(ownValue(call.scope.hostvars, host), namedAfterHost.variable)
    return own === undefined ? host : textOf(own, call)
  }
  return {
    usage,
    summary,
    args,
    run: (values, call) => {
      const [first = '', ...more] = values.map((value) => textOf(value, call))
      return run(named(first, call), ...more)
    },
  }
}

function lookUp(owner: unknown, key: unknown, call: Call): unknown {
  const name = textOf(key, call)
  const value = owner === undefined ? undefined : ownValue(owner, name)
  if (value !== undefined || call.tolerant) return value
  if (typeof owner !== 'object' || owner === null) call.fail(`${kindOf(owner)} has no ${name}`)
  return call.fail(`there is no ${name} in it`, didYouMean(name, Object.keys(owner)))
}

function hostVariable(host: unknown, name: unknown, call: Call): unknown {
  return lookUp(lookUp(call.scope.hostvars, host, call), name, call)
}

function chainOf(host: string, name: string, call: Call): string[] {
  const chain = [host]
  const met = new Set(chain)
  for (;;) {
    const next = hostVariable(chain.at(-1), name, { ...call, tolerant: true })
    if (next === undefined) return chain
    chain.push(String(next))
    if (met.has(String(next))) return chain
    met.add(String(next))
  }
}

function lengthOf(value: unknown, call: Call): number {
  if (typeof value === 'string') return [...value].length
  return Array.isArray(value) ? value.length : Object.keys(mappingOf(value, call)).length
}

function toJson(value: unknown, indent: unknown, call: Call): string {
  try {
    return jsonText(value, Number(indent ?? 0), (_, part) => {
      spend(1)
      return part
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return call.fail('this value contains itself')
  }
}

function unique(list: unknown[]): unknown[] {
  const seen = new Map(list.map((element) => [jsonText(element), element] as const).reverse())
  return [...seen.values()].reverse()
}

function compare(a: unknown, b: unknown, call: Call): number {
  const comparable = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string')
  if (!comparable) call.fail(`two numbers or two texts compare, not ${kindOf(a)} and ${kindOf(b)}`)
  if (a === b) return 0
  return (a as string) < (b as string) ? -1 : 1
}

function range(args: unknown[], call: Call): number[] {
  const [from, to] = args.length === 1 ? [0, args[0]] : args
  if (!Number.isInteger(from) || !Number.isInteger(to)) call.fail('the ends must be whole numbers')
  const count = Math.max(0, (to as number) - (from as number))
  if (count > MAX_RANGE) call.fail(`more than ${MAX_RANGE} numbers`)
  return Array.from({ length: count }, (_, index) => (from as number) + index)
}
