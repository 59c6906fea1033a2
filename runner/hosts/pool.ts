import { createHmac, randomBytes } from 'node:crypto'
import { connect } from './connect.ts'
import type { Connection, ConnectionSpec, Reach } from './types.ts'

type Hooks = Parameters<typeof connect>[1] & {
  /** One is about to be made. */
  onMake?: (spec: ConnectionSpec) => void
}

/**
 * The connections of a run: one for each way to reach a host, made at its first use and shared by all who ask for it. A host that
 * failed to connect stays failed, with the same error, for the rest of the run.
 */
export class Connections {
  /** By host and what is asked for: where that leads. What is asked for in two ways may be one. */
  private readonly asked = new Map<string, { to: string; connection: Promise<Connection> }>()
  private readonly open = new Map<string, Promise<Connection>>()
  private readonly made = new Set<Connection>()

  constructor(
    private readonly make: (name: string, reach?: Reach) => ConnectionSpec,
    private readonly hooks: Hooks = {},
  ) {}

  /** @throws {PlayError} what `make` or the connection failed with */
  get(name: string, reach?: Reach, make = () => this.make(name, reach)): Promise<Connection> {
    const key = keyOf(name, reach)
    const found = this.asked.get(key) ?? this.begin(make)
    this.asked.set(key, found)
    return found.connection
  }

  /** Whether `get` makes nothing new. */
  knows = (name: string, reach?: Reach): boolean => this.asked.has(keyOf(name, reach))

  /** The one that is like this. @throws {PlayError} what the connection failed with */
  like = (spec: ConnectionSpec): Promise<Connection> => this.openTo(spec, wayOf(spec))

  private begin(make: () => ConnectionSpec) {
    try {
      const spec = make()
      const to = wayOf(spec)
      return { to, connection: this.openTo(spec, to) }
    } catch (error) {
      return { to: '', connection: Promise.reject(error) }
    }
  }

  private openTo(spec: ConnectionSpec, to: string): Promise<Connection> {
    const found = this.open.get(to)
    if (found) return found
    this.hooks.onMake?.(spec)
    const connection = connect(spec, this.hooks)
    connection.then(
      (made) => this.made.add(made),
      () => {},
    )
    this.open.set(to, connection)
    return connection
  }

  /** Ends a host's connection, or lets go of its failure: the next who asks gets a new one. */
  forget(name: string, reach?: Reach): void {
    this.letGo(this.asked.get(keyOf(name, reach))?.to)
      ?.then((made) => {
        this.made.delete(made)
        return made.close()
      })
      .catch(() => {})
  }

  /** The next who asks gets a new one; the one that stands, and what it keeps on the host, ends with the run. */
  renew(name: string, reach?: Reach): void {
    this.letGo(this.asked.get(keyOf(name, reach))?.to)?.catch(() => {})
  }

  /** The same of the one that is like this. */
  renewLike(spec: ConnectionSpec): void {
    this.letGo(wayOf(spec))?.catch(() => {})
  }

  private letGo(to: string | undefined): Promise<Connection> | undefined {
    if (to === undefined) return undefined
    const found = [...this.asked.values()].find((one) => one.to === to)?.connection ?? this.open.get(to)
    for (const [key, one] of this.asked) if (one.to === to) this.asked.delete(key)
    this.open.delete(to)
    return found
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

/** Of this process alone: what is made of a secret tells nobody anything. */
const SALT = randomBytes(32)

/** All that tells one connection from another. Secrets are in it as digests. */
function wayOf({ password, passphrase, becomePassword, ...plain }: ConnectionSpec): string {
  const secrets = [password, passphrase, becomePassword].map(
    (secret) => secret !== undefined && createHmac('sha256', SALT).update(secret).digest('base64'),
  )
  return JSON.stringify([plain, secrets])
}
