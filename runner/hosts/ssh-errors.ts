import { PlayError } from '../errors.ts'
import type { ConnectionSpec } from './types.ts'

/** Why there is no connection, from the error of a socket or a name lookup. */
export function unreachable(
  spec: ConnectionSpec,
  cause: NodeJS.ErrnoException & { level?: string },
): PlayError {
  const { address, port } = spec
  const [text, hint] = reason(
    spec,
    /before handshake/.test(cause.message) ? { ...cause, code: 'CLOSED' } : cause,
  )
  return new PlayError('unreachable', `${spec.name}: ${text}`, {
    hint: hint ?? `check that the machine runs and that its port is open: nc -vz ${address} ${port}`,
    cause,
  })
}

export const timedOut = (spec: ConnectionSpec): PlayError =>
  unreachable(spec, Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }))

export const closedEarly = (spec: ConnectionSpec): PlayError =>
  unreachable(spec, Object.assign(new Error('closed'), { code: 'CLOSED' }))

function reason(
  { address, port, connectTimeout }: ConnectionSpec,
  { code, message }: NodeJS.ErrnoException,
): [text: string, hint?: string] {
  switch (code) {
    case 'ECONNREFUSED':
      return [
        `${address} refused the connection: nothing listens on port ${port}`,
        'start its ssh server (systemctl start ssh), or set ansible_port',
      ]
    case 'ETIMEDOUT':
      return [`${address} port ${port} did not answer within ${connectTimeout / 1000} s`]
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`the name ${address} cannot be resolved`, 'set ansible_host to an address, or correct the name']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [`there is no route to ${address}`]
    case 'CLOSED':
    case 'ECONNRESET':
    case 'EPIPE':
      return [
        `${address} port ${port} closed the connection before the login`,
        "see the ssh server's log there (journalctl -u ssh): MaxStartups, a firewall, or no ssh server on that port",
      ]
    default:
      return [`no connection to ${address} port ${port}: ${message}`]
  }
}
