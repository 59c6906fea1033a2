import type { Entry, Inventory, Play } from './load/types.ts'
import { type Inherited, inherit, NOTHING_INHERITED } from './run/inherit.ts'

export interface ListInput {
  plays: readonly Play[]
  hostsOf: (play: Play) => string[]
  selects: (tags: readonly string[]) => boolean
  inventory: Inventory
}

/** What --list-hosts prints, in Ansible's layout. */
export function listHosts({ plays, hostsOf }: ListInput): string {
  return plays
    .map((play, index) => {
      const hosts = hostsOf(play)
      return `${heading(play, index)}\n    pattern: ${play.hosts}\n    hosts (${hosts.length}):\n${hosts.map((host) => `      ${host}\n`).join('')}`
    })
    .join('\n')
}

/** What --list-tasks prints: the tasks that the tags select, each with its tags. */
export function listTasks({ plays, selects }: ListInput): string {
  return plays
    .map((play, index) => {
      const tasks = tasksOf(play).filter(({ tags }) => selects(tags))
      const lines = tasks.map(({ name, tags }) => `      ${name}\tTAGS: [${tags.join(', ')}]\n`)
      return `${heading(play, index)}\tTAGS: [${play.tags.join(', ')}]\n    tasks:\n${lines.join('')}`
    })
    .join('\n')
}

/** What --list-tags prints: every tag that the selected tasks bear. */
export function listTags({ plays, selects }: ListInput): string {
  return plays
    .map((play, index) => {
      const tags = new Set(tasksOf(play).flatMap((task) => (selects(task.tags) ? task.tags : [])))
      return `${heading(play, index)}\tTAGS: [${play.tags.join(', ')}]\n      TASK TAGS: [${[...tags].sort().join(', ')}]\n`
    })
    .join('\n')
}

const heading = (play: Play, index: number): string => `\n  play #${index + 1} (${play.hosts}): ${play.name}`

function tasksOf(play: Play): { name: string; tags: readonly string[] }[] {
  const base = inherit(NOTHING_INHERITED, play)
  return play.sections.flatMap((section) => walk(section.entries, base))
}

function walk(entries: readonly Entry[], parent: Inherited): { name: string; tags: readonly string[] }[] {
  return entries.flatMap((entry) => {
    const own = inherit(parent, entry)
    if (entry.kind === 'block')
      return [...entry.block, ...entry.rescue, ...entry.always].flatMap((inner) => walk([inner], own))
    return [{ name: entry.name, tags: own.tags }]
  })
}
