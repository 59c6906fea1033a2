import { isDeepStrictEqual } from 'node:util'
import { quoteWords } from '../../contract/quote.ts'
import type { Options } from '../cli.ts'
import { grouped, headOf as headOfTask, identity } from '../plan/identity.ts'
import { type PlanFile, readPlan } from '../plan/plan-file.ts'
import { textReporter } from '../report/text.ts'
import { SETTINGS, type SettingName } from '../settings/table.ts'

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
    commandOf(plan),
    ...settingsOf(plan),
    ...placesOf(plan),
    ...untoldOf(plan),
    '',
  ].join('\n')
}

function commandOf({ playbooks, inventory, limit, start_at_task, language, extra_vars }: PlanFile): string {
  const options = [
    ...inventory.flatMap((source) => ['-i', source]),
    ...(limit === undefined ? [] : ['-l', limit]),
    ...(start_at_task === undefined ? [] : ['--start-at-task', start_at_task]),
    ...(language === undefined ? [] : ['--language', language]),
  ]
  const variables = Object.keys(extra_vars).map((name) => ` -e ${name}=…`)
  return `play ${quoteWords([...playbooks, ...options])}${variables.join('')}`
}

/** Those that are not as where nobody says anything. */
function settingsOf({ settings }: PlanFile): string[] {
  const said = (Object.keys(SETTINGS) as SettingName[]).filter((name) => {
    const isOwn = name !== 'inventory' && name !== 'roles_path' && name !== 'collections_path'
    return isOwn && name in settings && !isDeepStrictEqual(settings[name], SETTINGS[name].default)
  })
  return said.map((name) => `  ${name}: ${[settings[name]].flat().join(', ')}`)
}

/** Where things are done, and as whom, host by host. */
function placesOf({ actions }: PlanFile): string[] {
  const places = actions.map(({ host, at, login, user, become_method }) => {
    const as = user === login ? '' : `, as ${user}${become_method ? ` by ${become_method}` : ''}`
    return `  ${host}: on ${at}, login ${login}${as}`
  })
  return [...new Set(places)]
}

/** What is done, and counts as no change: `changed_when: false`. */
function untoldOf({ tasks, actions }: PlanFile): string[] {
  const told = grouped(tasks)
  const untold = actions.filter((action) => !told.has(identity(action)))
  return untold.map((action) => `  ${headOfTask(action)}: done, and counts as no change`)
}
