import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { PlayError } from '../errors.ts'
import { lost } from './become-errors.ts'
import type { Channel, Exit, Transport } from './channel.ts'
import { hopOf } from './hop.ts'
import { openSocket } from './socket.ts'
import { unreachable } from './ssh-errors.ts'
import { type ConnectHooks, forward, handshake } from './ssh-handshake.ts'
import type { ConnectionSpec } from './types.ts'

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

  /** @param socket to the host, where that was opened before @throws {PlayError} unreachable, host_key, auth */
  static async connect(
    spec: ConnectionSpec,
    hooks: ConnectHooks,
    socket?: Promise<Duplex>,
  ): Promise<SshTransport> {
    return new SshTransport(spec, await Route.open(spec, hooks, socket))
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
    private readonly sock: Duplex,
  ) {
    this.client.once('close', () => {
      this.lost = true
      for (const give of this.starting) give()
    })
  }

  static async open(spec: ConnectionSpec, hooks: ConnectHooks, socket?: Promise<Duplex>): Promise<Route> {
    const stops = [...spec.proxyJump.map((hop, index) => hopSpec(spec, hop, spec.hops?.[index])), spec]
    const clients: Client[] = []
    let sock: Duplex | undefined
    try {
      for (const stop of stops) {
        sock = await (clients.length > 0 ? forward(clients.at(-1)!, stop) : (socket ?? openSocket(stop)))
        clients.push(
          await handshake(stop, sock, stop === spec ? hooks : { onChangedKey: hooks.onChangedKey }),
        )
      }
    } catch (error) {
      sock?.destroy()
      for (const client of clients) client.destroy()
      throw error
    }
    return new Route(spec, clients, sock!)
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
      const refused = (error: Error) => {
        this.starting.delete(gone)
        this.sessions--
        reject(error)
      }
      try {
        this.client.exec(command, (error, stream) => {
          if (error) return refused(this.lost ? lost(this.spec) : error)
          this.starting.delete(gone)
          stream.once('close', () => this.sessions--)
          resolve(asChannel(stream))
        })
      } catch {
        // The connection has ended, and its client has not said so yet.
        refused(lost(this.spec))
      }
    })
  }

  /** Says goodbye. How long the server takes to end the session is not waited for. */
  async close(): Promise<void> {
    if (!this.lost) {
      let timer: NodeJS.Timeout | undefined
      const closed = new Promise<void>((resolve) => this.starting.add(resolve))
      const said = new Promise<void>((resolve) => this.sock.once('finish', resolve))
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_WORDS)))
      this.client.end()
      await Promise.race([said, closed, late])
      clearTimeout(timer)
      if (!this.sock.writableFinished) this.sock.destroy()
    }
    for (const client of this.clients.slice(0, -1)) client.end()
  }
}

/** ms for a server that may be gone to take the last packet. */
const LAST_WORDS = 1000

/** A machine on the way is verified as ssh's options for it say, and logged into with the same keys: the password is the host's alone. */
function hopSpec(spec: ConnectionSpec, hop: string, own: Partial<ConnectionSpec> = {}): ConnectionSpec {
  const { user, host, port } = hopOf(hop)
  return {
    ...spec,
    ...own,
    name: `${spec.name} (through ${hop})`,
    address: host ?? hop,
    user: user ?? spec.user,
    port: Number(port ?? 22),
    proxyJump: [],
    password: undefined,
    becomePassword: undefined,
  }
}

function asChannel(stream: ClientChannel): Channel {
  const exit = new Promise<Exit>((resolve) => {
    let end: Exit | undefined
    stream.once('exit', (code: number | null, signal?: string) => {
      end = signal ? { code: 128, signal } : { code: code ?? 0 }
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
