import { isDeepStrictEqual } from 'node:util'
import { jsonText } from '../../contract/exact-json.ts'
import type { PlanCollector } from './collector.ts'
import { compareActions } from './compare-actions.ts'
import { grouped, headOf } from './identity.ts'
import type { PlanFile, PlannedPlay, PlannedTask } from './plan-file.ts'

/** What differs between the plan and what a check finds now: `host: task: what`, empty where nothing does. */
export async function differences(
  plan: PlanFile,
  now: Pick<PlanCollector, 'tasks' | 'plays' | 'actions' | 'digester'>,
): Promise<string[]> {
  const told = new Set<string>()
  const tasks = compareTasks(plan.tasks, now.tasks, told)
  const actions = await compareActions(plan.actions, now.actions, now.digester, told)
  return [...comparePlays(plan.plays, now.plays), ...tasks, ...actions]
}

function comparePlays(planned: readonly PlannedPlay[], now: readonly PlannedPlay[]): string[] {
  return Array.from({ length: Math.max(planned.length, now.length) }, (_, index) => {
    const [was, is] = [planned[index], now[index]]
    if (isDeepStrictEqual(was, is)) return []
    return [`play ${(was ?? is)!.play}: planned for ${hostsOf(was)}, and now for ${hostsOf(is)}`]
  }).flat()
}

function hostsOf(play: PlannedPlay | undefined): string {
  if (!play) return 'no host'
  const { hosts, batch } = play
  return `${hosts.join(', ')}${batch ? ` (batch ${batch[0]} of ${batch[1]})` : ''}`
}

/** @param told of which tasks something was said, by key */
function compareTasks(
  planned: readonly PlannedTask[],
  now: readonly PlannedTask[],
  told: Set<string>,
): string[] {
  const [before, after] = [grouped(planned), grouped(now)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key) ?? [], after.get(key) ?? []]
    const lines = Array.from({ length: Math.max(was.length, is.length) }, (_, index) =>
      compareTask(was[index], is[index]),
    ).flat()
    if (lines.length > 0) told.add(key)
    return lines
  })
}

function compareTask(was: PlannedTask | undefined, is: PlannedTask | undefined): string[] {
  const head = headOf((was ?? is)!)
  if (!is) return [`${head}: planned, and there is nothing to change any more`]
  if (!was) return [`${head}: not planned, and now ${is.status}: ${pathsOf(is)}`]
  if (was.status !== is.status) return [`${head}: planned as ${was.status}, and now ${is.status}`]
  if (areSame(was.changes, is.changes)) return []
  const lines = changed(head, was, is)
  return lines.length > 0 ? lines : [`${head}: its changes are not those that were planned`]
}

function changed(head: string, was: PlannedTask, is: PlannedTask): string[] {
  const paths = new Set([...was.changes, ...is.changes].map((change) => change.path))
  return [...paths].flatMap((path) => {
    const one = was.changes.find((change) => change.path === path)
    const other = is.changes.find((change) => change.path === path)
    if (areSame(one ? [one] : [], other ? [other] : [])) return []
    return [`${head}: ${path}: planned ${say(one)}, and now ${say(other)}`]
  })
}

/** Whatever the reasons say: they may tell how much there is of something that grows all the time. */
const areSame = (some: PlannedTask['changes'], others: PlannedTask['changes']): boolean => {
  const [one, other] = [some, others].map((all) => all.map(({ reason: _reason, ...change }) => change))
  return isDeepStrictEqual(one, other)
}

const pathsOf = (task: PlannedTask): string =>
  task.changes.map((change) => change.path).join(', ') || task.message || ''

function say(change: PlannedTask['changes'][number] | undefined): string {
  if (!change) return 'nothing'
  if (change.text) return 'another text'
  return `${short(change.before)} → ${short(change.after)}`
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonText(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
