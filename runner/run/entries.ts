import pLimit from 'p-limit'
import { PlayError } from '../errors.ts'
import { compileCondition } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import { taskFile } from '../load/playbook/imports.ts'
import { inherited as inheritedBy } from '../load/playbook/inherit.ts'
import { loadRole, loadTaskFile } from '../load/playbook.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Block, Entry, IncludeTasks, Task, Template } from '../load/types.ts'
import { reportOutcome, runOnHost } from './host-task.ts'
import { type Inherited, inherit, type SeenVars } from './inherit.ts'
import { flagOf, numberOf } from './keyword-value.ts'
import { itemsOf } from './loop.ts'
import { runMeta } from './meta.ts'
import { failedOutcome } from './outcome.ts'
import { addRole, type BatchContext } from './play.ts'

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
            : await runInclude(entry, active, own, context, kind)
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

/** Keywords that concern all hosts together are what the first one says. */
const isTrue = (
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
  if (kind === 'task' && !context.selects(inherited.tags)) return new Set()
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
  if (additions.length > 0) context.fleet.grow(additions)
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

/** Files that are included inside each other. */
const MOST_INCLUDES = 100

/** Hosts whose file, conditions and item are the same go through the included tasks together. */
async function runInclude(
  include: IncludeTasks,
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  const failed = new Set<string>()
  const fail = (name: string, error: unknown): void => {
    if (failed.has(name)) return
    failed.add(name)
    context.tally.count(name, 'failed')
    const task = { name: include.name, module: 'include_tasks' }
    reportOutcome(failedOutcome(error), task, name, null, 0, context, kind)
  }
  const groups = new Map<string, Group>()
  const place = { playDir: context.play.dir, now: true, check: context.fleet.options.check }
  // The conditions decide whether to include; inside they have been answered.
  for (const name of hosts) {
    const host = context.fleet.host(name)
    try {
      const scope = context.fleet.scope(host, context.playVars, inherited)
      for (const { value, vars } of await settled(() => itemsOf(include, scope, place), context)) {
        const inner = include.loop ? extendScope(scope, vars, true) : scope
        const what = await settled(
          () =>
            inherited.when.every((condition) => compileCondition(condition).test(inner)) &&
            wantedBy(include, inner),
          context,
        )
        if (!what) continue
        const key = JSON.stringify([what, value])
        const group = groups.get(key) ?? { what, hosts: [], vars }
        group.hosts.push(name)
        groups.set(key, group)
      }
    } catch (error) {
      fail(name, error)
    }
  }
  const includes = (inherited.includes ?? 0) + 1
  if (includes > MOST_INCLUDES) {
    const error = new PlayError(
      'playbook',
      `include_tasks: more than ${MOST_INCLUDES} files include each other`,
      {
        pos: include.pos,
        hint: 'A file that includes itself needs a condition that ends it.',
      },
    )
    for (const name of [...groups.values()].flatMap((group) => group.hosts)) fail(name, error)
    groups.clear()
  }
  for (const { what, hosts: members, vars } of groups.values()) {
    // What it was given has been seen by its conditions; for its tasks it stands above what they set.
    const given: SeenVars = { vars: include.vars, at: include.varsAt }
    const own: Inherited = {
      ...inherited,
      includes,
      when: [],
      params: [...inherited.params, given],
      vars: include.loop ? [...inherited.vars, { vars, data: true }] : inherited.vars,
      sees: {},
    }
    const active = members.filter((name) => !failed.has(name))
    const entries = include.entries ?? loadIncluded(what, include, context)
    if (include.asked?.public && include.use) addRole(include.use, context.playVars, context.fleet)
    const applied = include.apply ? entries.map((entry) => inheritedBy(entry, include.apply!)) : entries
    for (const name of await runEntries(applied, active, own, context, kind)) failed.add(name)
  }
  return failed
}

interface Group {
  what: Wanted
  hosts: string[]
  vars: Record<string, unknown>
}

/** A file of tasks by its path, or a role with the files of it that are read. */
type Wanted = { path: string } | { role: string; from: Record<string, string> }

function wantedBy(include: IncludeTasks, scope: Scope): Wanted {
  const text = (value: string) => String(renderValue(value, scope, () => include.pos))
  if (!include.asked) return { path: taskFile(text(include.path), include.dir, include.lookIn) }
  const from = Object.entries(include.asked.from).map(([part, file]) => [part, text(file)])
  return { role: text(include.asked.name), from: Object.fromEntries(from) }
}

function loadIncluded(what: Wanted, include: IncludeTasks, context: BatchContext): Entry[] {
  const options = {
    modules: context.modules,
    extraVars: context.fleet.options.extraVars,
    moduleDefaults: include.moduleDefaults,
    role: include.role,
    conditional: true,
    playDir: context.play.dir,
    settings: context.play.settings,
    pos: include.pos,
  }
  if ('role' in what) {
    const { use, entries, handlers } = loadRole(what.role, what.from, {
      ...options,
      unchecked: include.asked?.unchecked,
    })
    context.handlers.add(handlers)
    if (include.asked?.public) addRole(use, context.playVars, context.fleet)
    return entries
  }
  try {
    return loadTaskFile(what.path, options)
  } catch (error) {
    if (error instanceof PlayError && error.code === 'file')
      throw new PlayError('file', `include_tasks: there is no file ${what.path}`, { pos: include.pos })
    throw error
  }
}
