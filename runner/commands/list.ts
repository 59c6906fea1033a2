import type { Options } from '../cli.ts'
import { PlayError } from '../errors.ts'
import { selectTask } from '../load/tags.ts'
import type { Entry, Play } from '../load/types.ts'
import { Masker } from '../report/mask.ts'
import { writeWhole } from '../report/output.ts'
import { Fleet } from '../run/fleet.ts'
import { type Inherited, inherit, NOTHING_INHERITED } from '../run/inherit.ts'
import { refusalOf } from '../run/keyword-value.ts'
import { targetsOf } from '../run/play.ts'
import type { Input } from './input.ts'

/** --syntax-check and --list-*: what needs no host. @returns the exit code */
export async function list(
  options: Options,
  { plays, inventory, extraVars, ofRun, limit }: Input,
): Promise<number> {
  if (options.mode === 'syntax-check') {
    await writeWhole(process.stdout, options.playbooks.map((path) => `playbook: ${path}\n`).join(''))
    return 0
  }
  const nowhere = () => Promise.reject(new PlayError('internal', 'listing connects to no host'))
  const fleet = new Fleet({
    inventory,
    extraVars,
    check: true,
    connect: nowhere,
    masker: new Masker(),
    emit: () => {},
    playbookDir: plays[0]?.dir ?? '.',
    ofRun,
    loginUser: options.user,
  })
  const input = {
    plays,
    hostsOf(play: Play) {
      try {
        return targetsOf(play, { fleet }).filter((name) => !limit || limit.includes(name))
      } catch (error) {
        throw refusalOf(error)
      }
    },
    selects: (tags: readonly string[]) => selectTask([...tags], options.tags, options.skipTags),
  }
  const text = { 'list-hosts': listHosts, 'list-tasks': listTasks, 'list-tags': listTags }[
    options.mode as 'list-hosts'
  ](input)
  await writeWhole(
    process.stdout,
    `${options.playbooks.map((path) => `\nplaybook: ${path}\n`).join('')}${text}`,
  )
  return 0
}

interface ListInput {
  plays: readonly Play[]
  hostsOf: (play: Play) => string[]
  selects: (tags: readonly string[]) => boolean
}

/** What --list-hosts prints, in Ansible's layout. */
function listHosts({ plays, hostsOf }: ListInput): string {
  return plays
    .map((play, index) => {
      const hosts = hostsOf(play)
      return `${heading(play, index)}\n    pattern: ${play.hosts}\n    hosts (${hosts.length}):\n${hosts.map((host) => `      ${host}\n`).join('')}`
    })
    .join('\n')
}

/** What --list-tasks prints: the tasks that the tags select, each with its tags. */
function listTasks({ plays, selects }: ListInput): string {
  return plays
    .map((play, index) => {
      const tasks = tasksOf(play).filter(({ tags }) => selects(tags))
      const lines = tasks.map(({ name, tags }) => `      ${name}\tTAGS: [${tags.join(', ')}]\n`)
      return `${heading(play, index)}\tTAGS: [${play.tags.join(', ')}]\n    tasks:\n${lines.join('')}`
    })
    .join('\n')
}

/** What --list-tags prints: every tag that the selected tasks bear. */
function listTags({ plays, selects }: ListInput): string {
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
