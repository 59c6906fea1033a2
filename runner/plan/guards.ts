import { Refusal } from '../../contract/errors.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Guard, TaskIdentity } from '../run/fleet.ts'
import { type Action, askedOf, pathsOf, placedOf } from './actions.ts'
import { differing, elsewhere } from './compare-actions.ts'
import type { Digester } from './digest.ts'
import { grouped, identity } from './identity.ts'
import type { PlannedAction } from './plan-file.ts'

/** Refuses whatever drops, restarts or replaces, locks out, or lowers what is allowed. */
export const noDestructive = (_task: TaskIdentity, plan: Plan): void => {
  const found = plan.changes.filter((change) => change.destructive)
  if (found.length === 0) return
  throw new Refusal(
    'this would drop, restart or replace something, lock somebody out or lower what is allowed, and --no-destructive forbids it',
    'Run without --no-destructive when it may be done.',
    found.map((change) => `${change.path}${change.reason ? ` (${change.reason})` : ''}`),
  )
}

/** One after the other. */
export const allOf =
  (guards: readonly Guard[]): Guard =>
  async (...asked) => {
    for (const guard of guards) await guard(...asked)
  }

/**
 * Lets tasks do what a check has found, where and as whom, each as often as it was found there, and nothing else. Their arguments are made of
 * what has been read before the check, and of what the run itself comes upon: a switchover that stopped there for the position that
 * its primary shut down at would leave nothing to write to.
 * @param found of the check that goes before
 */
export function onlyFound(found: readonly Action[]): Guard {
  const left = grouped(found, ({ own }) => own)
  /** What a task that is tried again was taken for. */
  const taken = new Map<TaskIdentity, Action>()
  return (task, plan, doing) => {
    const now = placedOf(task.host, doing)
    const before = taken.get(task)
    const candidates = before ? [before] : (left.get(identity(task)) ?? [])
    const paths = pathsOf(plan)
    const differs = candidates.map((one) => [
      ...elsewhere(one, now),
      ...paths.filter((path) => !one.paths.includes(path)),
    ])
    const at = differs.findIndex((lines) => lines.length === 0)
    if (at < 0) throw notPlanned(differs[0] ?? paths)
    taken.set(task, candidates[at]!)
    if (!before) candidates.splice(at, 1)
  }
}

/** What is really done in a check (`check_mode: false`) is in the plan, or is not done. */
export function onlyPlanned(planned: readonly PlannedAction[], digester: Digester): Guard {
  const known = grouped(planned)
  return async (task, plan, doing) => {
    if (doing.check) return
    const now = askedOf(task, doing, digester)
    let why: string[] | undefined
    for (const one of known.get(identity(now)) ?? []) {
      const differs = await differing(one, now, (was, is) => digester.isWritten(was, is))
      if (differs.length === 0) return
      why ??= differs
    }
    throw notPlanned(why ?? pathsOf(plan))
  }
}

const notPlanned = (details: readonly string[]): Refusal =>
  new Refusal(
    'this is not in the plan, so it was not done',
    'Something changed since the plan was made: make it anew with --check --out.',
    details,
  )
