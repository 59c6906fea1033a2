import type { Expression, Inheritable, Located, Vars } from '../load/types.ts'

/** What a task has from its play, its blocks and itself. */
export interface Inherited {
  become?: boolean | string
  becomeUser?: string
  tags: readonly string[]
  when: readonly Expression[]
  /** Outermost first. */
  vars: readonly { vars: Vars; at?: Located }[]
  environment: readonly Located<Record<string, unknown>>[]
  ignoreErrors?: boolean | Expression
  ignoreUnreachable?: boolean
  anyErrorsFatal?: boolean
  noLog?: boolean | string
  delegateTo?: string
  runOnce?: boolean
  checkMode?: boolean
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
    become: own.become ?? parent.become,
    becomeUser: own.becomeUser ?? parent.becomeUser,
    tags: own.tags.length === 0 ? parent.tags : [...new Set([...parent.tags, ...own.tags])],
    when: own.when.length === 0 ? parent.when : [...parent.when, ...own.when],
    vars:
      Object.keys(own.vars).length === 0 ? parent.vars : [...parent.vars, { vars: own.vars, at: own.varsAt }],
    environment: own.environment ? [...parent.environment, own.environment] : parent.environment,
    ignoreErrors: own.ignoreErrors ?? parent.ignoreErrors,
    ignoreUnreachable: own.ignoreUnreachable ?? parent.ignoreUnreachable,
    anyErrorsFatal: own.anyErrorsFatal ?? parent.anyErrorsFatal,
    noLog: own.noLog ?? parent.noLog,
    delegateTo: own.delegateTo ?? parent.delegateTo,
    runOnce: own.runOnce ?? parent.runOnce,
    checkMode: own.checkMode ?? parent.checkMode,
  }
}
