import { jsonText } from '../../contract/exact-json.ts'
import { PlayError } from '../errors.ts'
import { compileCondition } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import { taskFile } from '../load/playbook/imports.ts'
import { inherited as inheritedBy } from '../load/playbook/inherit.ts'
import { handlersOf } from '../load/playbook/roles/role-tasks.ts'
import { loadRole, loadTaskFile } from '../load/playbook.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import type { Entry, IncludeTasks, RoleUse, Vars } from '../load/types.ts'
import { isSelected, isTrue, runEntries } from './entries.ts'
import { failOn, reportOutcome } from './host-task.ts'
import type { Inherited, SeenVars } from './inherit.ts'
import { textOf } from './keyword-value.ts'
import { itemsOf, labelIn } from './loop.ts'
import { type Outcome, unwanted } from './outcome.ts'
import { addRole, type BatchContext } from './play.ts'

/** Files that are included inside each other. */
const MOST_INCLUDES = 100

/** What the include has from where it stands, and with its own keywords. */
interface Around {
  outer: Inherited
  own: Inherited
}

/**
 * A task of its own, which is reported and counted; then hosts whose file, conditions and item are the same go through the included
 * tasks together.
 */
export async function runInclude(
  include: IncludeTasks,
  hosts: readonly string[],
  around: Around,
  context: BatchContext,
  kind: 'task' | 'handler',
): Promise<Set<string>> {
  const { own } = around
  const { tally, fleet } = context
  if (kind === 'task' && !(await isSelected(include.pos, hosts, own, context))) return new Set()
  const failed = new Set<string>()
  // A task to start at may be inside.
  const isTold = context.startAt.name === undefined
  const task = {
    name: await settled(() => headingOf(include, hosts[0]!, own, context), context),
    module: moduleOf(include),
    pos: include.pos,
  }
  const isHidden = await isTrue('no_log', own.noLog, hosts, own, context)
  // Secrets are taken out before a label is cut, since half of one is not known again.
  const hide = (vars: Vars): Vars => {
    fleet.options.masker.learn(vars)
    return fleet.options.masker.maskDeep(vars)
  }
  const tell = (name: string, item: string | null, outcome: Outcome): void => {
    if (isTold) reportOutcome(outcome, task, name, item, 0, context, kind, isHidden)
  }
  const fail = (name: string, error: unknown): void => {
    if (!failed.has(name) && failOn(name, error, task, context, kind)) failed.add(name)
  }
  if (isTold)
    fleet.options.emit({
      event: 'task_start',
      play: context.play.name,
      task: task.name,
      kind,
      at: `${include.file}:${include.pos.line}`,
    })
  const first = (await isTrue('run_once', own.runOnce, hosts, own, context)) ? hosts.slice(0, 1) : hosts
  const groups = new Map<string, Group>()
  const place = { playDir: context.play.dir, now: true, check: fleet.options.check }
  for (const name of first) {
    try {
      const scope = fleet.variables.scope(fleet.host(name), context.playVars, own)
      let found = 0
      const items = await settled(() => itemsOf(include, scope, place, hide), context)
      for (const { value, vars, label } of items) {
        const inner = include.loop ? extendScope(scope, vars, true) : scope
        const called = include.loopControl.label
        const { isFalse, what, shown } = await settled(() => {
          const shown = labelIn(called, inner, include.pos) ?? label
          const isFalse = own.when.find((condition) => !compileCondition(condition).test(inner))
          return isFalse ? { isFalse, shown } : { what: wantedBy(include, inner), shown }
        }, context)
        if (isFalse) {
          tell(name, shown, unwanted(isFalse))
          continue
        }
        const key = jsonText([what, value])
        const group = groups.get(key) ?? { what, hosts: [], vars }
        group.hosts.push(name)
        groups.set(key, group)
        found += 1
        if (isTold) tally.count(name, 'ok')
        tell(name, shown, { status: 'ok', changes: [], result: { changed: false, failed: false } })
      }
      if (isTold && found === 0) tally.count(name, 'skipped')
    } catch (error) {
      fail(name, error)
    }
  }
  const includes = (own.includes ?? 0) + 1
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
    const inner = inside(include, around, include.loop ? vars : undefined)
    const active = members.filter((name) => !failed.has(name))
    let entries: Entry[]
    try {
      entries = entriesOf(what, include, context)
    } catch (error) {
      for (const name of active) fail(name, error)
      continue
    }
    const applied = include.apply ? entries.map((entry) => inheritedBy(entry, include.apply!)) : entries
    for (const name of await runEntries(applied, active, { ...inner, includes }, context, kind))
      failed.add(name)
  }
  return failed
}

const moduleOf = ({ asked }: IncludeTasks): string => (asked ? 'include_role' : 'include_tasks')

function headingOf(
  include: IncludeTasks,
  host: string,
  own: Inherited,
  { fleet, playVars }: BatchContext,
): string {
  const { role, asked, named } = include
  const name = named || !asked ? include.name : `${include.name} : ${asked.name}`
  const heading = named ? fleet.variables.heading({ name, pos: include.pos }, host, playVars, own) : name
  return role && !asked ? `${role.name} : ${heading}` : heading
}

/**
 * What the included tasks have: what stands around the include, and its variables. Its conditions have been answered, and keywords
 * that are about itself are not theirs (Ansible, Re-using Ansible artifacts): `apply` is for these.
 */
function inside(
  include: IncludeTasks,
  { outer, own }: Around,
  item: SeenVars['vars'] | undefined,
): Inherited {
  const { tags, when, ignoreErrors, noLog, runOnce } = outer
  // What it was given has been seen by its conditions; for its tasks it stands above what they set.
  const given: SeenVars = { vars: include.vars, at: include.varsAt }
  return {
    ...{ ...own, tags, when, ignoreErrors, noLog, runOnce },
    params: [...own.params, given],
    vars: item ? [...own.vars, { vars: item, data: true }] : own.vars,
    sees: {},
  }
}

interface Group {
  what: Wanted
  hosts: string[]
  vars: Record<string, unknown>
}

/** A file of tasks by its path, or a role with the files of it that are read. */
type Wanted = { path: string } | { role: string; from: Record<string, string> }

function wantedBy(include: IncludeTasks, scope: Scope): Wanted {
  const text = (value: string) => textOf(moduleOf(include), value, scope, include.pos)
  if (!include.asked) return { path: taskFile(text(include.path), include.dir, include.lookIn) }
  const from = Object.entries(include.asked.from).map(([part, file]) => [part, text(file)])
  return { role: text(include.asked.name), from: Object.fromEntries(from) }
}

/** What is included, and with it what all of the play sees from here on. */
function entriesOf(what: Wanted, include: IncludeTasks, context: BatchContext): Entry[] {
  const { entries, brings, use } = include.entries
    ? { entries: include.entries, brings: include.brings ?? [], use: include.use }
    : loadIncluded(what, include, context)
  const isPublic = include.asked?.public === true
  if (use) addRole(use, isPublic, context.playVars, context.fleet)
  for (const role of brings) addRole(role, true, context.playVars, context.fleet)
  return entries
}

interface Included {
  entries: Entry[]
  brings: readonly RoleUse[]
  use?: RoleUse
}

function loadIncluded(what: Wanted, include: IncludeTasks, context: BatchContext): Included {
  const options = {
    modules: context.modules,
    extraVars: context.fleet.options.extraVars,
    moduleDefaults: include.moduleDefaults,
    role: include.role,
    conditional: true,
    playDir: context.play.dir,
    collections: include.collections,
    settings: context.play.settings,
    pos: include.pos,
  }
  if ('role' in what) {
    const read = loadRole(what.role, what.from, { ...options, unchecked: include.asked?.unchecked })
    context.handlers.add(handlersOf(read.handlers, include))
    return read
  }
  const read = loadTaskFile(what.path, options)
  context.handlers.add(read.handlers)
  return read
}
