import { connect } from './connect.ts'
import type { Connection, ConnectionSpec, Reach } from './types.ts'

/**
 * The connections of a run: one for a host and login user, made at its first use and shared by all who ask for it. A host that failed to
 * connect stays failed, with the same error, for the rest of the run.
 */
export class Connections {
  /** By host and what is asked for: where that leads. What is asked for in two ways may be one. */
  private readonly asked = new Map<string, { to: string; connection: Promise<Connection> }>()
  private readonly open = new Map<string, Promise<Connection>>()
  private readonly made = new Set<Connection>()

  constructor(
    private readonly make: (name: string, reach?: Reach) => ConnectionSpec,
    private readonly hooks: Parameters<typeof connect>[1] = {},
  ) {}

  /** @throws {PlayError} what `make` or the connection failed with */
  get(name: string, reach?: Reach, make = () => this.make(name, reach)): Promise<Connection> {
    const key = keyOf(name, reach)
    const found = this.asked.get(key) ?? this.begin(name, make)
    this.asked.set(key, found)
    return found.connection
  }

  /** Whether `get` makes nothing new. */
  knows = (name: string, reach?: Reach): boolean => this.asked.has(keyOf(name, reach))

  private begin(name: string, make: () => ConnectionSpec) {
    let spec: ConnectionSpec
    try {
      spec = make()
    } catch (error) {
      return { to: '', connection: Promise.reject(error) }
    }
    const { kind, user, address, port, becomeMethod } = spec
    const to = JSON.stringify([name, kind, user, address, port, becomeMethod])
    let connection = this.open.get(to)
    if (!connection) {
      connection = connect(spec, this.hooks)
      connection.then(
        (made) => this.made.add(made),
        () => {},
      )
      this.open.set(to, connection)
    }
    return { to, connection }
  }

  /** Ends a host's connection, or lets go of its failure: the next who asks gets a new one. */
  forget(name: string, reach?: Reach): void {
    this.letGo(name, reach)
      ?.then((made) => {
        this.made.delete(made)
        return made.close()
      })
      .catch(() => {})
  }

  /** The next who asks gets a new one; the one that stands, and what it keeps on the host, ends with the run. */
  renew(name: string, reach?: Reach): void {
    this.letGo(name, reach)?.catch(() => {})
  }

  private letGo(name: string, reach?: Reach): Promise<Connection> | undefined {
    const found = this.asked.get(keyOf(name, reach))
    for (const [key, { to }] of this.asked) if (to === found?.to) this.asked.delete(key)
    if (found) this.open.delete(found.to)
    return found?.connection
  }

  /** Those that stand. */
  all(): readonly Connection[] {
    return [...this.made]
  }

  /** Ends every connection. One that is just being made is ended when it stands, and not waited for. */
  async closeAll(): Promise<void> {
    for (const connection of this.open.values()) connection.then((made) => made.close()).catch(() => {})
    this.open.clear()
    this.asked.clear()
    await Promise.allSettled([...this.made].map((connection) => connection.close()))
    this.made.clear()
  }
}

/** A user that is not named is whoever the configuration says. */
const keyOf = (name: string, reach: Reach | undefined): string => JSON.stringify([name, reach ?? {}])
