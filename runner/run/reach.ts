import type { Reach } from '../hosts/types.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { NearestFields } from '../load/types.ts'
import { numberOf } from './keyword-value.ts'

type Said = Pick<NearestFields, 'connection' | 'port' | 'remoteUser' | 'becomeMethod'>

export const saysReach = ({ connection, port, remoteUser, becomeMethod }: Said): boolean =>
  (connection ?? port ?? remoteUser ?? becomeMethod) !== undefined

/**
 * How keywords say that a host is reached: they stand below the variables of the same meaning (Ansible, Controlling how
 * Ansible behaves: precedence rules). undefined where they say nothing.
 */
export function reachOf(said: Said, scope: () => Scope): Reach | undefined {
  if (!saysReach(said)) return undefined
  const { connection, port, remoteUser, becomeMethod } = said
  const place = () => ({ file: '', line: 1, col: 1 })
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(becomeMethod === undefined ? {} : { becomeMethod }),
    ...(port === undefined ? {} : { port: numberOf('port', port, scope, { least: 1, whole: true }) }),
    ...(remoteUser === undefined ? {} : { user: String(renderValue(remoteUser, scope(), place)) }),
  }
}

/** What a play's tasks inherit of it. */
export const WITHOUT_REACH = {
  connection: undefined,
  port: undefined,
  remoteUser: undefined,
  becomeMethod: undefined,
}
