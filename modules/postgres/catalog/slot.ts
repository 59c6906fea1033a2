import type { HostReader } from '../../contract.ts'
import { type Cluster, globalFact, globalKey } from '../cluster.ts'
import { majorOf } from './version.ts'

/** The fact `slot/<name>` (pg_replication_slots). */
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
}

/** Names of replication slots (Streaming Replication, 27.2.6.1). */
export const SLOT_NAME = /^[a-z0-9_]{1,63}$/

/**
 * `conflicting` (16) and `invalidation_reason` (17) say of a logical slot what wal_status 'lost' says of all: nothing
 * can be streamed from it any more.
 */
export const slotColumns = (major: number): string => `slot_type as type, plugin::text as plugin,
  database::text as db, temporary, active, active_pid, restart_lsn is not null as reserved,
  ${
    major >= 17
      ? "case when invalidation_reason is not null then 'lost' else wal_status end"
      : major >= 16
        ? "case when conflicting then 'lost' else wal_status end"
        : 'wal_status'
  } as wal_status,
  pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
    restart_lsn)::float8 as retained`

/** Slots are no part of a base backup: a standby that is only planned will have none but those planned on it. */
export async function readSlot(host: HostReader, cluster: Cluster, name: string): Promise<Slot | null> {
  if (cluster.copyOf) return host.predicted<Slot | null>(globalKey(cluster, 'slot', name)) ?? null
  const text = `select ${slotColumns(majorOf(cluster))} from pg_replication_slots where slot_name = $1`
  return globalFact<Slot>(host, cluster, 'slot', name, text, [name])
}
