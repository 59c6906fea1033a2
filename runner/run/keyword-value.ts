import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { PlayError } from '../errors.ts'
import { compileCondition } from '../load/condition.ts'
import { describe } from '../load/playbook/describe.ts'
import { asNumber, numberWanted } from '../load/playbook/fields.ts'
import { isBatchSize } from '../load/playbook/play.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Expression, Play, Template } from '../load/types.ts'
import { asBoolean } from '../load/yaml.ts'

/** Made only where there is something to render. */
type ScopeOf = Scope | (() => Scope)

/**
 * A keyword that is true or false.
 * @throws {PlayError} where its template gives something else @throws {UnknownError} where only the run will know
 */
export function flagOf<Value extends boolean | Template | undefined>(
  keyword: string,
  value: Value,
  scope: ScopeOf,
): boolean | Extract<Value, undefined> {
  if (typeof value !== 'object') return value as boolean | Extract<Value, undefined>
  const found = rendered(value, scope)
  return asBoolean(found) ?? wrong(keyword, 'true or false', value, found)
}

/** The same where a condition may stand too. */
export function holds(
  keyword: string,
  value: boolean | Expression | Template | undefined,
  scope: ScopeOf,
): boolean {
  if (typeof value === 'object' && 'text' in value) return compileCondition(value).test(scopeIn(scope))
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
  const found = rendered(value, scope)
  return asNumber(found, least, whole) ?? wrong(keyword, numberWanted(least, whole), value, found)
}

/** Counts and percentages; a template may give one or a list of them. @throws as `flagOf` */
export function serialOf(serial: Play['serial'], scope: ScopeOf): (number | string)[] {
  return serial.flatMap((value) => {
    if (typeof value !== 'object') return [value]
    const found = rendered(value, scope)
    return (Array.isArray(found) ? found : [found]).map((one) => {
      const text = String(one)
      return isBatchSize(text) ? text : wrong('serial', 'a number of hosts or a percentage', value, one)
    })
  })
}

function rendered({ template, pos }: Template, scope: ScopeOf): unknown {
  const value = renderValue(template, scopeIn(scope), () => pos)
  if (value instanceof Unknown) throw new UnknownError(value.why)
  return value
}

const scopeIn = (scope: ScopeOf): Scope => (typeof scope === 'function' ? scope() : scope)

function wrong(keyword: string, wanted: string, { template, pos }: Template, found: unknown): never {
  throw new PlayError('playbook', `${keyword} wants ${wanted}, but ${template} gives ${describe(found)}`, {
    pos,
  })
}
