import type { Options } from '../cli.ts'
import { type PlanFile, readPlan } from '../plan/plan-file.ts'
import { textReporter } from '../report/text.ts'

/** `play show plan.json`: the plan as the check showed it, destructive changes counted first. @returns the exit code */
export async function showCommand(options: Options): Promise<number> {
  const plan = await readPlan(options.playbooks[0]!)
  const color = options.color ?? process.stdout.isTTY === true
  process.stdout.write(headOf(plan))
  const reporter = textReporter({
    out: process.stdout,
    color,
    verbosity: options.verbosity,
    diff: true,
    check: true,
  })
  let last = ''
  for (const task of plan.tasks) {
    const heading = { play: task.play, task: task.task, kind: 'task' as const }
    if (last !== `${task.play}\n${task.task}`) reporter.report({ event: 'task_start', ...heading, at: '' })
    last = `${task.play}\n${task.task}`
    const { host, item, module, status, message } = task
    reporter.report({
      event: 'task_result',
      ...heading,
      module,
      host,
      item,
      status,
      changes: task.changes,
      duration_ms: 0,
      message,
    })
  }
  await reporter.close()
  return 0
}

function headOf(plan: PlanFile): string {
  const destructive = plan.tasks.flatMap((task) =>
    task.changes
      .filter((change) => change.destructive)
      .map((change) => `  ${task.host}: ${change.path}${change.reason ? ` (${change.reason})` : ''}`),
  )
  const hosts = new Set(plan.tasks.map((task) => task.host)).size
  return [
    `${plan.destructive} destructive of ${plan.changes} changes on ${hosts} hosts`,
    ...destructive,
    `play ${plan.playbooks.join(' ')} ${plan.inventory.map((source) => `-i ${source}`).join(' ')}`,
    '',
  ].join('\n')
}
