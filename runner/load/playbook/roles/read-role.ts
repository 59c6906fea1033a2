import type { Pos } from '../../../errors.ts'
import type { Entry, Handler, Inheritable, Located, RoleUse, VarsAt } from '../../types.ts'
import { isMapping, readYaml, within } from '../../yaml.ts'
import { type Context, inFile, shownPath } from '../context.ts'
import { describe } from '../describe.ts'
import { Fields } from '../fields.ts'
import { readHandlers } from '../handlers.ts'
import { readTaskFile } from '../imports.ts'
import { inherited } from '../inherit.ts'
import { argumentCheck } from './argument-specs.ts'
import { type FoundRole, findRole } from './find-role.ts'
import { type Part, partFile, roleVars } from './role-files.ts'
import { readRoleItem } from './role-item.ts'

export interface Asked {
  name: string
  pos: Pos
  /** Files to read in place of main. */
  from: Partial<Record<Exclude<Part, 'meta'>, { text: string; pos: Pos }>>
  /** Above the role's own, for its tasks alone. */
  vars: VarsAt[]
  /** Above what tasks set. */
  params: VarsAt[]
  /** It need not run where it ran before, unless it says so itself. */
  once: boolean
  /** Its arguments are not checked (`rolespec_validate: false`). */
  unchecked?: boolean
  /** Another role depends on it. */
  needed?: boolean
  /** Tells whether two askings are the same. */
  key: string
}

export interface ReadRole {
  use: RoleUse
  entries: Entry[]
  handlers: Handler[]
}

const MOST_PARENTS = 100

/** A role with what it depends on, which comes before. What is wrong is collected; undefined where it is not there. */
export function readRole(asked: Asked, around: Context): ReadRole | undefined {
  const users = around.role ? [...around.role.users, around.role] : []
  const found = findRole(asked.name, asked.pos, around)
  if (!found) return undefined
  if (users.length > MOST_PARENTS || isCircle(found.path, asked, users)) {
    around.diagnostics.add('playbook', `the role ${found.name} uses itself`, {
      pos: asked.pos,
      hint: `the way to it is ${[...users.map(({ name }) => name), found.name].join(', ')}`,
    })
    return undefined
  }
  const own = {
    defaults: roleVars(found.path, 'defaults', asked.from.defaults, around),
    vars: roleVars(found.path, 'vars', asked.from.vars, around),
    given: asked.vars,
  }
  const use: RoleUse = {
    ...found,
    pos: asked.pos,
    users,
    // What a role depends on comes before it, and not out of it.
    parents: around.role ? (asked.needed ? around.role.parents : [...around.role.parents, around.role]) : [],
    ...{ own, needs: [], defaults: [], vars: [], exported: { defaults: [], vars: [] } },
    params: [...users.flatMap(({ params }) => params), ...asked.params],
  }
  const context: Context = { ...around, role: use, collections: collectionsOf(found, around) }
  const meta = readMeta(found.path, context)
  const needed = meta.dependencies.flatMap((at) => readNamedRole(at, context, true) ?? [])
  seeVariables(
    use,
    needed.map((each) => each.use),
  )
  const runs = !asked.once || meta.again || !around.parts.done.has(asked.key)
  around.parts.done.add(asked.key)
  return {
    use,
    entries: [...needed.flatMap(({ entries }) => entries), ...(runs ? tasksOf(asked, meta.at, context) : [])],
    handlers: [...needed.flatMap(({ handlers }) => handlers), ...handlersOf(asked, context)],
  }
}

/** Which variables its tasks see, and which of them all of the play does (Ansible, Understanding variable precedence). */
function seeVariables(use: RoleUse, needed: readonly RoleUse[]): void {
  const { own, users } = use
  const of = <Key extends 'defaults' | 'vars'>(key: Key) => needed.flatMap(({ exported }) => exported[key])
  use.needs = [...new Set(needed.flatMap((each) => [...each.needs, each]))]
  use.exported = { defaults: [...of('defaults'), ...own.defaults], vars: [...of('vars'), ...own.vars] }
  use.defaults = [...of('defaults'), ...users.flatMap((user) => user.own.defaults), ...own.defaults]
  use.vars = [
    ...users.flatMap((user) => [...user.own.given, ...user.own.vars]),
    ...of('vars'),
    ...own.vars,
    ...own.given,
  ]
}

/** A role of a collection finds those beside it by their short names. */
const collectionsOf = ({ collection }: FoundRole, { collections = [] }: Context): readonly string[] =>
  collection === undefined ? collections : [collection, ...collections.filter((one) => one !== collection)]

/** A role may use itself with another file of tasks. */
const isCircle = (path: string, { from }: Asked, users: readonly RoleUse[]): boolean =>
  from.tasks === undefined && users.filter((user) => user.path === path).length > 1

function tasksOf(asked: Asked, meta: Located | undefined, context: Context): Entry[] {
  const { from } = asked
  const check = asked.unchecked ? [] : argumentCheck(asked, meta, context)
  const file = partFile(context.role!.path, 'tasks', from.tasks, context)
  return file === undefined ? check : [...check, ...readTaskFile(file, from.tasks?.pos, context)]
}

function handlersOf({ from, pos }: Asked, context: Context): Handler[] {
  const file = partFile(context.role!.path, 'handlers', from.handlers, context)
  if (file === undefined) return []
  const below = inFile(file, context)
  const handlers = context.diagnostics.collect(() => readHandlers(readYaml(below.file, pos), below)) ?? []
  return handlers.map((handler) => ({ ...handler, role: handler.role ?? context.role }))
}

/** meta/main.yml: what it depends on, and whether it may run more than once. */
function readMeta(role: string, context: Context): { dependencies: Located[]; again: boolean; at?: Located } {
  const file = partFile(role, 'meta', undefined, context)
  const located = file && context.diagnostics.collect(() => readYaml(shownPath(file)))
  if (!located || located.value === null) return { dependencies: [], again: false }
  if (!isMapping(located.value)) {
    context.diagnostics.add(
      'playbook',
      `a role's meta is a mapping, but this is ${describe(located.value)}`,
      {
        pos: located.locate(),
      },
    )
    return { dependencies: [], again: false }
  }
  const fields = new Fields(located as Located<Record<string, unknown>>, context.diagnostics)
  const dependencies = fields.raw('dependencies') ?? []
  if (!Array.isArray(dependencies)) fields.wrong('dependencies', 'a list of roles')
  const list = Array.isArray(dependencies) ? dependencies : []
  return {
    dependencies: list.map((_, index) => within(located, 'dependencies', index)),
    again: fields.boolean('allow_duplicates') ?? false,
    at: located,
  }
}

/** A role that an item of a list names, with what stands beside its name. */
export function readNamedRole(at: Located, context: Context, needed = false): ReadRole | undefined {
  const item = readRoleItem(at, context)
  const around = { ...context, ...(item && item.from.when.length > 0 ? { conditional: true } : {}) }
  const read = item && readRole({ ...item.asked, needed }, around)
  return read && withKeywords(read, item.from)
}

/** What stands where a role is named counts for each of its tasks. */
export const withKeywords = (read: ReadRole, from: Inheritable): ReadRole => ({
  ...read,
  entries: read.entries.map((entry) => inherited(entry, from)),
  handlers: read.handlers.map((handler) => inherited(handler, from)),
})
