import type * as z from 'zod'
import type { Module } from '../../contract/module.ts'
import { elementOf, parameters } from '../../contract/parse-params.ts'
import { textList } from '../../contract/text-list.ts'
import { nearest } from './nearest.ts'
import { describe } from './playbook/describe.ts'

/** One thing that is wrong with arguments, in the user's words. */
export interface Issue {
  /** missing: a value that is needed; unknown: a key that is not; rule: what a schema's own check says. */
  kind: 'missing' | 'unknown' | 'value' | 'rule'
  path: (string | number)[]
  found: unknown
  /** What was wanted, without what was found. */
  wanted: string
  message: string
  hint?: string
}

type ZodIssue = z.core.$ZodIssue

/** The issues of a zod 4 schema, unions reduced to the alternative that was meant. */
export function issuesOf(issues: readonly ZodIssue[], root: unknown): Issue[] {
  return issues.flatMap((issue) => explain(issue, keys(issue.path), root))
}

/** What an error says of an issue: preflight and the run have one voice. A secret is never repeated. */
export function messageOf({ kind, path, found, wanted, message }: Issue, module: Module): string {
  const name = path.join('.')
  if (kind === 'missing') return `${module.name} needs the argument ${name}`
  if (kind === 'unknown') {
    const owner = path.length > 1 ? `${path.slice(0, -1).join('.')} of ${module.name}` : module.name
    return `${owner} has no argument ${path.at(-1)}`
  }
  const subject = isWritten({ found, path }) ? `${name} of ${module.name}` : module.name
  return `${subject}: ${isSecret(module.params, path) ? wanted : message}`
}

/** What to write instead, where the issue alone tells it. */
export const hintOf = ({ path, hint }: Issue, module: Module): string | undefined =>
  isSecret(module.params, path) ? undefined : hint

/** Whether something stands where the issue is. */
export const isWritten = ({ found, path }: Pick<Issue, 'found' | 'path'>): boolean =>
  found !== undefined && path.length > 0

function isSecret(schema: z.ZodType, [first, ...rest]: Issue['path']): boolean {
  if (first === undefined) return false
  if (typeof first === 'number') return isSecret(elementOf(schema), rest)
  const found = parameters(schema).get(first)
  return found !== undefined && (found.meta?.secret === true || isSecret(found.schema, rest))
}

function explain(issue: ZodIssue, path: (string | number)[], root: unknown): Issue[] {
  const found = valueAt(root, path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      kind: 'unknown',
      path: [...path, key],
      found: valueAt(root, [...path, key]),
      wanted: 'no such key',
      message: `there is no ${key}`,
    }))
  if (found === undefined && path.length > 0 && issue.code !== 'custom') return [missing(path)]
  if (issue.code === 'invalid_union') return explainUnion(issue, path, root, found)
  if (issue.code === 'invalid_key') return [ownWords(path, path.at(-1), issue.issues[0]!.message)]
  // What begins otherwise than a type's own sentence may be a rule over several arguments.
  if (issue.code === 'custom' && !issue.message.startsWith('expected'))
    return [{ ...ownWords(path, found, issue.message), kind: 'rule' }]
  const own = customMessage(issue)
  if (own) return [{ ...ownWords(path, found, own), hint: hintFor(issue, found) }]
  return [value(path, found, `expected ${expectation(issue)}`, undefined, hintFor(issue, found))]
}

const missing = (path: (string | number)[]): Issue => ({
  kind: 'missing',
  path,
  found: undefined,
  wanted: 'a value',
  message: 'is missing',
})

const value = (
  path: (string | number)[],
  found: unknown,
  wanted: string,
  message = `${wanted}, but found ${describe(found)}`,
  hint?: string,
): Issue => ({ kind: 'value', path, found, wanted, message, hint })

/** A schema's own message, which may tell what was found. */
const ownWords = (path: (string | number)[], found: unknown, own: string): Issue =>
  own.startsWith('expected') && !own.includes('found')
    ? value(path, found, own)
    : value(path, found, /found|number \d/.test(own) ? 'another value is expected' : own, own)

function explainUnion(
  issue: Extract<ZodIssue, { code: 'invalid_union' }>,
  path: (string | number)[],
  root: unknown,
  found: unknown,
): Issue[] {
  const own = customMessage(issue)
  if (own) return [ownWords(path, found, own)]
  // An alternative of another type was not meant.
  const meant = issue.errors.filter((branch) => !branch.some((inner) => isWrongType(inner)))
  const best = meant.sort((a, b) => a.length - b.length)[0]
  if (best) return best.flatMap((inner) => explain(inner, [...path, ...keys(inner.path)], root))
  const inner = issue.errors.flat().filter((one) => isWrongType(one))
  const told = inner.map(customMessage).find((message) => message !== undefined)
  const expected = oneOf([...new Set(inner.map(expectation))])
  return [ownWords(path, found, told ?? `expected ${expected || 'another value'}`)]
}

const oneOf = (words: string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join()

const isWrongType = (issue: ZodIssue): boolean => issue.code === 'invalid_type' && issue.path.length === 0

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
}

function expectation(issue: ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return oneOf(issue.values.map(String))
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'something, not nothing'
        : `at least ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}`
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
  }
}

/** What a schema says in its own words; zod's own begin in a known way. */
function customMessage(issue: ZodIssue): string | undefined {
  return /^(Invalid (input|option|string|number|discriminator)|Too (small|big)|Unrecognized|Invalid)/.test(
    issue.message,
  )
    ? undefined
    : issue.message
}

function hintFor(issue: ZodIssue, found: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const near = nearest(found, issue.values.map(String))
    return near && `did you mean ${near}?`
  }
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    ['number', 'bigint', 'boolean'].includes(typeof found)
  )
    return `quote it: "${found}"`
  return undefined
}

const keys = (path: readonly PropertyKey[]): (string | number)[] =>
  path.map((part) => (typeof part === 'symbol' ? String(part) : part))

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let here = root
  for (const part of path) {
    // One text alone stands for a list of it, or is one.
    if (typeof part === 'number' && (typeof here === 'string' || typeof here === 'number')) {
      here = textList(String(here))[part] ?? here
      continue
    }
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string | number, unknown>)[part]
  }
  return here
}
