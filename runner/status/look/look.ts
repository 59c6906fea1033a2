import { SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Slot } from '../../../postgres/catalog/slot.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import { type Cluster, readCluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { listClusters } from '../../../postgres/cluster/list.ts'
import { type Conninfo, parseConninfo } from '../../../postgres/conninfo.ts'
import type { StandbyLook, SubscriptionLook } from '../../../postgres/replication/look.ts'
import { type Fence, readFence } from '../../../postgres/standby/fence.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import { topologyQuery } from './look-query.ts'

/** What a server says of its replication at one moment. */
export interface ServerLook {
  recovery: boolean
  /** `15.18` */
  version: string
  system: string
  /** That it writes, or has come to. */
  timeline?: number
  /** Log sequence number that it has written to, or a standby has received to; null: none. */
  written: string | null
  most_workers: number
  subscriptions: SeenSubscription[]
  publications: SeenPublication[]
  slots: SeenSlot[]
  /** null: it is a primary. */
  standby: SeenStandby | null
  /** Sorted otherwise now than when their indexes were made. */
  collations: { what: string; made_with: string; now: string }[]
  /** Replication roles that may read the server's files; none where left out. */
  file_readers?: string[]
  archiver: { failing: boolean; failures: number; segment: string | null; for: number | null }
  /** The database of the publications is there. */
  database: boolean
}

export type SeenSubscription = Omit<SubscriptionLook, 'tables'> & {
  name: string
  database: string
  publications: string[]
  /** How far its changes have been applied: remote_lsn of its replication origin. */
  applied?: string | null
  /** The publisher's database. */
  publisher_database?: string | null
  /** Where it connects to, without what else its conninfo holds: a password may be in it. */
  host: string | null
  /** null: they are in another database. */
  tables: Record<string, string> | null
}

export type SeenSlot = Slot & {
  name: string
  synced: boolean
  confirmed?: string | null
  behind: number | null
  delay: number | null
}

export type SeenStandby = Pick<StandbyLook, 'status' | 'host' | 'port' | 'slot' | 'received' | 'replayed'> & {
  paused: boolean
  /** Where its settings send it, streaming or not. */
  configured_host: string | null
  primary_slot: string | null
  /** What the upstream said last of how far it has written. */
  upstream_wrote: string | null
  /** Seconds since the commit of the transaction that was replayed last. */
  since: number | null
}

/** A cluster as it was found, or why it was not. */
export type Look =
  | { state: 'running'; server: ServerLook; fence?: Fence | null }
  | {
      state: 'starting' | 'stopped' | 'absent' | 'unreachable' | 'unreadable'
      why: string
      hint?: string
      fence?: Fence | null
    }

/**
 * Reads one cluster: its files, whether its server answers, and one query.
 * @throws what reading the host fails with; what the server refuses is an answer
 */
export async function lookAt(
  host: HostReader,
  wanted: Pick<WantedCluster, 'version' | 'cluster' | 'database'>,
): Promise<Look> {
  const name = `${wanted.version}/${wanted.cluster}`
  try {
    const cluster = await readCluster(host, wanted)
    if (!cluster) return await absent(host, name)
    if (!cluster.running)
      return {
        state: 'stopped',
        why: `cluster ${name} is not running`,
        fence: await readFence(host, cluster),
      }
    if (cluster.notReady)
      return { state: 'starting', why: `cluster ${name} accepts no queries: ${cluster.notReady}` }
    const [server, fence] = await Promise.all([
      ask(host, cluster, wanted.database),
      cluster.recovery ? readFence(host, cluster) : null,
    ])
    return { state: 'running', server, fence }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return { state: 'unreadable', why: `cluster ${name} cannot be asked: ${error.message}`, hint: error.hint }
  }
}

async function ask(host: HostReader, cluster: Cluster, database: string): Promise<ServerLook> {
  const major = majorOf(cluster)
  const row = async (db: string, words: number): Promise<any> =>
    (await host.sql(targetOf(cluster, db), topologyQuery(words)))[0]!.look
  const inWordsItKnows = (db: string): Promise<any> =>
    row(db, major).catch((error) => {
      // A server that is not quite of its major: all know what the oldest had.
      if (error instanceof SqlError && UNDEFINED.includes(error.code)) return row(db, OLDEST)
      throw error
    })
  try {
    return fromRow(await inWordsItKnows(database), true)
  } catch (error) {
    // invalid_catalog_name: there is no such database. The rest can be seen from another.
    if (!(error instanceof SqlError && error.code === '3D000') || database === 'postgres') throw error
    return fromRow(await inWordsItKnows('postgres'), false)
  }
}

/** Tables as `schema.table`. */
export interface SeenPublication {
  name: string
  /** null: all. */
  tables: string[] | null
  /** Whose old rows nobody can tell apart. */
  unidentified: string[]
  /** Of which it sends some rows or columns alone. */
  narrowed: string[]
  /** insert, update, delete or truncate that it does not send. */
  left_out: string[]
}

/** SQLSTATEs of a column, function or view that is not there (PostgreSQL, appendix A). */
const UNDEFINED = ['42703', '42883', '42P01']
const OLDEST = 13

function fromRow(row: any, database: boolean): ServerLook {
  return {
    ...row,
    database,
    publications: database
      ? row.publications.map((seen: any) => ({ ...seen, tables: seen.tables?.sort() ?? null }))
      : [],
    subscriptions: row.subscriptions.map(({ conninfo, ...seen }: any) => ({
      ...seen,
      host: hostOf(conninfo),
      publisher_database: parseConninfo(conninfo)?.dbname ?? null,
    })),
    standby: row.standby && without(row.standby),
  }
}

const without = ({ conninfo, ...standby }: any): SeenStandby => ({
  ...standby,
  configured_host: conninfo === null ? null : hostOf(conninfo),
})

function hostOf(conninfo: string): string | null {
  const parsed: Conninfo | null = parseConninfo(conninfo)
  return parsed?.host ?? parsed?.hostaddr ?? null
}

async function absent(host: HostReader, name: string): Promise<Look> {
  const others = await listClusters(host)
  const instead = others.length > 0 ? `, but there is ${others.join(', ')}` : ''
  return { state: 'absent', why: `there is no cluster ${name}${instead}` }
}
