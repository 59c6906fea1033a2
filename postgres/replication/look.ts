import { SqlError } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { majorOf } from '../catalog/version.ts'
import { type Cluster, targetOf } from '../cluster/cluster.ts'
import { lookQuery, rowsQuery } from './look-query.ts'
import type { Sentinel, VerificationParams } from './params.ts'

/** What a server says of its replication at one moment. */
export interface Look {
  /** Seconds, the server's clock. */
  now: number
  recovery: boolean
  /** max_logical_replication_workers */
  most_workers: number
  subscriptions: Record<string, SubscriptionLook>
  publications: string[]
  slots: Record<string, { active: boolean; wal_status: string | null }>
  standby: StandbyLook
  /** For each sentinel: its rows, or why there are none. */
  rows: (Record<string, unknown>[] | { error: string })[]
}

export interface SubscriptionLook {
  enabled: boolean
  slot: string | null
  pid: number | null
  /** Seconds that the worker has lived. */
  age: number | null
  received: string | null
  errors: number | null
  sync_errors: number | null
  tables: Record<string, string>
}

export interface StandbyLook {
  status: string | null
  host: string | null
  port: number | null
  slot: string | null
  received: string | null
  replayed: string | null
  paused: boolean | null
  system: string
}

/** One statement for each database: the sentinels of the same database travel in the statement that sees the rest. */
export async function takeLook(
  host: HostReader,
  cluster: Cluster,
  params: VerificationParams,
): Promise<Look> {
  const on = targetOf(cluster, params.db)
  const names = [params.subscriptions, params.publications, params.slots]
  const here = params.rows.filter((sentinel) => isHere(sentinel, params))
  const [main, elsewhere] = await Promise.all([
    lookHere(host, on, majorOf(cluster), names, here),
    Promise.all(
      params.rows
        .filter((sentinel) => !isHere(sentinel, params))
        .map((sentinel) => readRows(host, targetOf(cluster, sentinel.db), sentinel)),
    ),
  ])
  const rows = params.rows.map((sentinel) =>
    isHere(sentinel, params) ? main.rows.shift()! : elsewhere.shift()!,
  )
  return { ...main.look, rows }
}

const isHere = ({ db }: Sentinel, params: VerificationParams): boolean => db === undefined || db === params.db

async function lookHere(
  host: HostReader,
  on: SqlTarget,
  major: number,
  names: unknown[],
  sentinels: Sentinel[],
) {
  const ask = async (queries: string[]) => (await host.sql(on, lookQuery(major, queries), names))[0]!
  try {
    const row = await ask(sentinels.map(({ query }) => query))
    return { look: row.look as Omit<Look, 'rows'>, rows: sentinels.map((_, index) => row[`rows_${index}`]) }
  } catch (error) {
    // One of the sentinels fails, and took the rest with it: each by itself then.
    if (!(error instanceof SqlError) || sentinels.length === 0) throw error
    const [row, rows] = await Promise.all([
      ask([]),
      Promise.all(sentinels.map((sentinel) => readRows(host, on, sentinel))),
    ])
    return { look: row.look as Omit<Look, 'rows'>, rows }
  }
}

async function readRows(host: HostReader, on: SqlTarget, { query }: Sentinel): Promise<Look['rows'][number]> {
  try {
    return (await host.ask({ ...on, words: 'users' }, `select ${rowsQuery(query)} as rows`))[0]!.rows
  } catch (error) {
    if (error instanceof SqlError) return { error: error.message }
    throw error
  }
}
