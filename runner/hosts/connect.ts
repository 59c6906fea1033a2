import { userInfo } from 'node:os'
import { HostConnection } from './connection.ts'
import { LocalTransport } from './local.ts'
import { openSocket } from './socket.ts'
import type { ConnectHooks } from './ssh-handshake.ts'
import type { Connection, ConnectionSpec } from './types.ts'

/**
 * Connects to one host, or to this machine for kind 'local'.
 *
 * @throws {PlayError} unreachable, host_key, auth
 */
export async function connect(spec: ConnectionSpec, hooks: ConnectHooks = {}): Promise<Connection> {
  const onResidentGone = (why: string) => hooks.onResidentGone?.(spec, why)
  if (spec.kind === 'local') {
    return new HostConnection(
      { spec, transport: new LocalTransport(spec), user: userInfo().username },
      onResidentGone,
    )
  }
  // The server starts a process for us meanwhile: loading what comes next takes as long.
  const socket = spec.proxyJump.length === 0 ? openSocket(spec) : undefined
  socket?.catch(() => {})
  const { SshTransport } = await import('./ssh.ts')
  // Whoever is there asks for sudo's password as well.
  let known = spec
  const onChangedKey = (stop: ConnectionSpec) => {
    known = { ...spec, becomePassword: undefined }
    hooks.onChangedKey?.(stop)
  }
  const transport = await SshTransport.connect(spec, { ...hooks, onChangedKey }, socket)
  return new HostConnection({ spec: known, transport, user: spec.user }, onResidentGone)
}
