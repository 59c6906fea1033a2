import { PlayError } from '../errors.ts'
import type { Connection } from '../hosts/types.ts'
import { settled } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import { kindOf } from '../load/template/values.ts'
import { renderValue } from '../load/template.ts'
import type { ApplyContext } from './apply.ts'
import type { Inherited } from './inherit.ts'
import type { ItemContext } from './item.ts'

/** What the steps of a task are done with, where its target may be changed. @throws {PlayError} where a lock is lost */
export async function applyContextOf(
  context: ItemContext,
  scope: Scope,
  { connection, as }: { connection: Connection; as: string | undefined },
  deadline: number | undefined,
): Promise<ApplyContext> {
  const { masker, locks, maxOutput } = context.fleet.options
  const environment = await settled(() => environmentOf(context.inherited, scope), context)
  masker.learn(environment)
  locks?.requireAll()
  return {
    connection,
    as,
    environment,
    timeout: context.timeout,
    deadline,
    keep: maxOutput,
    onProgress: context.emitProgress,
    onStep: context.beginStep,
  }
}

function environmentOf(inherited: Inherited, scope: Scope): Record<string, string> {
  const all: Record<string, string> = {}
  for (const located of inherited.environment)
    for (const part of [renderValue(located.value, scope, located.locate)].flat()) {
      if (typeof part !== 'object' || part === null)
        throw new PlayError('variable', `environment wants a mapping, but this is ${kindOf(part)}`, {
          pos: located.locate(),
        })
      for (const [name, value] of Object.entries(part)) all[name] = String(value)
    }
  return all
}
