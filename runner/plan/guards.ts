import { Refusal } from '../../contract/errors.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Guard } from '../run/fleet.ts'
import { grouped, identity } from './compare.ts'
import type { PlanFile } from './plan-file.ts'

/** Refuses whatever drops, restarts or replaces, locks out, or lowers what is allowed. */
export const noDestructive: Guard = (_task, plan) => {
  const found = plan.changes.filter((change) => change.destructive)
  if (found.length === 0) return
  throw new Refusal(
    'this would drop, restart or replace something, lock somebody out or lower what is allowed, and --no-destructive forbids it',
    'Run without --no-destructive when it may be done.',
    found.map((change) => `${change.path}${change.reason ? ` (${change.reason})` : ''}`),
  )
}

/** Lets tasks do what the plan names, and nothing else. */
export function onlyPlanned(plan: PlanFile): Guard {
  const planned = grouped(plan.tasks.filter((task) => task.status === 'changed'))
  return (task, now: Plan) => {
    const found = planned.get(identity(task))
    const paths = new Set(found?.changes.map((change) => change.path))
    // A task that hid its changes (no_log) is known by its place alone.
    const hidden = found !== undefined && found.changes.length === 0
    const extra = hidden ? [] : now.changes.filter((change) => !paths.has(change.path))
    if (found && extra.length === 0) return
    throw new Refusal(
      'this is not in the plan, so it was not done',
      'Something changed since the plan was made: make it anew with --check --out.',
      extra.map((change) => change.path),
    )
  }
}
