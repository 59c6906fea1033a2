import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { UnknownError } from '../../contract/unknown.ts'
import type { Connection, Reading } from '../hosts/types.ts'
import { startScript } from './peek-script.ts'

/**
 * Reads the catalogues of a cluster that is stopped, for a check that plans to start it, without touching it: a
 * throw-away server runs over a copy-on-write view of the data directory in a mount namespace of its own. What it
 * writes goes to memory and is gone with it; it listens on no address, starts no replication, archives nothing, and
 * ends with this connection. Where the server's package is only planned too, it is unpacked beside, in memory. Needs
 * root and overlayfs on the host.
 */
export class Peek {
  static readonly #known = new WeakMap<Connection, Peek>()
  readonly #servers = new Map<string, Promise<SqlTarget>>()
  constructor(readonly connection: Connection) {}

  static of(connection: Connection): Peek {
    let peek = Peek.#known.get(connection)
    if (!peek) {
      peek = new Peek(connection)
      Peek.#known.set(connection, peek)
    }
    return peek
  }

  async query(
    on: SqlTarget,
    text: string,
    values: readonly unknown[] | undefined,
    how: Reading,
  ): Promise<Record<string, unknown>[]> {
    const key = `${on.version}/${on.cluster}`
    let server = this.#servers.get(key)
    if (!server) {
      server = this.#start(on)
      this.#servers.set(key, server)
    }
    const { socketDir } = await server
    return (await this.connection.sql({ ...on, socketDir }, text, values, { readOnly: true, how })).rows
  }

  async #start(on: SqlTarget): Promise<SqlTarget> {
    const { code, stdout, stderr } = await this.connection.shell(startScript(on), { as: 'root', timeout: 90 })
    if (code !== 0)
      throw new UnknownError(
        `cluster ${on.version}/${on.cluster} is stopped, and what is in it cannot be read without starting it: ${(stderr || stdout).trim().split('\n').at(-1)}`,
      )
    const target = { ...on, socketDir: stdout.trim().split('\n').at(-1)! }
    await this.#ready(target)
    return target
  }

  /** The socket is there before the server has recovered; its "starting up" is waited for. */
  async #ready(target: SqlTarget): Promise<void> {
    for (let look = 0; ; look += 1) {
      try {
        await this.connection.sql(target, 'select 1', undefined, { readOnly: true })
        return
      } catch (error) {
        if (!(error instanceof SqlError) || error.code !== '57P03' || look > 600) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
}
