import pLimit from 'p-limit'
import type { Pos } from '../errors.ts'
import { tagsIn } from '../load/playbook/fields.ts'
import { hasTemplate, renderValue } from '../load/template.ts'
import type { Block, Entry, Task, Template } from '../load/types.ts'
import { failOn, runOnHost } from './host-task.ts'
import { runInclude } from './include.ts'
import { type Inherited, inherit } from './inherit.ts'
import { flagOf, numberOf } from './keyword-value.ts'
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
    const lost =
      entry.kind === 'task'
        ? await runTaskEntry(entry, active, own, context, kind)
        : entry.kind === 'block'
          ? await runBlock(entry, active, own, context, kind)
          : entry.kind === 'meta'
            ? await runMeta(entry, active, own, context)
            : await runInclude(entry, active, { outer: inherited, own }, context, kind)
    for (const name of lost) failed.add(name)
    if (lost.size > 0 && isTrue('any_errors_fatal', own.anyErrorsFatal, active, own, context))
      for (const name of active) loseWith(name, failed, context)
    if (lost.size > 0 && !own.guarded) breakWhereTooMany(active, failed, own, context)
  }
  return failed
}

/** `max_fail_percentage`: of the batch. A host that a rescue may still save has not failed yet. */
function breakWhereTooMany(
  active: readonly string[],
  failed: Set<string>,
  inherited: Inherited,
  context: BatchContext,
): void {
  const { fleet, play, playVars, tally, course } = context
  if (play.maxFailPercentage === undefined) return
  const scope = () => fleet.scope(fleet.host(active[0]!), playVars, inherited)
  const most = numberOf('max_fail_percentage', play.maxFailPercentage, scope)
  const gone = playVars.hosts.filter((name) => tally.isLost(name) && !tally.isUnreachable(name))
  if ((gone.length / playVars.hosts.length) * 100 <= most) return
  for (const name of active) loseWith(name, failed, context)
  course.broken = true
}

/** Whether the options select its tags; {{ }} in them is what it gives for the first host. */
export function isSelected(
  pos: Pos,
  [first]: readonly string[],
  inherited: Inherited,
  context: BatchContext,
): boolean {
  const { tags } = inherited
  if (!tags.some(hasTemplate)) return context.selects(tags)
  const scope = context.fleet.scope(context.fleet.host(first!), context.playVars, inherited)
  const rendered = tags.flatMap((tag) => renderValue(tag, scope, () => pos))
  return context.selects(tagsIn(rendered.map(String)))
}

/** Keywords that concern all hosts together are what the first one says. */
export const isTrue = (
  keyword: string,
  value: boolean | Template | undefined,
  [first]: readonly string[],
  inherited: Inherited,
  { fleet, playVars }: BatchContext,
): boolean => flagOf(keyword, value, () => fleet.scope(fleet.host(first!), playVars, inherited)) === true

function loseWith(name: string, failed: Set<string>, context: BatchContext): void {
  context.tally.lose(name)
  context.fleet.loseHosts()
  failed.add(name)
}

async function runTaskEntry(
  task: Task,
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  // Handlers run when notified, whatever their tags say.
  if (kind === 'task' && !isSelected(task.pos, hosts, inherited, context)) return new Set()
  if (context.startAt.name !== undefined) {
    if (task.name !== context.startAt.name) return new Set()
    context.startAt.name = undefined
  }
  const { file, pos } = task
  const own = context.fleet.heading(task, hosts[0]!, context.playVars, inherited)
  const heading = task.role ? `${task.role.name} : ${own}` : own
  context.fleet.options.emit({
    event: 'task_start',
    play: context.play.name,
    task: heading,
    kind,
    at: `${file}:${pos.line}`,
  })
  const runOnce =
    context.modules.get(task.module)?.oncePerPlay === true ||
    isTrue('run_once', inherited.runOnce, hosts, inherited, context)
  const first = runOnce ? hosts.slice(0, 1) : hosts
  const { epoch } = context.fleet
  const failed = new Set<string>()
  const inThrottle = throttleOf(inherited, hosts, context)
  const all = Promise.all(
    first.map((name) =>
      context.limitForks(async () => {
        const outcome = await inThrottle(() => runOnHost(task, heading, name, inherited, context, kind))
        const lost = (outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.ignored
        if (lost) failed.add(name)
        if (runOnce && task.register)
          for (const other of hosts.slice(1))
            context.fleet.host(other).register({ [task.register]: outcome.result })
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
function throttleOf(
  inherited: Inherited,
  [first]: readonly string[],
  { fleet, playVars }: BatchContext,
): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const scope = () => fleet.scope(fleet.host(first!), playVars, inherited)
  const most = numberOf('throttle', inherited.throttle, scope, { whole: true })
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
