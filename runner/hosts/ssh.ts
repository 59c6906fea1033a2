import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, {
  type AuthenticationType,
  type Client,
  type ClientChannel,
  type ServerHostKeyAlgorithm,
} from 'ssh2'
import { PlayError } from '../errors.ts'
import { lost } from './become-errors.ts'
import type { Channel, Exit, Transport } from './channel.ts'
import { HostKeyCheck } from './host-key.ts'
import { Authentication } from './ssh-auth.ts'
import { closedEarly, timedOut, unreachable } from './ssh-errors.ts'
import type { ConnectionSpec } from './types.ts'

interface Hooks {
  onBanner?: (text: string) => void
}

/**
 * SSH to one host. A server allows a number of sessions for each connection (MaxSessions, 10 by default); when it
 * refuses one more, another connection is made beside.
 */
export class SshTransport implements Transport {
  private readonly routes: Promise<Route>[]
  private closing = false

  private constructor(
    private readonly spec: ConnectionSpec,
    route: Route,
  ) {
    this.routes = [Promise.resolve(route)]
  }

  /** @throws {PlayError} unreachable, host_key, auth */
  static async connect(spec: ConnectionSpec, hooks: Hooks): Promise<SshTransport> {
    return new SshTransport(spec, await Route.open(spec, hooks))
  }

  async open(command: string): Promise<Channel> {
    const newest = this.routes.at(-1)!
    const route = await newest
    try {
      return await route.exec(command)
    } catch (error) {
      if (error instanceof PlayError || this.closing) throw error
      if (route.sessions === 0) throw unreachable(this.spec, error as Error)
      if (this.routes.at(-1) === newest) this.routes.push(Route.open(this.spec, {}))
      return this.open(command)
    }
  }

  async close(): Promise<void> {
    this.closing = true
    await Promise.allSettled(this.routes.map(async (route) => (await route).close()))
  }
}

/** A client, and the clients of the machines it goes through. */
class Route {
  /** How many processes run or start over it. */
  sessions = 0
  private lost = false
  private readonly starting = new Set<() => void>()

  private constructor(
    private readonly spec: ConnectionSpec,
    private readonly clients: Client[],
  ) {
    this.client.once('close', () => {
      this.lost = true
      for (const give of this.starting) give()
    })
  }

  static async open(spec: ConnectionSpec, hooks: Hooks): Promise<Route> {
    const stops = [...spec.proxyJump.map((hop) => hopSpec(spec, hop)), spec]
    const clients: Client[] = []
    try {
      for (const stop of stops) {
        const sock = clients.length === 0 ? await openSocket(stop) : await forward(clients.at(-1)!, stop)
        clients.push(await handshake(stop, sock, stop === spec ? hooks : {}))
      }
    } catch (error) {
      for (const client of clients) client.destroy()
      throw error
    }
    return new Route(spec, clients)
  }

  private get client(): Client {
    return this.clients.at(-1)!
  }

  /** @throws {PlayError} when the connection is lost; another error when the server allows no more sessions */
  exec(command: string): Promise<Channel> {
    return new Promise((resolve, reject) => {
      if (this.lost) return reject(lost(this.spec))
      const gone = () => reject(lost(this.spec))
      this.starting.add(gone)
      this.sessions++
      this.client.exec(command, (error, stream) => {
        this.starting.delete(gone)
        if (error) {
          this.sessions--
          return reject(this.lost ? lost(this.spec) : error)
        }
        stream.once('close', () => this.sessions--)
        resolve(asChannel(stream))
      })
    })
  }

  async close(): Promise<void> {
    if (!this.lost) {
      const closed = new Promise<void>((resolve) => this.starting.add(resolve))
      this.client.end()
      await closed
    }
    for (const client of this.clients.slice(0, -1)) client.end()
  }
}

/** A machine on the way is verified as the host is, and logged into with the same keys. */
function hopSpec(spec: ConnectionSpec, hop: string): ConnectionSpec {
  const [, user, bracketed, plain, port] = /^(?:(.*)@)?(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(hop) ?? []
  return {
    ...spec,
    name: `${spec.name} (through ${hop})`,
    address: bracketed ?? plain ?? hop,
    user: user ?? spec.user,
    port: Number(port ?? 22),
    proxyJump: [],
  }
}

function openSocket(spec: ConnectionSpec): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: spec.address, port: spec.port, noDelay: true, keepAlive: true })
    const timer = setTimeout(() => socket.destroy(timeoutError()), spec.connectTimeout)
    const failed = (cause: Error) => {
      clearTimeout(timer)
      const [first = cause] = cause instanceof AggregateError ? cause.errors : [cause]
      reject(unreachable(spec, first))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      resolve(socket)
    })
  })
}
const timeoutError = (): Error => Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })

function forward(client: Client, to: ConnectionSpec): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, to.address, to.port, (error, stream) => {
      if (error) reject(unreachable(to, error))
      else resolve(stream)
    })
  })
}

function handshake(spec: ConnectionSpec, sock: Duplex, hooks: Hooks): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const hostKey = new HostKeyCheck(spec)
    const auth = new Authentication(spec)
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
      resolve(client)
    })
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') return
      fail(
        hostKey.error ?? (error.level === 'client-authentication' ? auth.error() : unreachable(spec, error)),
      )
    })
    client.once('close', () => fail(hostKey.error ?? closedEarly(spec)))
    if (hooks.onBanner) client.on('banner', hooks.onBanner)
    client.connect({
      sock: sock as never,
      username: spec.user,
      readyTimeout: 0,
      keepaliveInterval: 15_000,
      keepaliveCountMax: 4,
      algorithms: { serverHostKey: hostKeyAlgorithms(hostKey.knownTypes) },
      hostVerifier: (key: Buffer) => {
        try {
          return hostKey.accept(key)
        } catch (error) {
          fail(error as PlayError)
          return false
        }
      },
      authHandler: ((left: AuthenticationType[] | null) => auth.next(left)) as never,
    })
  })
}

/** The server takes the first of ours that it has: known ones, then the cheap ones. */
function hostKeyAlgorithms(known: string[]): ServerHostKeyAlgorithm[] {
  return [
    ...new Set([...known.filter((type) => HOST_KEYS.includes(type)), ...HOST_KEYS]),
  ] as ServerHostKeyAlgorithm[]
}
const HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

function asChannel(stream: ClientChannel): Channel {
  const exit = new Promise<Exit>((resolve) => {
    let end: Exit | undefined
    stream.once('exit', (code: number | null, signal?: string) => {
      end = signal ? { code: 128, signal: `SIG${signal}` } : { code: code ?? 0 }
    })
    stream.once('close', () => resolve(end ?? { code: 255, lost: true }))
  })
  return {
    stdin: stream,
    stdout: stream,
    stderr: stream.stderr,
    exit,
    destroy: () => stream.destroy(),
  }
}
