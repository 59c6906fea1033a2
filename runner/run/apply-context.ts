import { UnknownError } from '../../contract/unknown.ts'
import { settled } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import type { ApplyContext } from './apply.ts'
import { environmentIn } from './environment.ts'
import type { ItemContext } from './item.ts'

/** What the steps of a task are done with, where its target may be changed. @throws {PlayError} where a lock is lost */
export function applyContextOf(
  context: ItemContext,
  given: Pick<ApplyContext, 'connection' | 'as' | 'environment' | 'found' | 'onSent'>,
  deadline: number | undefined,
): ApplyContext {
  const { locks, maxOutput } = context.fleet.options
  locks?.requireAll()
  return {
    ...given,
    timeout: context.timeout,
    deadline,
    keep: maxOutput,
    onProgress: context.emitProgress,
    onStep: context.beginStep,
  }
}

/** The task's environment, known to the masker. @returns and @throws as `environmentIn` */
export async function environmentFor(
  context: ItemContext,
  scope: Scope,
  check: boolean,
): Promise<Record<string, string> | UnknownError> {
  const environment = await settled(() => environmentIn(context.inherited, scope, check), context)
  if (!(environment instanceof UnknownError)) context.fleet.options.masker.learn(environment)
  return environment
}
