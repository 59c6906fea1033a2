import type { HostReader } from '../../../contract/host.ts'
import { requirePrimary, TIMELINE, targetOf } from '../../../postgres/cluster/cluster.ts'
import type { ClusterParams } from '../../../postgres/cluster/meant.ts'
import { lsnBytes } from '../../../postgres/replication/upstream.ts'
import { digits, PUBLISHED_FILES, readLost } from '../../../postgres/slot/gap.ts'
import { GAP_SCRIPT } from '../../../postgres/slot/gap-script.ts'
import { readApplied } from '../../../postgres/subscription/applied.ts'
import { SERVER_USER } from '../../../postgres/subscription/publisher.ts'
import { FORGED } from '../../../postgres/wal-records.ts'
import type { SeenSubscription, ServerLook } from './look.ts'

/** A subscription whose slot has confirmed more than it has applied. On an idle system that is so, and nothing is lost. */
export interface Suspect {
  host: string
  publisher: string
  subscription: SeenSubscription
  slot: string
  confirmed: string
}

/** Rows that a slot has confirmed, and will never send again, and that were not applied. */
export interface Gap {
  subscription: string
  publisher: string
  slot: string
  confirmed: string
  applied: string
  transactions: number
  rows: number
  /** Why that is not all, or not so. */
  unknown?: string
}

/** @param nameOf the host of an address */
export function suspectsAmong(
  servers: ReadonlyMap<string, ServerLook>,
  nameOf: (address: string) => string,
): Suspect[] {
  return [...servers].flatMap(([host, server]) =>
    server.recovery ? [] : server.subscriptions.flatMap((one) => suspect(host, one, servers, nameOf)),
  )
}

function suspect(
  host: string,
  subscription: SeenSubscription,
  servers: ReadonlyMap<string, ServerLook>,
  nameOf: (address: string) => string,
): Suspect[] {
  const { slot: name, applied, tables } = subscription
  const publisher = subscription.host === null ? undefined : nameOf(subscription.host)
  const above = publisher === undefined ? undefined : servers.get(publisher)
  const confirmed = above?.slots.find((slot) => slot.name === name && slot.type === 'logical')?.confirmed
  // What a table copies is not applied: it says more once it is there.
  const isReady = tables !== null && Object.values(tables).every((state) => state === 'r')
  if (publisher === undefined || !confirmed || !isReady || above.recovery) return []
  if (applied != null && lsnBytes(applied) >= lsnBytes(confirmed)) return []
  return [{ host, publisher, subscription, slot: name!, confirmed }]
}

/**
 * Asked after the slot: what was confirmed by then has been applied by now, or never will be.
 * @returns the position from which the subscriber has nothing; null where it cannot be told, or is no gap
 */
export async function appliedNow(
  host: HostReader,
  cluster: ClusterParams,
  { subscription, confirmed }: Suspect,
): Promise<string | null> {
  const on = targetOf(await requirePrimary(host, cluster), subscription.database)
  const applied = await readApplied(host, on, subscription.name)
  return applied !== null && lsnBytes(applied) > 0n && lsnBytes(applied) < lsnBytes(confirmed)
    ? applied
    : null
}

/** More WAL than that is not looked through: a status has to answer. Bytes. */
const MOST = 64n << 20n
/** A transaction may have begun that much before the range. */
const BEFORE = 1n << 20n

const WAL = `with published as (select format('%I.%I', t.schemaname, t.tablename)::regclass as relid
    from pg_publication_tables t join pg_publication p using (pubname)
    where pubname = any ($1) and p.pubinsert and to_jsonb(t) ->> 'rowfilter' is null)
  select current_setting('data_directory') || '/pg_wal' as directory, ${TIMELINE} as timeline, ${PUBLISHED_FILES} as tables,
    exists (select from pg_ls_waldir() where name = pg_walfile_name($2::pg_lsn)) as is_there`

/**
 * Looks for inserted rows in the publisher's WAL between the two positions. Inserted, because such a change never ends in
 * nothing on the subscriber, as an UPDATE of a row that is not there does: then its origin stays where it was.
 */
export async function findGap(
  host: HostReader,
  cluster: ClusterParams,
  suspect: Suspect,
  applied: string,
): Promise<Gap | null> {
  const { subscription, publisher, slot, confirmed } = suspect
  const [from, upto] = [lsnBytes(applied), lsnBytes(confirmed)]
  if (upto - from > MOST) return null
  const server = await requirePrimary(host, cluster)
  const on = targetOf(server, subscription.publisher_database ?? 'postgres')
  const begin = position(from > BEFORE ? from - BEFORE : from)
  const [row] = await host.sql(on, WAL, [subscription.publications, begin])
  // It was recycled: pg_waldump would wait five seconds for it to come, at each status.
  if (!row!.is_there) return null
  const program = `/usr/lib/postgresql/${server.version}/bin/pg_waldump`
  const argv = [
    'sh',
    '-c',
    GAP_SCRIPT,
    'sh',
    program,
    row!.directory,
    `--start=${begin}`,
    `--timeline=${row!.timeline}`,
  ]
  argv.push(confirmed, digits(applied), digits(confirmed), row!.tables)
  const { stdout } = await host.read(argv, { as: SERVER_USER, env: { LC_ALL: 'C' } })
  const lost = stdout
    .split('\n')
    .flatMap(readLost)
    .filter(({ inserted }) => inserted > 0)
  const rows = lost.reduce((sum, { inserted }) => sum + inserted, 0)
  const { length: transactions } = lost
  const gap = { subscription: subscription.name, publisher, slot, confirmed, applied, transactions, rows }
  if (stdout.includes(FORGED)) return { ...gap, unknown: FORGED.replace('pg_waldump: error: ', '') }
  return rows === 0 ? null : gap
}

const position = (bytes: bigint): string =>
  `${(bytes >> 32n).toString(16)}/${(bytes & 0xffffffffn).toString(16)}`.toUpperCase()
