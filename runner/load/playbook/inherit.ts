import type { Entry, Inheritable, Located, NearestFields } from '../types.ts'
import { isMapping, within } from '../yaml.ts'
import type { Mapping } from './context.ts'
import type { Fields } from './fields.ts'
import { NEAREST } from './keyword-table.ts'

/** The keywords that plays, blocks and tasks share. */
export function readInheritable(fields: Fields): Inheritable {
  const vars = fields.vars()
  fields.texts('collections')
  return {
    ...Object.fromEntries(NEAREST.map(([name, field, read]) => [field, read(fields, name)])),
    environment: readEnvironment(fields),
    tags: fields.tags(),
    when: fields.conditions('when'),
    vars: vars?.value ?? {},
    varsAt: vars,
  }
}

/** An entry of an imported file, with what stood on the import. The entry's own keywords win. */
export function inherited<T extends Entry>(entry: T, from: Inheritable): T {
  return {
    ...entry,
    ...nearestOf(entry, from),
    environment: over(from.environment, entry.environment),
    tags: union(from.tags, entry.tags),
    when: [...from.when, ...entry.when],
    vars: { ...from.vars, ...entry.vars },
    varsAt: overlay(from.varsAt, entry.varsAt),
  }
}

/** What an inner node says, else what the one around it says. */
export const nearestOf = (inner: NearestFields, outer: NearestFields): NearestFields =>
  Object.fromEntries(NEAREST.map(([, field]) => [field, inner[field] ?? outer[field]]))

/** One mapping over another, each key standing where it was written. */
export function overlay(lower?: Located, upper?: Located): Located<Mapping> | undefined {
  if (!lower || !upper) return (upper ?? lower) as Located<Mapping> | undefined
  const above = upper.value as Mapping
  const owner = (key: string | number | undefined): Located =>
    key !== undefined && Object.hasOwn(above, key) ? upper : lower
  return {
    value: { ...(lower.value as Mapping), ...above },
    locate: (path = []) => owner(path[0]).locate(path),
    locateKey: (path) => owner(path[0]).locateKey(path),
  }
}

export const union = (first: readonly string[], second: readonly string[]): string[] => [
  ...new Set([...first, ...second]),
]

/** Whether what stands inside may not be reached. */
export const conditionOn = (fields: Fields): { conditional?: true } =>
  fields.has('when') ? { conditional: true } : {}

/** A mapping, a list of mappings of which the later ones count, or a template of either. */
function readEnvironment(fields: Fields): Located | undefined {
  const value = fields.raw('environment')
  if (!Array.isArray(value) && fields.template('environment') === undefined)
    return fields.mapping('environment', 'write NAME: value lines under it, without dashes')
  return within(fields.at, 'environment')
}

/** As `overlay`, where one of them may be a list or a template: then the list of both. */
function over(lower?: Located, upper?: Located): Located | undefined {
  if (!lower || !upper || (isMapping(lower.value) && isMapping(upper.value))) return overlay(lower, upper)
  const value = [lower.value, upper.value].flat()
  return { value, locate: () => upper.locate(), locateKey: () => upper.locate() }
}
