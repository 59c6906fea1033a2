import { UNIDENTIFIED } from '../../../postgres/catalog/publication.ts'
import { slotColumns } from '../../../postgres/catalog/slot.ts'
import { TIMELINE } from '../../../postgres/cluster/cluster.ts'
import { TABLES_OF_SUBSCRIPTION, WORKER } from '../../../postgres/replication/look-query.ts'

/** Where this server has written to; a standby, where it has received to. */
const WRITTEN = 'case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end'

const rows = (text: string): string => `(select coalesce(json_agg(r), '[]') from (${text}) r)`

/** How far its changes have been applied here. The view raises an error where there can be no origins at all. */
const APPLIED = `case when current_setting('max_replication_slots') <> '0' then (select o.remote_lsn
    from pg_replication_origin_status o where o.external_id = 'pg_' || s.oid) end`

/** Of all databases; the states of tables can be seen in the connected one alone. */
const SUBSCRIPTIONS = (major: number): string =>
  rows(`select s.subname as name, d.datname as database, s.subconninfo as conninfo, s.subpublications as publications,
    s.subenabled as enabled, s.subslotname as slot, ${APPLIED} as applied, w.pid, w.received_lsn as received,
    extract(epoch from clock_timestamp() - a.backend_start)::float8 as age,
    ${major >= 15 ? 'x.apply_error_count + x.sync_error_count' : '0'} as errors,
    ${major >= 15 ? 'x.sync_error_count' : '0'} as sync_errors,
    case when d.datname = current_database() then ${TABLES_OF_SUBSCRIPTION} end as tables
  from pg_subscription s join pg_database d on d.oid = s.subdbid
  ${WORKER(major)}
  order by d.datname, s.subname`)

/**
 * `tables` is null for all tables. UPDATE and DELETE fail on those `unidentified`. `narrowed`: tables of which not all rows or columns
 * are sent, from 15 on. `left_out`: operations that are not.
 */
const PUBLICATIONS = (major: number): string =>
  rows(`select p.pubname as name, case when not p.puballtables then
      (select coalesce(json_agg(t.schemaname || '.' || t.tablename), '[]') from pg_publication_tables t
        where t.pubname = p.pubname) end as tables,
    array_to_json(array_remove(array[case when not p.pubinsert then 'insert' end, case when not p.pubupdate then 'update' end,
      case when not p.pubdelete then 'delete' end, case when not p.pubtruncate then 'truncate' end], null)) as left_out,
    ${
      major >= 15
        ? `(select coalesce(json_agg(n.nspname || '.' || c.relname), '[]') from pg_publication_rel r
      join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
      where r.prpubid = p.oid and (r.prqual is not null or r.prattrs is not null))`
        : "'[]'::json"
    } as narrowed,
    (select coalesce(json_agg(n.nspname || '.' || c.relname order by n.nspname, c.relname), '[]')
      from pg_publication_tables t join pg_namespace n on n.nspname = t.schemaname
      join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
      where t.pubname = p.pubname and (p.pubupdate or p.pubdelete) and ${UNIDENTIFIED}) as unidentified
  from pg_publication p order by p.pubname`)

/**
 * `behind`: bytes that the one who streams has not confirmed yet; `delay`: seconds as pg_stat_replication measures
 * them, null where nothing is under way. A `synced` slot (17) is a standby's copy of its primary's: nobody
 * streams it. One that was promoted says so of its slots for ever.
 */
const SLOTS = (major: number): string =>
  rows(`select slot_name as name, ${slotColumns(major)}, ${major >= 17 ? 'synced and pg_is_in_recovery()' : 'false'} as synced,
    confirmed_flush_lsn as confirmed, pg_wal_lsn_diff(${WRITTEN}, coalesce(confirmed_flush_lsn, restart_lsn))::float8 as behind,
    (select extract(epoch from replay_lag)::float8 from pg_stat_replication where pid = active_pid) as delay
  from pg_replication_slots order by slot_name`)

const STANDBY = `(select json_build_object('status', w.status, 'host', w.sender_host, 'port', w.sender_port,
    'slot', w.slot_name, 'conninfo', nullif(current_setting('primary_conninfo'), ''),
    'primary_slot', nullif(current_setting('primary_slot_name'), ''), 'paused', pg_is_wal_replay_paused(),
    'upstream_wrote', w.latest_end_lsn, 'received', pg_last_wal_receive_lsn(), 'replayed', pg_last_wal_replay_lsn(),
    'since', extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8)
  from (select) one left join pg_stat_wal_receiver w on true where pg_is_in_recovery())`

/** What indexes were sorted by, beside what the libraries sort by now. Of databases it is recorded from 15 on. */
const COLLATIONS = (major: number): string =>
  rows(`select * from (
    ${
      major >= 15
        ? `select 'database ' || datname as what, datcollversion as made_with,
      pg_database_collation_actual_version(oid) as now from pg_database where datallowconn
    union all`
        : ''
    }
    select 'collation ' || collname || ' of database ' || current_database() as what, collversion as made_with,
      pg_collation_actual_version(c.oid) as now from pg_collation c where collversion is not null and exists (
        select from pg_depend where refclassid = 'pg_collation'::regclass and refobjid = c.oid)) v
  where made_with <> now order by what`)

const ARCHIVER = `(select json_build_object('failing', current_setting('archive_mode') <> 'off'
      and last_failed_time > coalesce(last_archived_time, '-infinity'), 'failures', failed_count,
      'segment', last_failed_wal, 'for', extract(epoch from clock_timestamp() - coalesce(last_archived_time, stats_reset))::float8)
  from pg_stat_archiver)`

/** Replication roles that may do what pg_rewind does on its source: read, or at least list, the server's files. */
const FILE_READERS = `(select coalesce(json_agg(distinct r.rolname), '[]') from pg_proc p, aclexplode(p.proacl) x
  join pg_roles r on r.oid = x.grantee where p.pronamespace = 'pg_catalog'::regnamespace
  and p.proname in ('pg_ls_dir', 'pg_stat_file', 'pg_read_binary_file') and r.rolreplication and not r.rolsuper)`

/** One row, one column: what a server says of its replication, whatever its role. Reads alone. */
export const topologyQuery = (major: number): string =>
  `select json_build_object('recovery', pg_is_in_recovery(), 'version', split_part(current_setting('server_version'), ' ', 1),
  'system', (select system_identifier::text from pg_control_system()), 'timeline', ${TIMELINE}, 'written', ${WRITTEN},
  'most_workers', current_setting('max_logical_replication_workers')::int,
  'subscriptions', ${SUBSCRIPTIONS(major)},
  'publications', ${PUBLICATIONS(major)},
  'slots', ${SLOTS(major)},
  'standby', ${STANDBY},
  'collations', ${COLLATIONS(major)},
  'file_readers', ${FILE_READERS},
  'archiver', ${ARCHIVER}) as look`
