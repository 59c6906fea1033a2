import { isDeepStrictEqual } from 'node:util'
import type { TaskIdentity } from '../run/fleet.ts'
import type { PlannedTask } from './plan-file.ts'

/** What differs between the plan and what a check finds now: `host: task: what`, empty where nothing does. */
export function differences(planned: readonly PlannedTask[], now: readonly PlannedTask[]): string[] {
  const before = grouped(planned)
  const after = grouped(now)
  const lines: string[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(key)
    const is = after.get(key)
    const { host, task, item } = (was ?? is)!
    const head = `${host}: ${task}${item === null ? '' : ` (${item})`}`
    if (!is) lines.push(`${head}: planned, and there is nothing to change any more`)
    else if (!was) lines.push(`${head}: not planned, and now ${is.status}: ${pathsOf(is)}`)
    else if (was.status !== is.status) lines.push(`${head}: planned as ${was.status}, and now ${is.status}`)
    else if (!isDeepStrictEqual(was.changes, is.changes)) lines.push(...changed(head, was, is))
  }
  return lines
}

/** A task may stand twice in a play under one name: those are one here, with the changes of both. */
export function grouped(tasks: readonly PlannedTask[]): Map<string, PlannedTask> {
  const found = new Map<string, PlannedTask>()
  for (const task of tasks) {
    const same = found.get(identity(task))
    found.set(identity(task), same ? { ...same, changes: [...same.changes, ...task.changes] } : task)
  }
  return found
}

function changed(head: string, was: PlannedTask, is: PlannedTask): string[] {
  const paths = new Set([...was.changes, ...is.changes].map((change) => change.path))
  return [...paths].flatMap((path) => {
    const one = was.changes.find((change) => change.path === path)
    const other = is.changes.find((change) => change.path === path)
    if (isDeepStrictEqual(one, other)) return []
    return [`${head}: ${path}: planned ${say(one)}, and now ${say(other)}`]
  })
}

const pathsOf = (task: PlannedTask): string =>
  task.changes.map((change) => change.path).join(', ') || task.message || ''

function say(change: PlannedTask['changes'][number] | undefined): string {
  if (!change) return 'nothing'
  if (change.text) return 'another text'
  return `${short(change.before)} → ${short(change.after)}`
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

export const identity = ({ play, task, host, item }: TaskIdentity): string =>
  JSON.stringify([play, task, host, item])
