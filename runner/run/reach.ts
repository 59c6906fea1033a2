import type { Pos } from '../errors.ts'
import type { Reach } from '../hosts/types.ts'
import type { Scope } from '../load/scope.ts'
import type { NearestFields } from '../load/types.ts'
import { numberOf, textOf } from './keyword-value.ts'

type Said = Pick<NearestFields, 'connection' | 'port' | 'remoteUser' | 'becomeMethod'>

export const saysReach = ({ connection, port, remoteUser, becomeMethod }: Said): boolean =>
  (connection ?? port ?? remoteUser ?? becomeMethod) !== undefined

/**
 * How keywords say that a host is reached: they stand below the variables of the same meaning (Ansible, Controlling how
 * Ansible behaves: precedence rules). undefined where they say nothing.
 * @param pos of the node
 */
export function reachOf(said: Said, scope: () => Scope, pos: Pos): Reach | undefined {
  if (!saysReach(said)) return undefined
  const { connection, port, remoteUser, becomeMethod } = said
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(becomeMethod === undefined ? {} : { becomeMethod }),
    ...(port === undefined ? {} : { port: numberOf('port', port, scope, { least: 1, whole: true }) }),
    ...(remoteUser === undefined ? {} : { user: textOf('remote_user', remoteUser, scope, pos) }),
  }
}

/** What a play's tasks inherit of it. */
export const WITHOUT_REACH = {
  connection: undefined,
  port: undefined,
  remoteUser: undefined,
  becomeMethod: undefined,
}
