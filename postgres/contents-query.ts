import { quoteIdent, quoteLiteral, quoteQualified } from '../contract/quote.ts'

/** Tables that are part of a backup: no temporary and no unlogged ones, no foreign ones, no system's. */
export const TABLES = `select n.nspname as schema, c.relname as name, c.relkind::text as kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and c.relpersistence = 'p' and c.relispopulated
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
  order by 1, 2`

export const DATABASES = `select datname as name from pg_database
  where datallowconn and not datistemplate order by 1`

/** Where a server is, and who: one row. */
export const POSITION = `select (select system_identifier::text from pg_control_system()) as system_identifier,
  (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn`

/** What the text of a value depends on, besides the value. */
export const TEXT_SETTINGS = {
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
}

/**
 * One statement for many tables, so that all are counted at one moment: rows of `schema`, `name`, `rows`, `checksum`.
 * The checksum adds up 60 bits of the MD5 of each row's text: it does not depend on the rows' order, and rows that
 * stand twice do not cancel each other out. The settings hold for this transaction alone.
 */
export function contentsQuery(
  tables: readonly { schema: string; name: string }[],
  checksums: boolean,
): string {
  const settings = Object.entries(TEXT_SETTINGS).map(
    ([name, value]) => `set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, true)`,
  )
  const checksum = checksums ? CHECKSUM : 'null::text'
  const counts = tables.map(
    ({ schema, name }) =>
      `select ${quoteLiteral(schema)}::text as schema, ${quoteLiteral(name)}::text as name, found.rows, found.checksum
from settings, lateral (select count(*)::text as rows, ${checksum} as checksum
  from only ${quoteQualified(schema, name)} ${ROW} where settings.done is not null) found`,
  )
  return `with settings as materialized (select ${settings.join(' || ')} as done)
${counts.join('\nunion all\n')}`
}

/** A name that no column has: a column of the alias's own name would be taken for it. */
export const ROW = quoteIdent('row of play')

/** Of the rows of ROW. */
export const CHECKSUM = `coalesce(sum(('x' || substr(md5((${ROW}.*)::text), 1, 15))::bit(60)::bigint::numeric), 0)::text`
