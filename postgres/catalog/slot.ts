import type { HostReader } from '../../contract/host.ts'
import { type Cluster, clusterRow, completed, targetOf } from '../cluster/cluster.ts'
import { defineClusterFact } from '../cluster/facts.ts'
import { majorOf } from './version.ts'

/** A row of pg_replication_slots. */
export interface Slot {
  type: 'physical' | 'logical'
  plugin: string | null
  db: string | null
  temporary: boolean
  active: boolean
  active_pid: number | null
  /** It holds WAL back (restart_lsn is set). */
  reserved: boolean
  /** reserved, extended, unreserved or lost; null: nothing is reserved yet */
  wal_status: string | null
  /** Bytes of WAL it holds back; null: none */
  retained: number | null
  /** Bytes of WAL written since its subscriber or standby confirmed last; null: nothing is reserved */
  unsent?: number | null
}

export const slotKey = defineClusterFact<Slot | null>('slot')

/**
 * `conflicting` (16) and `invalidation_reason` (17) say of a logical slot what wal_status 'lost' says of all: nothing
 * can be streamed from it any more.
 */
const WRITTEN = 'case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end'

export const slotColumns = (major: number): string => `slot_type as type, plugin::text as plugin,
  database::text as db, temporary, active, active_pid, restart_lsn is not null as reserved,
  ${
    major >= 17
      ? "case when invalidation_reason is not null then 'lost' else wal_status end"
      : major >= 16
        ? "case when conflicting then 'lost' else wal_status end"
        : 'wal_status'
  } as wal_status,
  pg_wal_lsn_diff(${WRITTEN}, restart_lsn)::float8 as retained,
  pg_wal_lsn_diff(${WRITTEN}, coalesce(confirmed_flush_lsn, restart_lsn))::float8 as unsent`

/** Slots are no part of a base backup: a standby that is only planned will have none but those planned on it. */
export async function readSlot(host: HostReader, cluster: Cluster, name: string): Promise<Slot | null> {
  const key = slotKey(cluster, name)
  if (cluster.copyOf) return host.predicted(key) ?? null
  const text = `select ${slotColumns(majorOf(cluster))} from pg_replication_slots where slot_name = $1`
  return clusterRow(host, cluster, key, text, [name])
}

/** The slots through which somebody may subscribe to publications of this database, as they are or will be; sorted. */
export async function readSubscribers(host: HostReader, cluster: Cluster, db: string): Promise<string[]> {
  if (cluster.fresh) return []
  const text = `select ${slotColumns(majorOf(cluster))}, slot_name as name from pg_replication_slots`
  const rows = cluster.copyOf
    ? []
    : ((await host.sql(targetOf(cluster), text)) as (Slot & { name: string })[])
  const planned = host.predictions(slotKey.under(cluster))
  const slots = completed(new Map<string, Slot>(rows.map((row) => [row.name, row])), planned)
  return [...slots]
    .filter(([, slot]) => slot.plugin === 'pgoutput' && slot.db === db && !slot.temporary)
    .map(([name]) => name)
    .sort()
}
