import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { PlayError } from '../errors.ts'
import type { Scope } from '../load/scope.ts'
import { kindOf } from '../load/template/values.ts'
import { renderValue } from '../load/template.ts'
import type { Inherited } from './inherit.ts'

/**
 * The variables of the environment that a task's commands see; of one name the innermost counts.
 * @returns an error in a check, where only the run will know one of them @throws {PlayError} {UnknownError}
 */
export function environmentIn(
  inherited: Inherited,
  scope: Scope,
  check: boolean,
): Record<string, string> | UnknownError {
  try {
    return environmentOf(inherited, scope)
  } catch (error) {
    if (check && error instanceof UnknownError) return error
    throw error
  }
}

function environmentOf({ environment }: Inherited, scope: Scope): Record<string, string> {
  const all: Record<string, string> = {}
  for (const located of environment)
    for (const part of [renderValue(located.value, scope, located.locate)].flat()) {
      if (typeof part !== 'object' || part === null)
        throw new PlayError('variable', `environment wants a mapping, but this is ${kindOf(part)}`, {
          pos: located.locate(),
        })
      for (const [name, value] of Object.entries(known(part))) {
        all[name] = String(known(value))
        if (`${name}${all[name]}`.includes('\0'))
          throw new PlayError('variable', `${name} in environment cannot hold a NUL character`, {
            pos: located.locate(),
          })
      }
    }
  return all
}

function known<T>(value: T): T {
  if (value instanceof Unknown) throw new UnknownError(value.why)
  return value
}
