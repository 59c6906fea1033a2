import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import { PlanCollector } from '../plan/collector.ts'
import { differences } from '../plan/compare.ts'
import { noDestructive, onlyPlanned } from '../plan/guards.ts'
import { type PlanFile, readPlan } from '../plan/plan-file.ts'
import type { Reporter } from '../report/events.ts'
import type { Guard } from '../run/fleet.ts'
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
  const options = planOptions(given, plan)
  await openVault(options)
  const input = loadInput(options)
  requireSameVariables(plan, Object.keys(input.extraVars))
  const session = await Session.open(options, input)
  const reporter = output ?? reporterFor(options)
  try {
    const now = new PlanCollector()
    await session.run(now, { check: true, lock: true, aloud: reporter })
    const differ = differences(plan.tasks, now.tasks)
    const undecided = plan.tasks.filter((task) => task.status !== 'changed')
    for (const task of undecided)
      differ.push(`${task.host}: ${task.task}: the check could not foretell it (${task.status})`)
    if (differ.length > 0)
      throw new PlayError('plan', 'the plan does not fit any more, and nothing was done', {
        hint: 'Make it anew with --check --out.',
        details: differ,
      })
    if (!options.destructive) refuseWhatDrops(now.tasks)
    const guards: Guard[] = [onlyPlanned(plan), ...(options.destructive ? [] : [noDestructive])]
    return await session.run(reporter, {
      check: false,
      guard: (task, found) => {
        for (const guard of guards) guard(task, found)
      },
    })
  } finally {
    await Promise.all([session.close(), reporter.close()])
  }
}

const planOptions = (given: Options, plan: PlanFile): Options => ({
  ...given,
  mode: 'run',
  check: false,
  playbooks: plan.playbooks,
  inventory: plan.inventory,
  limit: plan.limit,
  tags: plan.tags,
  skipTags: plan.skip_tags,
  startAtTask: plan.start_at_task,
  become: plan.become,
  becomeUser: plan.become_user,
})

function requireSameVariables(plan: PlanFile, given: string[]): void {
  const missing = plan.extra_vars.filter((name) => !given.includes(name))
  const extra = given.filter((name) => !plan.extra_vars.includes(name))
  if (missing.length === 0 && extra.length === 0) return
  throw new PlayError('usage', 'the plan was made with other -e variables', {
    hint: 'Give the same ones: a plan keeps their names, never their values.',
    details: [
      ...missing.map((name) => `missing: -e ${name}=…`),
      ...extra.map((name) => `not in the plan: ${name}`),
    ],
  })
}
