import { PlayError } from '../errors.ts'
import { PlanCollector } from '../plan/collector.ts'
import { Digester } from '../plan/digest.ts'
import type { PlannedTask } from '../plan/plan-file.ts'
import type { Reporter } from '../report/events.ts'
import { maskingReporter } from '../report/mask.ts'
import type { Session } from './session.ts'

/**
 * Checks the whole run, under the locks that it then goes on with. What cannot be foretold is named, and refused at its
 * turn if it comes to that. @throws {PlayError} code 'destructive', with all that it would do of that kind
 */
export async function refuseDestructive(session: Session, reporter: Reporter): Promise<void> {
  const found = new PlanCollector(undefined, new Digester((text) => session.masker.mask(text)))
  await session.run(found, { check: true, lock: true, aloud: reporter })
  refuseWhatDrops(found.tasks)
  const unknown = found.tasks.filter(({ status }) => status === 'unknown').map(placeOf)
  if (unknown.length > 0)
    maskingReporter(reporter, session.masker).report({
      event: 'warning',
      message: `--no-destructive: what these will do cannot be told before their turn; they are refused then if they would drop, restart or replace something: ${unknown.join('; ')}`,
    })
}

/** @throws {PlayError} */
export function refuseWhatDrops(tasks: readonly PlannedTask[]): void {
  const details = tasks.flatMap((task) =>
    task.changes
      .filter(({ destructive }) => destructive)
      .map(({ path, reason }) => `${placeOf(task)}: ${path}${reason ? ` (${reason})` : ''}`),
  )
  if (details.length === 0) return
  throw new PlayError(
    'destructive',
    'this run would drop, restart or replace something, lock somebody out or lower what is allowed, and --no-destructive forbids it: nothing was touched',
    { hint: 'Run without --no-destructive when it may be done.', details },
  )
}

const placeOf = ({ host, task }: PlannedTask): string => `${host}: ${task}`
