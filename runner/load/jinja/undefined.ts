import { nearest } from '../nearest.ts'
import type { Scope } from '../scope.ts'

/** Hosts that are asked whether they have it. */
const MOST_HOSTS = 100

/** Where a variable would have come from, for the error that it is not there. */
export function adviceFor(name: string, scope: Scope): string {
  // The names alone: some variables are worked out, or refused, when it is asked whether they are there.
  const names = Reflect.ownKeys(scope).filter((key) => typeof key === 'string')
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean ${near}?`
  if (name.startsWith('ansible_'))
    return 'facts are there once a play gathers them (gather_facts: true), or a task with the module setup'
  const host = otherHost(name, scope)
  if (host !== undefined) return `another host has it: hostvars['${host}'].${name}`
  return `define it, or write ${name} | default(…)`
}

function otherHost(name: string, scope: Scope): string | undefined {
  const { hostvars } = scope
  if (typeof hostvars !== 'object' || hostvars === null) return undefined
  return Object.keys(hostvars)
    .slice(0, MOST_HOSTS)
    .find((host) => Object.hasOwn((hostvars as Record<string, object>)[host]!, name))
}
