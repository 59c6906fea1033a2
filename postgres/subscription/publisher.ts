import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { buildConninfo, type Conninfo } from '../conninfo.ts'
import { PUBLISHER_SCRIPT } from './publisher-script.ts'

export interface PublisherSlot {
  type: string
  plugin: string | null
  db: string | null
  active: boolean
  active_pid: number | null
  /** Who streams from it, by name and address; empty where the connection's role may not see that. */
  subscriber?: string | null
  /** Transactions that it has sent; null before PostgreSQL 14, where nobody knows. */
  sent?: number | null
  wal_status: string | null
  /** Position up to which its subscriber has confirmed; where the slot began, as long as nobody has. */
  confirmed?: string | null
  /** Bytes of WAL written since it was confirmed last. */
  unsent?: number | null
}

/** What a publisher answers over the subscription's own connection. */
export interface Publisher {
  version: number
  recovery: boolean
  /** That it writes to, or as a standby has come to. */
  timeline?: number
  /** Its cluster_name; empty where it has none. */
  cluster_name?: string
  /** Its system identifier. */
  system?: string
  /** Of those asked for: which there are. */
  publications: string[]
  /**
   * Tables of these publications, whether the connection's role may SELECT from each, the columns that are sent, and an
   * SQL condition of the rows that are; all of them where there is none.
   */
  tables: { schema: string; table: string; readable: boolean; columns?: string[]; filter?: string | null }[]
  slot: PublisherSlot | null
  user: string
  db: string
  /** Slots of the subscription's initial copies. */
  sync_slots: string[]
}

/** Why there is no answer. */
export interface Unreachable {
  unreachable: string
}

/** Full path: Debian's wrapper in /usr/bin costs a perl start. */
export const psqlOf = (cluster: Cluster): string => `/usr/lib/postgresql/${cluster.version}/bin/psql`

/** How its own tools reach this server, over the Unix socket. It hangs up after 60 s by itself (authentication_timeout). */
export const localConninfo = ({ socketDir, port }: Cluster, dbname: string): string =>
  buildConninfo({ connect_timeout: '60', host: socketDir, port, dbname, user: SERVER_USER })

/** The operating-system user that the server's own connections read their passfile as. */
export const SERVER_USER = 'postgres'

/** Asks the publisher from this host, as its server would. */
export async function readPublisher(
  host: HostReader,
  cluster: Cluster,
  conninfo: Conninfo,
  { slot, publications, oid }: { slot: string; publications: readonly string[]; oid?: number },
): Promise<Publisher | Unreachable> {
  const connection = buildConninfo({ connect_timeout: '5', ...conninfo })
  const values = [connection, slot, JSON.stringify(publications), String(oid ?? 0)]
  const argv = ['sh', '-c', PUBLISHER_SCRIPT, 'sh', psqlOf(cluster), ...values]
  const { code, stdout, stderr } = await host.read(argv, { as: SERVER_USER })
  if (code === 0 && stdout.startsWith('{')) return JSON.parse(stdout)
  return { unreachable: psqlReason(stderr, code) }
}

/** What psql said at last, without its advice. */
export const psqlReason = (stderr: string, code: number): string =>
  stderr
    .trim()
    .split('\n')
    .findLast((line) => !/^(\s*Is the server running|Either provide the file)/.test(line)) ||
  `psql ended with exit code ${code}`

export const isReachable = (publisher: Publisher | Unreachable | null): publisher is Publisher =>
  publisher !== null && !('unreachable' in publisher)

/** `schema.table` of what the publications hold, sorted. */
export const tableNames = (publisher: Publisher): string[] =>
  publisher.tables.map(({ schema, table }) => `${schema}.${table}`).sort()
