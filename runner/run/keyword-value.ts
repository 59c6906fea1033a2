import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { PlayError, type Pos } from '../errors.ts'
import { compileCondition } from '../load/condition.ts'
import { describe } from '../load/playbook/describe.ts'
import { asNumber, numberWanted } from '../load/playbook/fields.ts'
import { isBatchSize } from '../load/playbook/play.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Expression, Play, Template } from '../load/types.ts'
import { asBoolean } from '../load/yaml.ts'
import { placeOf } from './outcome.ts'

/** Made only where there is something to render. */
type ScopeOf = Scope | (() => Scope)

/** A keyword whose value only the run will know, such as what a program of this machine says. */
export class UnknownKeyword extends UnknownError {
  constructor(
    readonly keyword: string,
    readonly why: string,
    readonly pos: Pos,
  ) {
    super(`${keyword} (${placeOf(pos)}) is not known before the run: ${why}`)
  }
}

/** Where nothing can be shown without what is unknown: an error, at its place. Others stay as they are. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof UnknownError)) return error
  if (!(error instanceof UnknownKeyword)) return new PlayError('variable', error.message)
  const { keyword, why, pos } = error
  return new PlayError('variable', `${keyword} is not known before the run: ${why}`, {
    pos,
    hint: 'a check and a listing start no program: write the value, or a variable that -e can give',
  })
}

/**
 * A keyword that is true or false.
 * @throws {PlayError} where its template gives something else @throws {UnknownKeyword}
 */
export function flagOf<Value extends boolean | Template | undefined>(
  keyword: string,
  value: Value,
  scope: ScopeOf,
): boolean | Extract<Value, undefined> {
  if (typeof value !== 'object') return value as boolean | Extract<Value, undefined>
  const found = rendered(keyword, value, scope)
  return asBoolean(found) ?? wrong(keyword, 'true or false', value, found)
}

/** The same where a condition may stand too. */
export function holds(
  keyword: string,
  value: boolean | Expression | Template | undefined,
  scope: ScopeOf,
): boolean {
  if (typeof value === 'object' && 'text' in value)
    return placed(keyword, value.pos, () => compileCondition(value).test(scopeIn(scope)))
  return flagOf(keyword, value, scope) === true
}

/** A number of at least `least`, in digits too. @throws as `flagOf` */
export function numberOf<Value extends number | Template | undefined>(
  keyword: string,
  value: Value,
  scope: ScopeOf,
  { least = 0, whole = false } = {},
): number | Extract<Value, undefined> {
  if (typeof value !== 'object') return value as number | Extract<Value, undefined>
  const found = rendered(keyword, value, scope)
  return asNumber(found, least, whole) ?? wrong(keyword, numberWanted(least, whole), value, found)
}

/** Seconds that a task may take; undefined: as long as it wants, which 0 says as well, as in Ansible. @throws as `flagOf` */
export const timeoutOf = (timeout: number | Template | undefined, scope: ScopeOf): number | undefined =>
  numberOf('timeout', timeout, scope) || undefined

/** Counts and percentages; a template may give one or a list of them. @throws as `flagOf` */
export function serialOf(serial: Play['serial'], scope: ScopeOf): (number | string)[] {
  return serial.flatMap((value) => {
    if (typeof value !== 'object') return [value]
    return textsOf('serial', value.template, scope, value.pos).map((text) =>
      isBatchSize(text) ? text : wrong('serial', 'a number of hosts or a percentage', value, text),
    )
  })
}

/** A keyword that is text. @throws as `flagOf` */
export const textOf = (keyword: string, template: string, scope: ScopeOf, pos: Pos): string =>
  String(rendered(keyword, { template, pos }, scope))

/** The same where a template may give a list. @throws as `flagOf` */
export const textsOf = (keyword: string, template: string, scope: ScopeOf, pos: Pos): string[] =>
  [rendered(keyword, { template, pos }, scope)].flat().map((one) => {
    if (one instanceof Unknown) throw new UnknownKeyword(keyword, one.why, pos)
    return String(one)
  })

function rendered(keyword: string, { template, pos }: Template, scope: ScopeOf): unknown {
  const value = placed(keyword, pos, () => renderValue(template, scopeIn(scope), () => pos))
  if (value instanceof Unknown) throw new UnknownKeyword(keyword, value.why, pos)
  return value
}

function placed<T>(keyword: string, pos: Pos, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof UnknownError) || error instanceof UnknownKeyword) throw error
    throw new UnknownKeyword(keyword, error.message, pos)
  }
}

const scopeIn = (scope: ScopeOf): Scope => (typeof scope === 'function' ? scope() : scope)

function wrong(keyword: string, wanted: string, { template, pos }: Template, found: unknown): never {
  throw new PlayError('playbook', `${keyword} wants ${wanted}, but ${template} gives ${describe(found)}`, {
    pos,
  })
}
