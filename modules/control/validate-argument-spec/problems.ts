import { jsonText } from '../../../contract/exact-json.ts'
import { converted, isMapping, isOnlyWordFor, isSame, type Type } from './types.ts'

export interface Option {
  type?: Type
  elements?: Type
  required?: boolean
  default?: unknown
  choices?: readonly unknown[]
  options?: Options
  aliases?: readonly string[]
  no_log?: boolean
  description?: string | string[]
  apply_defaults?: boolean
  mutually_exclusive?: Names
  required_together?: Names
  required_one_of?: Names
  required_if?: readonly (readonly unknown[])[]
  required_by?: Readonly<Record<string, string | readonly string[]>>
}
export type Options = Readonly<Record<string, Option>>
type Names = readonly (string | readonly string[])[]
type Values = Record<string, unknown>

/** One thing that is wrong with the arguments of a role. */
export interface Problem {
  kind: 'missing' | 'unknown' | 'value' | 'rule'
  /** Of the argument, from the outermost on. */
  path: readonly (string | number)[]
  message: string
}

/**
 * All that is wrong with arguments by their specification. Defaults count as given where they are said, and are not applied
 * to anything: that is what the role's own defaults are for.
 */
export function problemsOf(options: Options, given: Values, path: Problem['path'] = []): Problem[] {
  const values = withDefaults(options, unaliased(options, given))
  const known = Object.entries(options)
  return [
    ...unknownIn(options, given, path),
    ...known
      .filter(([name, { required }]) => required && !(name in values))
      .map(([name]) => problem('missing', [...path, name], 'is needed')),
    ...known
      .filter(([, option]) => option.required && (option.default ?? null) !== null)
      .map(([name]) =>
        problem('rule', [...path, name], 'is required and has a default, which is one too many'),
      ),
    ...known.flatMap(([name, option]) =>
      name in values || option.apply_defaults
        ? valueProblems(option, values[name] ?? null, [...path, name])
        : [],
    ),
  ]
}

function unaliased(options: Options, given: Values): Values {
  const values = { ...given }
  for (const [name, { aliases = [] }] of Object.entries(options))
    for (const alias of aliases) if (alias in given) values[name] = given[alias]
  return values
}

const withDefaults = (options: Options, values: Values): Values => ({
  ...Object.fromEntries(
    Object.entries(options).flatMap(([name, option]) =>
      option.default === undefined || option.default === null ? [] : [[name, option.default]],
    ),
  ),
  ...values,
})

function unknownIn(options: Options, given: Values, path: Problem['path']): Problem[] {
  const names = Object.entries(options).flatMap(([name, { aliases = [] }]) => [name, ...aliases])
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => problem('unknown', [...path, name], `is not known: there are ${names.join(', ')}`))
}

function valueProblems(option: Option, value: unknown, path: Problem['path']): Problem[] {
  const { type = 'str', elements, required, choices } = option
  const isLeftOut = value === null && !required && (option.default ?? null) === null
  const found = isLeftOut ? { value } : converted(value, type)
  if (found === undefined) return [wrong(option, path, `a value of type ${type}`, value)]
  const inside =
    elements && Array.isArray(found.value) ? elementProblems(option, elements, found.value, path) : []
  return [
    ...inside,
    ...(choices ? choiceProblems(option, choices, asElements(found.value, elements), path) : []),
    ...(inside.length === 0 ? subProblems(option, found.value, path) : []),
  ]
}

const elementProblems = (option: Option, type: Type, list: unknown[], path: Problem['path']): Problem[] =>
  list.flatMap((item, index) =>
    converted(item, type) ? [] : [wrong(option, [...path, index], `a value of type ${type}`, item)],
  )

const asElements = (value: unknown, type: Type | undefined): unknown =>
  type && Array.isArray(value) ? value.map((item) => converted(item, type)?.value ?? item) : value

function choiceProblems(
  option: Option,
  choices: readonly unknown[],
  value: unknown,
  path: Problem['path'],
): Problem[] {
  const isChoice = (one: unknown) =>
    choices.some((choice) => isSame(choice, one)) || isOnlyWordFor(one, choices)
  const wanted = `${Array.isArray(value) ? 'some' : 'one'} of ${choices.map(String).join(', ')}`
  const others = (Array.isArray(value) ? value : [value]).filter((one) => !isChoice(one))
  return others.map((one) => wrong(option, path, wanted, one))
}

/** Of a mapping, and of each mapping in a list. */
function subProblems(option: Option, value: unknown, path: Problem['path']): Problem[] {
  const { type, elements, options } = option
  if (!options || !(type === 'dict' || (type === 'list' && elements === 'dict'))) return []
  const given = value === null && option.apply_defaults ? {} : value
  if (given === null) return []
  const all = Array.isArray(given)
    ? given.map((one, index) => [one, [...path, index]] as const)
    : [[given, path] as const]
  return all.flatMap(([one, at]) => {
    const mapping = converted(one, 'dict')?.value
    if (!isMapping(mapping)) return [wrong(option, at, 'a mapping', one)]
    return [...problemsOf(options, mapping, at), ...rulesBroken(option, mapping, at)]
  })
}

/** What options of one mapping say about each other. */
function rulesBroken(option: Option, values: Values, path: Problem['path']): Problem[] {
  const isThere = (name: string) => name in values
  const groups = (names: Names = []) => names.map((group) => [group].flat())
  const rule = (message: string) => problem('rule', path, message)
  return [
    ...groups(option.mutually_exclusive)
      .filter((group) => group.filter(isThere).length > 1)
      .map((group) => rule(`takes one of ${group.join(', ')}`)),
    ...groups(option.required_together)
      .filter((group) => group.some(isThere) && !group.every(isThere))
      .map((group) => rule(`needs all of ${group.join(', ')}, or none`)),
    ...groups(option.required_one_of)
      .filter((group) => !group.some(isThere))
      .map((group) => rule(`needs one of ${group.join(', ')}`)),
    ...(option.required_if ?? []).flatMap(([name, value, needed, any]) => {
      const names = [needed].flat().map(String)
      const lacking = names.filter((one) => !isThere(one))
      const holds = isThere(String(name)) && isSame(values[String(name)], value)
      return holds && lacking.length > 0 && (any !== true || lacking.length === names.length)
        ? [rule(`needs ${any === true ? 'one' : 'all'} of ${names.join(', ')} where ${name} is ${value}`)]
        : []
    }),
    ...Object.entries(option.required_by ?? {}).flatMap(([name, needed]) => {
      const lacking = [needed].flat().filter((one) => !isThere(one))
      return isThere(name) && lacking.length > 0
        ? [rule(`needs ${lacking.join(', ')} where ${name} is given`)]
        : []
    }),
  ]
}

const problem = (kind: Problem['kind'], path: Problem['path'], message: string): Problem => ({
  kind,
  path,
  message,
})

const MOST_SHOWN = 60

function wrong({ no_log }: Option, path: Problem['path'], wanted: string, found: unknown): Problem {
  if (no_log) return problem('value', path, `wants ${wanted}`)
  const text = jsonText(found) ?? 'nothing'
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
  return problem('value', path, `wants ${wanted}, but found ${shown}`)
}

/** In one line: `pg_users[0].name is needed`. */
export const told = ({ path, message }: Problem): string =>
  `${path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')} ${message}`
