import { READING_OPTIONS } from '../../../contract/sql-settings.ts'
import { CHECKSUM, ROW, TEXT_SETTINGS } from '../../../postgres/contents-query.ts'

/** What is counted of a table at most, where it is only counted. */
export const MOST_ROWS = 1_000_000

const settings = Object.entries(TEXT_SETTINGS).map(([name, value]) => `set ${name} = '${value}';`)

/**
 * How many rows tables hold, on either side of a subscription. Arguments: psql, conninfo, the tables as a JSON array of
 * `schema`, `name`, the `columns` that count (else all) and the `filter` of the rows that do, and `count`, up to MOST_ROWS + 1, or `compare`, all of them with a checksum (contents/query.ts).
 * Prints a line of JSON for each table that is there, in the order of their names; `rows` is null for one that may not
 * be read. The connection is read-only, and the values reach the server as psql variables, quoted there.
 */
export const ROWS_SCRIPT = `export PGOPTIONS='${READING_OPTIONS}'
exec "$1" -XAtqw -v ON_ERROR_STOP=1 -v tables="$3" -v how="$4" -d "$2" <<'SQL'
${settings.join('\n')}
select format(case when not has_schema_privilege(n.oid, 'USAGE') or not has_table_privilege(c.oid, 'SELECT')
    then $$select json_build_object('schema', %1$L, 'name', %2$L, 'rows', null)$$
    when :'how' = 'count' then $$select json_build_object('schema', %1$L, 'name', %2$L, 'rows', count(*)::text)
      from (select from %3$s %1$I.%2$I %5$s limit ${MOST_ROWS + 1}) found$$
    else $$select json_build_object('schema', %1$L, 'name', %2$L, 'rows', count(*)::text, 'checksum', ${CHECKSUM})
      from (select %4$s from %3$s %1$I.%2$I %5$s) ${ROW}$$ end, t.schema, t.name,
    case c.relkind when 'p' then '' else 'only' end,
    case when t.columns is null then '*' else (select string_agg(quote_ident(name), ', ' order by at)
      from unnest(t.columns) with ordinality as u(name, at)) end, 'where ' || t.filter)
  from json_to_recordset(:'tables'::json) as t(schema text, name text, columns text[], filter text)
  join pg_namespace n on n.nspname = t.schema join pg_class c on c.relnamespace = n.oid and c.relname = t.name
  where c.relkind in ('r', 'p') order by t.schema collate "C", t.name collate "C"
\\gexec
SQL
`
