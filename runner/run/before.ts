import { UnknownError } from '../../contract/unknown.ts'
import { settled } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import { applySteps } from './apply.ts'
import { applyContextOf, environmentFor } from './apply-context.ts'
import { recordPlan } from './check.ts'
import { prepare } from './inspect.ts'
import type { ItemContext } from './item.ts'

/**
 * Does what a task's module wants done before it inspects (`Module.before`): what was read until then is read again. In a
 * check what it predicts is recorded instead.
 * @throws what preparing the task, or a step, fails with
 */
export async function doBefore(
  context: ItemContext,
  scope: Scope,
  check: boolean,
  deadline: number | undefined,
): Promise<void> {
  const { fleet, module, target, reach } = context
  const { params, as } = await settled(() => prepare(context, scope), context)
  const { steps = [], predicts } = module.before?.(params) ?? {}
  if (steps.length === 0) return
  if (check) return recordPlan(context, { changes: [], steps: [], predicts })
  const environment = await environmentFor(context, scope, check)
  if (environment instanceof UnknownError) throw environment
  const connection = await fleet.options.connect(target.name, reach)
  try {
    await applySteps(steps, applyContextOf(context, { connection, as, environment }, deadline))
  } finally {
    fleet.forgetFacts()
  }
}
