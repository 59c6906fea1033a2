import { userInfo } from 'node:os'
import { HostConnection } from './connection.ts'
import { LocalTransport } from './local.ts'
import type { ConnectHooks } from './ssh-handshake.ts'
import type { Connection, ConnectionSpec } from './types.ts'

/**
 * Connects to one host, or to this machine for kind 'local'.
 *
 * @throws {PlayError} unreachable, host_key, auth
 */
export async function connect(spec: ConnectionSpec, hooks: ConnectHooks = {}): Promise<Connection> {
  if (spec.kind === 'local') {
    return new HostConnection({ spec, transport: new LocalTransport(spec), user: userInfo().username })
  }
  const { SshTransport } = await import('./ssh.ts')
  return new HostConnection({ spec, transport: await SshTransport.connect(spec, hooks), user: spec.user })
}
