import type { Entry, Inheritable, Located } from '../types.ts'
import type { Mapping } from './context.ts'
import type { Fields } from './fields.ts'

/** The keywords that plays, blocks and tasks share. */
export function readInheritable(fields: Fields): Inheritable {
  const vars = fields.vars()
  return {
    become: fields.booleanOrTemplate('become'),
    becomeUser: fields.text('become_user'),
    environment: fields.mapping('environment', 'write NAME: value lines under it, without dashes'),
    tags: fields.tags(),
    when: fields.conditions('when'),
    vars: vars?.value ?? {},
    varsAt: vars,
    ignoreErrors: fields.booleanOrCondition('ignore_errors'),
    ignoreUnreachable: fields.boolean('ignore_unreachable'),
    anyErrorsFatal: fields.boolean('any_errors_fatal'),
    noLog: fields.booleanOrTemplate('no_log'),
    delegateTo: fields.text('delegate_to'),
    runOnce: fields.boolean('run_once'),
    checkMode: fields.boolean('check_mode'),
    diff: fields.boolean('diff'),
  }
}

/** An entry of an imported file, with what stood on the import. The entry's own keywords win. */
export function inherited<T extends Entry>(entry: T, from: Inheritable): T {
  return {
    ...entry,
    become: entry.become ?? from.become,
    becomeUser: entry.becomeUser ?? from.becomeUser,
    environment: overlay(from.environment, entry.environment),
    tags: union(from.tags, entry.tags),
    when: [...from.when, ...entry.when],
    vars: { ...from.vars, ...entry.vars },
    varsAt: overlay(from.varsAt, entry.varsAt),
    ignoreErrors: entry.ignoreErrors ?? from.ignoreErrors,
    ignoreUnreachable: entry.ignoreUnreachable ?? from.ignoreUnreachable,
    anyErrorsFatal: entry.anyErrorsFatal ?? from.anyErrorsFatal,
    noLog: entry.noLog ?? from.noLog,
    delegateTo: entry.delegateTo ?? from.delegateTo,
    runOnce: entry.runOnce ?? from.runOnce,
    checkMode: entry.checkMode ?? from.checkMode,
    diff: entry.diff ?? from.diff,
  }
}

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
