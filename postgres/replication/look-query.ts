/** Of subscription s: `schema.table` → srsubstate. */
export const TABLES_OF_SUBSCRIPTION = `(select coalesce(json_object_agg(n.nspname || '.' || c.relname, r.srsubstate), '{}')
      from pg_subscription_rel r join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace
      where r.srsubid = s.oid)`

/** Joins the apply worker w of subscription s, its session a, and, from 15 on, the error counts x. */
export const WORKER = (
  major: number,
): string => `left join pg_stat_subscription w on w.subid = s.oid and w.relid is null${major >= 16 ? ' and w.leader_pid is null' : ''}
  left join pg_stat_activity a on a.pid = w.pid
  ${major >= 15 ? 'left join pg_stat_subscription_stats x on x.subid = s.oid' : ''}`

/** The parts of one statement that sees everything; each names its parameter where it has one. */

const SUBSCRIPTIONS = (
  major: number,
): string => `(select coalesce(json_object_agg(s.subname, json_build_object(
    'enabled', s.subenabled, 'slot', s.subslotname, 'pid', w.pid,
    'age', extract(epoch from clock_timestamp() - a.backend_start), 'received', w.received_lsn,
    'errors', ${major >= 15 ? 'x.apply_error_count + x.sync_error_count' : '0'},
    'sync_errors', ${major >= 15 ? 'x.sync_error_count' : '0'},
    'tables', ${TABLES_OF_SUBSCRIPTION})), '{}')
  from pg_subscription s
  ${WORKER(major)}
  where s.subdbid = (select oid from pg_database where datname = current_database()) and s.subname = any ($1::text[]))`

const PUBLICATIONS = `(select coalesce(json_agg(pubname), '[]') from pg_publication where pubname = any ($2::text[]))`

const SLOTS = `(select coalesce(json_object_agg(slot_name, json_build_object('active', active,
    'wal_status', wal_status)), '{}') from pg_replication_slots where slot_name = any ($3::text[]))`

const STANDBY = `(select json_build_object('status', w.status, 'host', w.sender_host, 'port', w.sender_port,
    'slot', w.slot_name, 'received', pg_last_wal_receive_lsn(), 'replayed', pg_last_wal_replay_lsn(),
    'paused', case when pg_is_in_recovery() then pg_is_wal_replay_paused() end,
    'system', (select system_identifier::text from pg_control_system()))
  from (select) one left join pg_stat_wal_receiver w on true)`

/** One row, with `look`, and the answers of `queries` as `rows_0`, `rows_1`, …; $1 to $3 are names. */
export const lookQuery = (major: number, queries: readonly string[]): string =>
  `select json_build_object('now', extract(epoch from clock_timestamp()), 'recovery', pg_is_in_recovery(),
  'most_workers', current_setting('max_logical_replication_workers')::int,
  'subscriptions', ${SUBSCRIPTIONS(major)},
  'publications', ${PUBLICATIONS},
  'slots', ${SLOTS},
  'standby', ${STANDBY}) as look${queries.map((query, index) => `,\n${rowsQuery(query)} as rows_${index}`).join('')}`

/** The rows of a query as one JSON value. */
export const rowsQuery = (query: string): string =>
  `(select coalesce(json_agg(q), '[]') from (${query.replace(/;\s*$/, '')}\n) q)`
