import { connect } from './connect.ts'
import type { Connection, ConnectionSpec } from './types.ts'

/**
 * The connections of a run: one for a host and login user, made at its first use and shared by all who ask for it. A host that failed to
 * connect stays failed, with the same error, for the rest of the run.
 */
export class Connections {
  private readonly open = new Map<string, Promise<Connection>>()
  private readonly made = new Set<Connection>()

  constructor(
    private readonly make: (name: string, user?: string) => ConnectionSpec,
    private readonly hooks: Parameters<typeof connect>[1] = {},
  ) {}

  /** @throws {PlayError} what `make` or the connection failed with */
  get(name: string, user?: string): Promise<Connection> {
    const key = keyOf(name, user)
    let connection = this.open.get(key)
    if (!connection) {
      connection = (async () => connect(this.make(name, user), this.hooks))()
      connection.then(
        (made) => this.made.add(made),
        () => {},
      )
      this.open.set(key, connection)
    }
    return connection
  }

  /** Ends a host's connection, or lets go of its failure: the next who asks gets a new one. */
  forget(name: string, user?: string): void {
    this.open
      .get(keyOf(name, user))
      ?.then((made) => {
        this.made.delete(made)
        return made.close()
      })
      .catch(() => {})
    this.open.delete(keyOf(name, user))
  }

  /** Those that stand. */
  all(): readonly Connection[] {
    return [...this.made]
  }

  /** Ends every connection. One that is just being made is ended when it stands, and not waited for. */
  async closeAll(): Promise<void> {
    for (const connection of this.open.values()) connection.then((made) => made.close()).catch(() => {})
    this.open.clear()
    await Promise.allSettled([...this.made].map((connection) => connection.close()))
    this.made.clear()
  }
}

/** A user that is not named is whoever the configuration says. */
const keyOf = (name: string, user: string | undefined): string => `${user ?? ''}@${name}`
