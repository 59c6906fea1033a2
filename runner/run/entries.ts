import pLimit from 'p-limit'
import { matchesGlob } from '../../contract/glob.ts'
import { PlayError, type Pos } from '../errors.ts'
import { settled } from '../load/outside.ts'
import { tagsIn } from '../load/playbook/fields.ts'
import { hasTemplate } from '../load/template.ts'
import type { Block, Entry, Task, Template } from '../load/types.ts'
import { failOn, runOnHost } from './host-task.ts'
import { runInclude } from './include.ts'
import { type Inherited, inherit } from './inherit.ts'
import { flagOf, numberOf, textsOf } from './keyword-value.ts'
import { runMeta } from './meta.ts'
import type { BatchContext } from './play.ts'

/**
 * Runs entries in order, each on all hosts before the next (Ansible's linear strategy). A host that fails stops for
 * itself. @returns the hosts that failed in these entries.
 */
export async function runEntries(
  entries: readonly Entry[],
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler' = 'task',
): Promise<Set<string>> {
  const failed = new Set<string>()
  for (const entry of entries) {
    const active = hosts.filter((name) => !failed.has(name) && !context.course.ended.has(name))
    if (active.length === 0 || context.interrupted() || context.course.broken) break
    const own = inherit(inherited, entry)
    try {
      const lost = await runEntry(entry, active, { outer: inherited, own }, context, kind)
      for (const name of lost) failed.add(name)
      if (lost.size === 0) continue
      if (await isTrue('any_errors_fatal', own.anyErrorsFatal, active, own, context))
        for (const name of active) loseWith(name, failed, context)
      if (!own.guarded) await breakWhereTooMany(active, failed, own, context)
    } catch (error) {
      for (const name of failAll(error, entry, active, context, kind)) failed.add(name)
    }
  }
  return failed
}

function runEntry(
  entry: Entry,
  active: readonly string[],
  around: { outer: Inherited; own: Inherited },
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  switch (entry.kind) {
    case 'task':
      return runTaskEntry(entry, active, around.own, context, kind)
    case 'block':
      return runBlock(entry, active, around.own, context, kind)
    case 'meta':
      return runMeta(entry, active, around.own, context)
    case 'include':
      return runInclude(entry, active, around, context, kind)
  }
}

/** These end the run, and not a host. */
const ENDS_RUN: ReadonlySet<string> = new Set(['output', 'lock'])

/** Something is wrong that concerns all hosts together, such as a keyword that the first one says. @returns those that are lost */
function failAll(
  error: unknown,
  entry: Entry,
  hosts: readonly string[],
  context: BatchContext,
  kind: 'task' | 'handler',
): string[] {
  if (error instanceof PlayError && ENDS_RUN.has(error.code)) throw error
  const { name = entry.kind, pos } = entry
  const at = `${pos.file}:${pos.line}`
  context.fleet.options.emit({ event: 'task_start', play: context.play.name, task: name, kind, at })
  const named = { name, pos, module: entry.kind === 'task' ? entry.module : entry.kind }
  return hosts.filter((host) => context.tally.isLost(host) || failOn(host, error, named, context, kind))
}

/** `max_fail_percentage`: of the batch. A host that a rescue may still save has not failed yet. */
async function breakWhereTooMany(
  active: readonly string[],
  failed: Set<string>,
  inherited: Inherited,
  context: BatchContext,
): Promise<void> {
  const { fleet, play, playVars, tally, course } = context
  if (play.maxFailPercentage === undefined) return
  const scope = () => fleet.variables.scope(fleet.host(active[0]!), playVars, inherited)
  const most = (await settled(() => numberOf('max_fail_percentage', play.maxFailPercentage, scope), context))!
  const gone = playVars.hosts.filter((name) => tally.isLost(name) && !tally.isUnreachable(name))
  if ((gone.length / playVars.hosts.length) * 100 <= most) return
  for (const name of active) loseWith(name, failed, context)
  course.broken = true
}

/** Whether the options select its tags; {{ }} in them is what it gives for the first host. */
export async function isSelected(
  pos: Pos,
  [first]: readonly string[],
  inherited: Inherited,
  context: BatchContext,
): Promise<boolean> {
  const { tags } = inherited
  if (!tags.some(hasTemplate)) return context.selects(tags)
  const rendered = await settled(() => {
    const scope = context.fleet.variables.scope(context.fleet.host(first!), context.playVars, inherited)
    return tags.flatMap((tag) => textsOf('tags', tag, scope, pos))
  }, context)
  return context.selects(tagsIn(rendered))
}

/** Keywords that concern all hosts together are what the first one says. */
export async function isTrue(
  keyword: string,
  value: boolean | Template | undefined,
  [first]: readonly string[],
  inherited: Inherited,
  context: BatchContext,
): Promise<boolean> {
  const { fleet, playVars } = context
  const scope = () => fleet.variables.scope(fleet.host(first!), playVars, inherited)
  return (await settled(() => flagOf(keyword, value, scope), context)) === true
}

function loseWith(name: string, failed: Set<string>, context: BatchContext): void {
  context.tally.lose(name)
  context.fleet.loseHosts()
  failed.add(name)
}

/** Whether `--start-at-task` means this one: its name or ROLE : NAME, as it is or as a pattern, as Ansible has it. */
function isCalled(task: Task, wanted: string): boolean {
  const names = task.role ? [task.name, `${task.role.name} : ${task.name}`] : [task.name]
  return names.some((name) => name === wanted || matchesGlob(wanted, name))
}

async function runTaskEntry(
  task: Task,
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  // Handlers run when notified, whatever their tags say.
  if (kind === 'task' && !(await isSelected(task.pos, hosts, inherited, context))) return new Set()
  if (context.startAt.name !== undefined) {
    if (!isCalled(task, context.startAt.name)) return new Set()
    context.startAt.name = undefined
  }
  const { file, pos } = task
  const runOnce =
    context.modules.get(task.module)?.oncePerPlay === true ||
    (await isTrue('run_once', inherited.runOnce, hosts, inherited, context))
  const inThrottle = await throttleOf(inherited, hosts, context)
  const own = await settled(
    () => context.fleet.variables.heading(task, hosts[0]!, context.playVars, inherited),
    context,
  )
  const heading = task.role ? `${task.role.name} : ${own}` : own
  context.fleet.options.emit({
    event: 'task_start',
    play: context.play.name,
    task: heading,
    kind,
    at: `${file}:${pos.line}`,
  })
  const first = runOnce ? hosts.slice(0, 1) : hosts
  const alike = runOnce ? hosts.slice(1) : []
  const { epoch } = context.fleet
  const failed = new Set<string>()
  const all = Promise.all(
    first.map((name) =>
      context.limitForks(async () => {
        const outcome = await inThrottle(() =>
          runOnHost(task, heading, name, inherited, context, kind, alike),
        )
        const lost = (outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.ignored
        if (lost) failed.add(name)
        if (task.register)
          for (const other of alike) context.fleet.host(other).register({ [task.register]: outcome.result })
        return outcome.additions ?? []
      }),
    ),
  )
  context.ahead.begin(task)
  const sent = setImmediate(() => context.ahead.makeReady(task))
  const additions = (await all.finally(() => clearImmediate(sent))).flat()
  try {
    if (additions.length > 0) context.fleet.grow(additions)
  } catch (error) {
    const named = { name: heading, module: task.module, pos }
    for (const name of first) if (failOn(name, error, named, context, kind)) failed.add(name)
  }
  if (failed.size > 0) context.fleet.loseHosts()
  context.ahead.end(task, context.fleet.epoch === epoch)
  if (runOnce && failed.size > 0) for (const name of hosts) loseWith(name, failed, context)
  return failed
}

/** `throttle`, which never allows more hosts at a time than --forks does. */
async function throttleOf(
  inherited: Inherited,
  [first]: readonly string[],
  context: BatchContext,
): Promise<<Result>(work: () => Promise<Result>) => Promise<Result>> {
  const { fleet, playVars } = context
  const scope = () => fleet.variables.scope(fleet.host(first!), playVars, inherited)
  const read = () => numberOf('throttle', inherited.throttle, scope, { whole: true })
  const most = await settled(read, context)
  return most === undefined || most === 0 ? (work) => work() : pLimit(most)
}

/** block, then rescue for those that failed in it, then always for all. */
async function runBlock(
  block: Block,
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  const isGuarded = block.rescue.length > 0 || block.always.length > 0
  const inside = isGuarded && !inherited.guarded ? { ...inherited, guarded: true as const } : inherited
  const failed = await runEntries(block.block, hosts, inside, context, kind)
  if (block.rescue.length > 0) {
    const rescuable = [...failed].filter((name) => !context.tally.isUnreachable(name))
    for (const name of rescuable) {
      context.tally.rescue(name)
      failed.delete(name)
    }
    if (rescuable.length > 0)
      for (const name of await runEntries(block.rescue, rescuable, inside, context, kind)) failed.add(name)
  }
  if (block.always.length > 0) {
    const reachable = hosts.filter((name) => !context.tally.isUnreachable(name))
    for (const name of await runEntries(block.always, reachable, inherited, context, kind)) failed.add(name)
  }
  return failed
}
