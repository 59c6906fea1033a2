import { nearestOf } from '../load/playbook/inherit.ts'
import type { Expression, Inheritable, Located, NearestFields, RoleUse, Vars } from '../load/types.ts'

/** Variables of a node; what a loop goes through may come from a host, and is data. */
export interface SeenVars {
  vars: Vars
  at?: Located
  data?: boolean
}

/** What a task has from its play, its blocks and itself. */
export interface Inherited extends NearestFields {
  tags: readonly string[]
  when: readonly Expression[]
  /** Outermost first. */
  vars: readonly SeenVars[]
  role?: RoleUse
  /** What includes around it were given (`vars` of include_tasks and include_role), above what tasks set. */
  params: readonly SeenVars[]
  /** The same object where vars, role and params are the same. */
  sees: object
  environment: readonly Located[]
  /** Files of include_tasks around it. */
  includes?: number
  /** A rescue or an always of a block around it is still to come. */
  guarded?: true
  /** Why nobody knows whether it is run at all: a handler that only a task that is unknown notifies. */
  unsure?: string
}

export const NOTHING_INHERITED: Inherited = {
  ...{ tags: [], when: [], vars: [], params: [], environment: [] },
  sees: {},
}

const known = new WeakMap<Inherited, WeakMap<Inheritable, Inherited>>()

/** The nearest keyword wins; tags, conditions, variables and environment add up. The same two give the same object. */
export function inherit(parent: Inherited, own: Inheritable): Inherited {
  const children = known.get(parent) ?? new WeakMap<Inheritable, Inherited>()
  known.set(parent, children)
  let found = children.get(own)
  if (!found) {
    found = combine(parent, own)
    children.set(own, found)
  }
  return found
}

const inRole = new WeakMap<object, WeakMap<RoleUse, object>>()

/** Tasks of one role that bring no variables of their own see the same. */
function seenBy(parent: Inherited, own: Inheritable): object {
  if (Object.keys(own.vars).length > 0) return {}
  if (own.role === undefined || own.role === parent.role) return parent.sees
  const roles = inRole.get(parent.sees) ?? new WeakMap<RoleUse, object>()
  inRole.set(parent.sees, roles)
  const seen = roles.get(own.role) ?? {}
  roles.set(own.role, seen)
  return seen
}

function combine(parent: Inherited, own: Inheritable): Inherited {
  return {
    role: own.role ?? parent.role,
    params: parent.params,
    sees: seenBy(parent, own),
    ...nearestOf(own, parent),
    tags: own.tags.length === 0 ? parent.tags : [...new Set([...parent.tags, ...own.tags])],
    when: own.when.length === 0 ? parent.when : [...parent.when, ...own.when],
    vars:
      Object.keys(own.vars).length === 0 ? parent.vars : [...parent.vars, { vars: own.vars, at: own.varsAt }],
    includes: parent.includes,
    guarded: parent.guarded,
    ...(parent.unsure === undefined ? {} : { unsure: parent.unsure }),
    environment: own.environment ? [...parent.environment, own.environment] : parent.environment,
  }
}
