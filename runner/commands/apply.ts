import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import { PlanCollector } from '../plan/collector.ts'
import { differences } from '../plan/compare.ts'
import { Digester } from '../plan/digest.ts'
import { allOf, noDestructive, onlyFound, onlyPlanned } from '../plan/guards.ts'
import { headOf } from '../plan/identity.ts'
import { withKept } from '../plan/kept-options.ts'
import { type PlanFile, readPlan } from '../plan/plan-file.ts'
import { requireSameVariables } from '../plan/variables.ts'
import { compareWays, waysOf } from '../plan/ways.ts'
import type { Reporter } from '../report/events.ts'
import { loadInput } from './input.ts'
import { openVault } from './open-vault.ts'
import { refuseWhatDrops } from './refuse-destructive.ts'
import { reporterFor } from './reporter.ts'
import { Session } from './session.ts'

/**
 * `play apply plan.json`: checks anew, and where every host is still as it was when the plan was made, does what the
 * plan says and nothing else.
 * @returns the exit code
 * @throws {PlayError} code 'plan' where it does not fit any more; then nothing was done
 */
export async function applyCommand(given: Options, output?: Reporter): Promise<number> {
  const plan = await readPlan(given.playbooks[0]!)
  const options = withKept(given, plan)
  await openVault(options)
  const input = loadInput(options)
  await requireSameVariables(plan, input.extraVars)
  const session = await Session.open(options, input)
  const reporter = output ?? reporterFor(options)
  try {
    const digester = new Digester((text) => session.masker.mask(text), plan.key)
    const now = new PlanCollector(undefined, digester)
    const guard = allOf([onlyPlanned(plan.actions, digester), now.guard])
    await session.run(now, { check: true, lock: true, aloud: reporter, guard })
    const details = [
      ...compareWays(plan.ways, waysOf(input.plays)),
      ...(await differences(plan, now)),
      ...unforeseen(plan),
    ]
    if (details.length > 0)
      throw new PlayError('plan', 'the plan does not fit any more, and nothing was done', {
        hint: 'Make it anew with --check --out.',
        details,
      })
    if (!options.destructive) refuseWhatDrops(now.tasks)
    const guards = [onlyFound(now.actions), ...(options.destructive ? [] : [noDestructive])]
    return await session.run(reporter, { check: false, guard: allOf(guards) })
  } finally {
    await Promise.all([session.close(), reporter.close()])
  }
}

/** What the check could not tell. */
const unforeseen = (plan: PlanFile): string[] => [
  ...plan.tasks.flatMap((task) =>
    task.status === 'changed' ? [] : [`${headOf(task)}: the check could not foretell it (${task.status})`],
  ),
  ...plan.actions.flatMap((action) =>
    action.unknown_environment === undefined
      ? []
      : [`${headOf(action)}: its environment is not known before the run: ${action.unknown_environment}`],
  ),
]
