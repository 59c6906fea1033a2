import type { HostReader } from '../../contract/host.ts'
import { type Cluster, completed, type Database, databaseRow, targetOf } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'
import { type Acl, aclColumns } from './acl.ts'
import type { Qualified } from './names.ts'

export interface Column {
  name: string
  /** As format_type() writes it: `character varying(10)`. */
  type: string
  nullable: boolean
  /** As pg_get_expr() writes it; in a prediction as the task wrote it. Null: none, and for identity columns. */
  default: string | null
  identity: 'always' | 'by_default' | null
}

/** A table, whatever else has columns, and a sequence. */
export interface Table extends Acl {
  /** Without its schema. */
  name: string
  /** `r` table, `p` partitioned table, `v` view, `S` sequence, and the other relkinds of pg_class */
  kind: string
  /** `p` permanent, `u` unlogged, `t` temporary */
  persistence: string
  columns: Column[]
  /** In the key's order; null: none. */
  primary_key: string[] | null
  /** `d` the primary key, `f` full, `i` an index, `n` nothing */
  replica_identity: string
  /** Columns that tell an old row apart for UPDATE and DELETE; 'all' for FULL; null: it cannot be told. */
  identity_columns: string[] | 'all' | null
}

const KEY_COLUMNS = (condition: string): string => `(select json_agg(a.attname order by k.place)
    from pg_index i, unnest(i.indkey) with ordinality k(attnum, place)
    join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = c.oid and a.attrelid = c.oid and ${condition} and k.place <= i.indnkeyatts)`

const ACL = `coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner))`

const TABLES = `select c.relname as name, c.relkind::text as kind, c.relpersistence::text as persistence,
  pg_get_userbyid(c.relowner)::text as owner, c.relreplident::text as replica_identity,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'nullable', not a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
      'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by_default' end) order by a.attnum), '[]')
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  ${KEY_COLUMNS('i.indisprimary')} as primary_key,
  case c.relreplident when 'f' then '"all"'::json when 'd' then ${KEY_COLUMNS('i.indisprimary')}
    when 'i' then ${KEY_COLUMNS('i.indisreplident')} end as identity_columns,
  ${aclColumns(ACL, 'c.relowner')},
  (select coalesce(json_agg(json_strip_nulls(json_build_object('role', coalesce(g.rolname, 'PUBLIC'),
      'right', x.privilege_type, 'column', a.attname, 'grantable', nullif(x.is_grantable, false))) order by a.attnum), '[]')
    from pg_attribute a, aclexplode(a.attacl) x left join pg_roles g on g.oid = x.grantee
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as on_columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1`
const TABLE = `${TABLES} and c.relname = $2 and c.relkind not in ('i', 'I', 't', 'c')`
const TABLES_OF_KINDS = `${TABLES} and c.relkind::text = any ($2)`

export const tableKey = defineDatabaseFact<Table | null, [schema: string, name: string]>('table')
/** All of these relkinds, one letter each, that the server has. */
const tablesKey = defineDatabaseFact<Table[], [schema: string, kinds: string]>('tables')

/** The table, view or sequence under this name as it is or will be; null where there is none. */
export function readTable(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  { schema, name }: Qualified,
): Promise<Table | null> {
  const key = tableKey(cluster, database.name, schema, name)
  return databaseRow(host, cluster, database, key, TABLE, [schema, name])
}

/** Everything of these kinds (relkind) in a schema, as it is or will be, by name. */
export async function readTables(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  schema: string,
  kinds: readonly string[],
): Promise<Map<string, Table>> {
  const isNew = cluster.fresh || database.fresh
  const read = async () =>
    (await host.sql(targetOf(cluster, database.name), TABLES_OF_KINDS, [schema, kinds])) as Table[]
  const tables = isNew ? [] : await host.fact(tablesKey(cluster, database.name, schema, kinds.join('')), read)
  const found = new Map(tables.map((table) => [table.name, table]))
  const planned = host.predictions(tableKey.under(cluster, database.name, schema))
  const ofKinds = planned.map(({ key, value }) => ({
    key,
    value: value && kinds.includes(value.kind) ? value : null,
  }))
  return completed(found, ofKinds)
}

/** Whether the table holds no row. One that is only planned holds none. */
export async function isEmpty(host: HostReader, cluster: Cluster, database: Database, sqlName: string) {
  if (cluster.fresh || database.fresh) return true
  const [row] = await host.sql(
    targetOf(cluster, database.name),
    `select not exists (select from ${sqlName}) as empty`,
  )
  return row?.empty === true
}
