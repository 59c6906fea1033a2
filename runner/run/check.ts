import { Refusal } from '../../contract/errors.ts'
import type { Plan } from '../../contract/plan.ts'
import { PlayError } from '../errors.ts'
import { settled, type Until } from '../load/outside.ts'
import type { Scope } from '../load/scope.ts'
import type { InspectContext } from './inspect.ts'
import { flagOf } from './keyword-value.ts'
import { StepError } from './step-error.ts'

/** Whether a task changes nothing: of itself, else as the run. */
export async function isCheck(
  context: Pick<InspectContext, 'fleet' | 'inherited'> & Until,
  scope: Scope,
): Promise<boolean> {
  const { fleet, inherited } = context
  const said = await settled(() => flagOf('check_mode', inherited.checkMode, scope), context)
  return said ?? fleet.options.check
}

/** For later tasks of a check. What `check_mode: true` only plans is there after no run: they see the host without it. */
export function recordPlan({ fleet, target, inherited }: InspectContext, plan: Plan): void {
  if (inherited.checkMode !== true) fleet.recordPlan(target, plan)
}

/**
 * What is really done in a check, by `check_mode: false`, sees the host as it is: what is planned before may be what it wants.
 * @param isCheck of the task
 */
export function isTooEarly(
  { fleet, target }: Pick<InspectContext, 'fleet' | 'target'>,
  isCheck: boolean,
): boolean {
  const { world } = target
  return fleet.options.check && !isCheck && (world.planned || world.uncertain !== undefined)
}

export const tooEarly = (message: unknown): string =>
  `it failed without what is planned before it${typeof message === 'string' ? `: ${message}` : ''}`

/** The host's failure, and not one of what is written. */
export const isOfHost = (error: unknown): error is Error =>
  error instanceof Refusal ||
  error instanceof StepError ||
  (error instanceof PlayError && error.code === 'become')
