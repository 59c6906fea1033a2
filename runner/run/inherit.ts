import { nearestOf } from '../load/playbook/inherit.ts'
import type { Expression, Inheritable, Located, NearestFields, Vars } from '../load/types.ts'

/** What a task has from its play, its blocks and itself. */
export interface Inherited extends NearestFields {
  tags: readonly string[]
  when: readonly Expression[]
  /** Outermost first. */
  vars: readonly { vars: Vars; at?: Located }[]
  environment: readonly Located<Record<string, unknown>>[]
  /** Files of include_tasks around it. */
  includes?: number
}

export const NOTHING_INHERITED: Inherited = { tags: [], when: [], vars: [], environment: [] }

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

function combine(parent: Inherited, own: Inheritable): Inherited {
  return {
    ...nearestOf(own, parent),
    tags: own.tags.length === 0 ? parent.tags : [...new Set([...parent.tags, ...own.tags])],
    when: own.when.length === 0 ? parent.when : [...parent.when, ...own.when],
    vars:
      Object.keys(own.vars).length === 0 ? parent.vars : [...parent.vars, { vars: own.vars, at: own.varsAt }],
    includes: parent.includes,
    environment: own.environment ? [...parent.environment, own.environment] : parent.environment,
  }
}
