import { connect } from './connect.ts'
import type { Connection, ConnectionSpec } from './types.ts'

/**
 * The connections of a run: one a host, made at its first use and shared by all who ask for it. A host that failed to
 * connect stays failed, with the same error, for the rest of the run.
 */
export class Connections {
  private readonly open = new Map<string, Promise<Connection>>()
  private readonly made = new Set<Connection>()

  constructor(
    private readonly make: (name: string) => ConnectionSpec,
    private readonly hooks: Parameters<typeof connect>[1] = {},
  ) {}

  /** @throws {PlayError} what `make` or the connection failed with */
  get(name: string): Promise<Connection> {
    let connection = this.open.get(name)
    if (!connection) {
      connection = (async () => connect(this.make(name), this.hooks))()
      connection.then(
        (made) => this.made.add(made),
        () => {},
      )
      this.open.set(name, connection)
    }
    return connection
  }

  /** Ends a host's connection, or lets go of its failure: the next who asks gets a new one. */
  forget(name: string): void {
    this.open
      .get(name)
      ?.then((made) => {
        this.made.delete(made)
        return made.close()
      })
      .catch(() => {})
    this.open.delete(name)
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
