import { eventually, sqlOn } from './play.ts'
import type { Writer } from './writer.ts'

/** What became of one writer's rows on one host, compared by their numbers. */
export interface Account {
  host: string
  table: string
  /** Rows whose commit the writer's own server acknowledged. */
  acknowledged: number
  /** Acknowledged, and not on this host. */
  missing: number[]
  /** On this host more than once. */
  doubled: number[]
}

/** What a writer had written at a moment. */
export type Written = Pick<Writer, 'table' | 'first' | 'acknowledged'>

/**
 * Where a writer's acknowledged rows are. Waits until each host has them all, or `seconds` are over: what is on its way
 * is not missing. The writer must have been stopped, or this be a copy of what it had written at a moment.
 */
export const accountsOf = (writer: Written, hosts: readonly string[], seconds = 60): Promise<Account[]> =>
  Promise.all(hosts.map((host) => account(writer, host, seconds)))

async function account(writer: Written, host: string, seconds: number): Promise<Account> {
  const { table, first, acknowledged } = writer
  let seen: Account = {
    host,
    table,
    acknowledged: acknowledged.length,
    missing: [...acknowledged],
    doubled: [],
  }
  const look = async () => {
    const rows = await numbersOn(host, table, first)
    const found = new Set(rows)
    const missing = acknowledged.filter((id) => !found.has(id))
    seen = { ...seen, missing, doubled: rows.filter((id, index) => rows[index - 1] === id) }
    return missing.length === 0 || `${missing.length} rows of ${table} missing on ${host}`
  }
  await eventually(`the rows of ${table} on ${host}`, () => look().catch(String), seconds).catch(() => {})
  return seen
}

const numbersOn = async (host: string, table: string, first: number): Promise<number[]> => {
  const text = await sqlOn(host, `select id from ${table} where id >= ${first} order by id`)
  return text === '' ? [] : text.split('\n').map(Number)
}

/** One line for each account, for a table of figures: `vm3 test: 1234 acknowledged, 0 missing, 0 doubled`. */
export const accountLines = (accounts: readonly Account[]): string[] =>
  accounts.map(
    ({ host, table, acknowledged, missing, doubled }) =>
      `${host} ${table}: ${acknowledged} acknowledged, ${missing.length} missing, ${doubled.length} doubled`,
  )

/** The accounts in which something is wrong, as lines; what a test expects to be empty. */
export const losses = (accounts: readonly Account[]): string[] =>
  accountLines(accounts.filter(({ missing, doubled }) => missing.length + doubled.length > 0))
