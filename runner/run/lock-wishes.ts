import type { Module } from '../../contract/module.ts'
import type { Pos } from '../errors.ts'
import { notNow } from '../load/outside.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import { hasTemplate } from '../load/template.ts'
import type { Entry, Play, Task } from '../load/types.ts'
import { type Inherited, inherit } from './inherit.ts'
import { becomeUser } from './inspect.ts'
import { textOf } from './keyword-value.ts'
import { itemsOf } from './loop.ts'
import { inheritedOf, playVarsFor, possibleTargets, type RunContext } from './play.ts'

type Known = Pick<RunContext, 'fleet' | 'modules' | 'selects' | 'limit' | 'base' | 'knownPlayVars'>

interface Changing {
  task: Task | null
  inherited: Inherited
}

/** Whether a task may change a host. What a dynamic include holds is not known. */
export const mayChange = (task: Task, module: Module | undefined, inherited: Inherited): boolean =>
  inherited.checkMode !== true && module?.changesNothing?.(task.args.value) !== true

/**
 * The hosts that a run may change, as far as can be told before it begins, each with the user that can do most there:
 * those of the plays, and those that tasks are delegated to by name.
 */
export function lockWishes(plays: readonly Play[], run: Known): Map<string, string | undefined> {
  const wishes = new Map<string, string | undefined>()
  const wish = (name: string, as: string | undefined) => {
    if (wishes.get(name) !== 'root') wishes.set(name, as ?? wishes.get(name))
  }
  for (const play of plays) {
    const changing = play.sections.flatMap(({ entries }) =>
      changingTasks(entries, inheritedOf(play, run.base), run),
    )
    if (changing.length === 0) continue
    const hosts = run.limit(possibleTargets(play, run))
    const playVars = playVarsFor(play, hosts, run)
    for (const name of hosts) {
      const host = run.fleet.host(name)
      const scopeOf = ({ inherited }: Changing) => run.fleet.variables.scope(host, playVars, inherited)
      for (const one of changing) {
        if (one.inherited.delegateTo === undefined && wishes.get(name) !== 'root')
          wish(name, userOf(one, scopeOf, play.pos))
        if (one.inherited.delegateTo === undefined || one.task === null) continue
        for (const other of possibleDelegates(
          one.task,
          one.inherited.delegateTo,
          play.dir,
          () => scopeOf(one),
          run,
        ))
          if (run.fleet.inventory.hosts.has(other)) wish(other, userOf(one, scopeOf, play.pos))
      }
    }
  }
  return wishes
}

function userOf(one: Changing, scopeOf: (one: Changing) => Scope, pos: Pos) {
  try {
    return notNow(() => becomeUser(one.inherited, scopeOf(one), pos))
  } catch {
    return one.inherited.become === undefined ? undefined : 'root'
  }
}

/** Where parts are still to be found, whom a task is delegated to by a variable may be any host that has one. */
function possibleDelegates(
  task: Task,
  to: string,
  playDir: string,
  scopeOf: () => Scope,
  { fleet }: Known,
): string[] {
  const named = delegates(task, to, playDir, scopeOf)
  const undecided = hasTemplate(to) ? (fleet.inventory.undecided ?? []) : []
  return undecided.length === 0 ? named : [...new Set([...named, ...undecided])]
}

/** Whom a task is delegated to, item by item; none where that hangs on what is not known yet. */
function delegates(task: Task, to: string, playDir: string, scopeOf: () => Scope): string[] {
  try {
    const scope = scopeOf()
    return notNow(() =>
      itemsOf(task, scope, { playDir, now: false, check: true }).map(({ vars }) =>
        textOf('delegate_to', to, extendScope(scope, vars, true), task.pos),
      ),
    )
  } catch {
    return []
  }
}

function changingTasks(entries: readonly Entry[], parent: Inherited, run: Known): Changing[] {
  return entries.flatMap((entry): Changing[] => {
    const inherited = inherit(parent, entry)
    if (entry.kind === 'block')
      return changingTasks([...entry.block, ...entry.rescue, ...entry.always], inherited, run)
    if (entry.kind === 'include')
      // What it includes has not its tags.
      return entry.entries
        ? changingTasks(entry.entries, { ...inherited, tags: parent.tags }, run)
        : [{ task: null, inherited }]
    if (entry.kind === 'meta') return []
    const isSelected = inherited.tags.some(hasTemplate) || run.selects(inherited.tags)
    const isDone = isSelected && mayChange(entry, run.modules.get(entry.module), inherited)
    return isDone ? [{ task: entry, inherited }] : []
  })
}
