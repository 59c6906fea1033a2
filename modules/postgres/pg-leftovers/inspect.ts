import { SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { parseConninfo } from '../../../postgres/conninfo.ts'

/** What there is of replication in a cluster, by name. */
export interface Present {
  slots: { name: string; type: string; active: boolean; retained: number | null }[]
  /** Of the database; none on a standby, whose are its primary's. */
  subscriptions: { name: string; publisher: string | null }[]
  publications: string[]
}

/** A temporary slot goes with its session, and one of an initial copy with that. */
const TEXT = `select json_build_object(
  'slots', (select coalesce(json_agg(json_build_object('name', slot_name, 'type', slot_type, 'active', active,
      'retained', pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
      restart_lsn)::float8) order by slot_name), '[]')
    from pg_replication_slots s where not temporary and slot_name !~ '^pg_[0-9]+_sync_[0-9]+_'
      and to_jsonb(s) ->> 'synced' is distinct from 'true'),
  'subscriptions', (select coalesce(json_agg(json_build_object('name', subname, 'conninfo', subconninfo)
      order by subname), '[]') from pg_subscription
    where not pg_is_in_recovery() and subdbid = (select oid from pg_database where datname = current_database())),
  'publications', (select coalesce(json_agg(pubname order by pubname), '[]') from pg_publication
    where not pg_is_in_recovery())) as present`

/** null: the database is not there. */
export async function readPresent(host: HostReader, cluster: Cluster, db: string): Promise<Present | null> {
  try {
    const [row] = await host.sql(targetOf(cluster, db), TEXT)
    const { subscriptions, ...present } = row!.present
    // Without what else a conninfo holds: a password may be in it.
    const known = subscriptions.map(({ name, conninfo }: { name: string; conninfo: string }) => ({
      name,
      publisher: parseConninfo(conninfo)?.host ?? null,
    }))
    return { ...present, subscriptions: known }
  } catch (error) {
    if (error instanceof SqlError && error.code === '3D000') return null
    throw error
  }
}
