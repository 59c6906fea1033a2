import { READING_OPTIONS } from '../../contract/sql-settings.ts'
import { TIMELINE } from '../cluster/cluster.ts'

/**
 * Asks a publisher, as a subscriber's own server would reach it. Arguments: psql, conninfo, slot, publications as a
 * JSON array, and the subscription's oid, whose table synchronisation slots are looked for too. The connection is
 * read-only, and the values reach the server as psql variables, quoted there.
 */
export const PUBLISHER_SCRIPT = `export PGOPTIONS='${READING_OPTIONS}'
exec "$1" -XAtqw -v ON_ERROR_STOP=1 -v slot="$3" -v publications="$4" -v oid="$5" -d "$2" <<'SQL'
select case when :SERVER_VERSION_NUM >= 140000
  then '(select total_txns from pg_stat_replication_slots t where t.slot_name = s.slot_name)' else 'null' end as sent \\gset
with wanted as (select json_array_elements_text(:'publications'::json) as name),
  published as (select schemaname, tablename, jsonb_agg(to_jsonb(p)->'attnames') as lists,
    case when bool_and(to_jsonb(p)->>'rowfilter' is not null) then string_agg(to_jsonb(p)->>'rowfilter', ' or ') end as filter
    from pg_publication_tables p where pubname in (select name from wanted) group by 1, 2)
select json_build_object(
  'version', current_setting('server_version_num')::int,
  'cluster_name', current_setting('cluster_name'),
  'recovery', pg_is_in_recovery(),
  'timeline', ${TIMELINE},
  'system', (select system_identifier::text from pg_control_system()),
  'publications', (select coalesce(json_agg(pubname), '[]') from pg_publication where pubname in (select name from wanted)),
  'tables', (select coalesce(json_agg(json_build_object('schema', schemaname, 'table', tablename, 'readable',
      has_schema_privilege(schemaname::text, 'USAGE')
      and has_any_column_privilege(format('%I.%I', schemaname, tablename), 'SELECT'),
      'columns', (select coalesce(json_agg(attname order by attnum), '[]') from pg_attribute
        where attrelid = format('%I.%I', schemaname, tablename)::regclass and attnum > 0 and not attisdropped
          and exists (select from jsonb_array_elements(lists) l where case jsonb_typeof(l) when 'array' then l ? attname
            else attgenerated = '' end)), 'filter', filter)
      order by schemaname, tablename), '[]') from published),
  'slot', (select json_build_object('type', slot_type, 'plugin', plugin, 'db', database, 'active', active,
      'active_pid', active_pid, 'subscriber', (select concat_ws(' from ', nullif(application_name, ''), host(client_addr))
        from pg_stat_activity where pid = active_pid), 'sent', :sent, 'wal_status', wal_status, 'confirmed', confirmed_flush_lsn, 'unsent', pg_wal_lsn_diff(case when pg_is_in_recovery()
      then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end, coalesce(confirmed_flush_lsn, restart_lsn))::float8)
      from pg_replication_slots s where slot_name = :'slot'),
  'user', current_user, 'db', current_database(),
  'sync_slots', (select coalesce(json_agg(slot_name), '[]') from pg_replication_slots
    where slot_name like 'pg\\_' || :'oid' || '\\_sync\\_%'))
SQL
`
