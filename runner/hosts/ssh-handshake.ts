import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type AuthenticationType, type Client, type ConnectConfig } from 'ssh2'
import type { PlayError } from '../errors.ts'
import { HostKeyCheck } from './host-key.ts'
import { Authentication } from './ssh-auth.ts'
import { closedEarly, timedOut, unreachable } from './ssh-errors.ts'
import { NO_RULES, type SshRules } from './ssh-rules.ts'
import type { ConnectionSpec } from './types.ts'

export interface ConnectHooks {
  /** What the server says before the login. */
  onBanner?: (text: string) => void
  /** A machine was logged into whose key is not the known one, since nothing is checked. */
  onChangedKey?: (spec: ConnectionSpec) => void
  /** The process that reads there ended, and is started once more. */
  onResidentGone?: (spec: ConnectionSpec, why: string) => void
}

/** A connection through a machine on the way. @throws {PlayError} unreachable */
export function forward(client: Client, to: ConnectionSpec): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, to.address, to.port, (error, stream) => {
      if (error) reject(unreachable(to, error))
      else {
        // Where the far side ends, nothing more can come of it: half open, ssh2 would take it for alive.
        stream.once('end', () => stream.end())
        resolve(stream)
      }
    })
  })
}

/** Keys, verification and login over a connection that stands. @throws {PlayError} host_key, auth, unreachable */
export function handshake(spec: ConnectionSpec, sock: Duplex, hooks: ConnectHooks): Promise<Client> {
  // It may have ended between standing and this.
  if (sock.destroyed) return Promise.reject(closedEarly(spec))
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const hostKey = new HostKeyCheck(spec, (sock as Partial<Socket>).remoteAddress)
    const auth = new Authentication(spec, hostKey)
    let settled = false
    const fail = (error: PlayError) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      client.destroy()
      sock.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(timedOut(spec)), spec.connectTimeout)
    client.once('ready', () => {
      settled = true
      clearTimeout(timer)
      if (hostKey.changed) hooks.onChangedKey?.(spec)
      resolve(client)
    })
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') return
      fail(
        hostKey.error ??
          (REFUSED_LOGIN.test(`${error.level} ${error.message}`) ? auth.error() : unreachable(spec, error)),
      )
    })
    client.once('close', () => fail(hostKey.error ?? closedEarly(spec)))
    if (hooks.onBanner) client.on('banner', hooks.onBanner)
    client.connect({
      sock: sock,
      username: spec.user,
      readyTimeout: 0,
      keepaliveInterval: 15_000,
      keepaliveCountMax: 4,
      algorithms: algorithmsOf(spec.ssh ?? NO_RULES, hostKey.knownTypes),
      hostVerifier: (key: Buffer) => {
        try {
          return hostKey.accept(key)
        } catch (error) {
          fail(error as PlayError)
          return false
        }
      },
      authHandler: (left: AuthenticationType[] | null) => auth.next(left),
    })
  })
}

/** ssh2 has no method left, or the server has seen enough of them (MaxAuthTries). */
const REFUSED_LOGIN = /client-authentication|too many authentication failures/i

/** The server takes the first of ours that it has: host keys are the known ones, then the cheap ones. */
function algorithmsOf({ algorithms }: SshRules, known: string[]): ConnectConfig['algorithms'] {
  const allowed = algorithms.serverHostKey
  return {
    ...algorithms,
    serverHostKey: [...new Set([...known.filter((type) => allowed.includes(type)), ...allowed])],
    // It tells of what is sent by its length.
    compress: ['none'],
  } as ConnectConfig['algorithms']
}
