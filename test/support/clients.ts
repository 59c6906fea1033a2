import { type Account, accountsOf, type Written } from './accounts.ts'
import { eventually, sqlOn } from './play.ts'
import { Writer } from './writer.ts'

export const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4'] as const
/** Who writes what; the first of HOSTS, in their order. */
const SOURCES = [
  { host: 'vm1', table: 'test' },
  { host: 'vm2', table: 'test2' },
] as const

/**
 * A client of each publisher, which write all the time. Their rows are looked for while they go on; those that are on
 * all hosts are deleted, so that the tables stay small, and must not come back.
 */
export class Clients {
  acknowledged = 0
  #writers: Writer[] = []
  #isStopped = true
  /** For each source: numbers below it are done with, and those from `#base` on must be gone. */
  readonly #from: number[]
  readonly #base: number[]

  constructor(
    readonly rate: number,
    readonly first: number,
  ) {
    this.#from = SOURCES.map(() => first)
    this.#base = SOURCES.map(() => first)
  }

  start(): this {
    this.#isStopped = false
    this.#writers = SOURCES.map(({ host, table }, at) =>
      new Writer(host, table, this.#from[at]!, this.rate).start(),
    )
    return this
  }

  /** Waits until each has so many more rows. */
  async goOn(rows: number): Promise<void> {
    const before = this.#writers.map(({ acknowledged }) => acknowledged.length)
    await eventually('the clients to write', async () =>
      this.#writers.every(({ acknowledged }, at) => acknowledged.length >= before[at]! + rows),
    )
  }

  /** Nobody writes, for what cannot be done otherwise. What was written is still to be accounted for. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#writers.map((writer) => writer.stop()))
  }

  /** Goes on after `stop`, with new numbers. What was not accounted for before is forgotten. */
  resume(): void {
    if (!this.#isStopped) return
    this.forget()
    this.start()
  }

  /** Nothing of theirs is left, for the tests that come next. */
  async end(): Promise<void> {
    await this.stop()
    await Promise.all(
      SOURCES.map(({ host, table }) => sqlOn(host, `delete from ${table} where id >= ${this.first}`)),
    )
    this.forget()
  }

  /** After `stop`: what was written so far counts no longer. Its tables are gone, or its loss was told. */
  forget(): void {
    for (const [at, writer] of this.#writers.entries()) {
      this.#from[at] = writer.next
      this.#base[at] = writer.next
    }
    this.#writers = []
  }

  /**
   * What was acknowledged until now must be on every host, and what was deleted on none.
   * @returns one account for each table and host
   */
  async audit(seconds: number): Promise<Account[]> {
    const written = this.#writers.map(
      ({ table, acknowledged }, at): Written => ({
        table,
        first: this.#from[at]!,
        acknowledged: acknowledged.filter((id) => id >= this.#from[at]!),
      }),
    )
    this.acknowledged += written.reduce((sum, one) => sum + one.acknowledged.length, 0)
    const found = await Promise.all(written.map((one) => accountsOf(one, HOSTS, seconds)))
    const back = await this.#cameBack(seconds)
    for (const [at, one] of written.entries()) {
      for (const account of found[at]!)
        account.doubled.push(...(back.get(`${account.host} ${one.table}`) ?? []))
      if (found[at]!.every(({ missing, doubled }) => missing.length + doubled.length === 0))
        await this.#prune(at, one)
    }
    return found.flat()
  }

  /** Rows that were deleted where they came from: a deletion was lost, or they were brought a second time. */
  async #cameBack(seconds: number): Promise<Map<string, number[]>> {
    const rows = SOURCES.map(({ table }, at) => {
      const range = `id >= ${this.#base[at]} and id < ${this.#from[at]}`
      return `select '${table} ' || id from ${table} where ${range}`
    }).join(' union all ')
    const old = async (host: string) => (await sqlOn(host, rows)).split('\n').filter(Boolean)
    const back = new Map<string, number[]>()
    const look = async () => {
      // A row whose acknowledgement was lost, and that came late, is where it was written.
      const here = await Promise.all(HOSTS.map(old))
      const written = new Set(
        here
          .slice(0, SOURCES.length)
          .flatMap((all, at) => all.filter((row) => row.startsWith(`${SOURCES[at]!.table} `))),
      )
      back.clear()
      for (const [at, host] of HOSTS.entries())
        for (const row of here[at]!.filter((one) => !written.has(one))) {
          const [table, id] = row.split(' ')
          back.set(`${host} ${table}`, [...(back.get(`${host} ${table}`) ?? []), Number(id)])
        }
      return back.size === 0 || [...back.keys()].join(', ')
    }
    await eventually('deleted rows to be gone', () => look().catch(String), seconds).catch(() => {})
    return back
  }

  async #prune(at: number, { table, acknowledged }: Written): Promise<void> {
    const last = acknowledged.at(-1)
    if (last === undefined) return
    await sqlOn(SOURCES[at]!.host, `delete from ${table} where id >= ${this.#base[at]} and id <= ${last}`)
    this.#from[at] = last + 1
    const writer = this.#writers[at]!
    writer.acknowledged.splice(0, writer.acknowledged.filter((id) => id <= last).length)
  }
}
