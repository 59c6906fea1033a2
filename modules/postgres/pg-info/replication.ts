import type { HostReader } from '../../../contract/host.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'

/** Where the WAL of this server is now, as far as it has it. */
const POSITION = `case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end`

/** Who streams from it (pg_stat_replication), lag in bytes behind what it has itself. */
const STANDBYS = `(select coalesce(json_agg(json_build_object('application_name', application_name, 'user', usename,
    'client', host(client_addr), 'state', state, 'sync_state', sync_state, 'sent_lsn', sent_lsn, 'replay_lsn', replay_lsn,
    'lag_bytes', pg_wal_lsn_diff(${POSITION}, replay_lsn), 'lag_seconds', extract(epoch from replay_lag))
    order by application_name), '[]') from pg_stat_replication)`

/** Slots, and the WAL that each keeps, in bytes. */
const SLOTS = `(select coalesce(json_object_agg(slot_name, json_build_object('type', slot_type, 'plugin', plugin,
    'database', database, 'active', active, 'restart_lsn', restart_lsn, 'wal_status', wal_status,
    'retained_bytes', pg_wal_lsn_diff(${POSITION}, restart_lsn))), '{}') from pg_replication_slots)`

const RECEIVER = `(select json_build_object('status', status, 'host', sender_host, 'port', sender_port, 'slot', slot_name,
    'written_lsn', written_lsn, 'latest_lsn', latest_end_lsn) from pg_stat_wal_receiver)`

const SUBSCRIPTIONS = `(select coalesce(json_object_agg(s.subname, json_build_object('database', d.datname,
    'enabled', s.subenabled, 'slot', s.subslotname, 'publications', s.subpublications,
    'running', exists (select from pg_stat_subscription w where w.subid = s.oid and w.relid is null and w.pid is not null))), '{}')
    from pg_subscription s join pg_database d on d.oid = s.subdbid)`

/** pg_get_wal_replay_pause_state() tells a pause from a request for one from 14 on. */
const pause = (major: number): string =>
  major >= 14
    ? 'pg_get_wal_replay_pause_state()'
    : "case when pg_is_wal_replay_paused() then 'paused' else 'not paused' end"

/** The state of replication at this moment: what streams from here, and what this server receives. */
export async function readReplication(host: HostReader, cluster: Cluster): Promise<Record<string, unknown>> {
  const text = `select ${POSITION} as lsn, ${STANDBYS} as standbys, ${SLOTS} as slots, ${RECEIVER} as receiver,
    ${SUBSCRIPTIONS} as subscriptions, case when pg_is_in_recovery() then ${pause(majorOf(cluster))} end as replay_pause,
    case when pg_is_in_recovery() then extract(epoch from now() - pg_last_xact_replay_timestamp())::float8 end as replay_age`
  return (await host.sql(targetOf(cluster), text))[0] ?? {}
}
