import type { HostReader } from '../../contract.ts'
import { type Cluster, type Database, databaseFact, targetOf } from '../cluster.ts'
import { plainName, type Qualified } from './names.ts'

export interface Column {
  name: string
  /** As format_type() writes it: `character varying(10)`. */
  type: string
  nullable: boolean
  /** As pg_get_expr() writes it; in a prediction as the task wrote it. Null: none, and for identity columns. */
  default: string | null
  identity: 'always' | 'by_default' | null
}

/** The fact `table/<schema.table>`. */
export interface Table {
  /** `r` table, `p` partitioned table, `v` view, and the other relkinds of pg_class */
  kind: string
  /** `p` permanent, `u` unlogged, `t` temporary */
  persistence: string
  owner: string
  columns: Column[]
  /** In the key's order; null: none. */
  primary_key: string[] | null
  /** `d` the primary key, `f` full, `i` an index, `n` nothing */
  replica_identity: string
  /** Columns that tell an old row apart for UPDATE and DELETE; 'all' for FULL; null: it cannot be told. */
  identity_columns: string[] | 'all' | null
  /** Role → its rights on the table, sorted. PUBLIC is everyone. */
  grants: Record<string, string[]>
}

const KEY_COLUMNS = (condition: string): string => `(select json_agg(a.attname order by k.place)
    from pg_index i, unnest(i.indkey) with ordinality k(attnum, place)
    join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = c.oid and a.attrelid = c.oid and ${condition} and k.place <= i.indnkeyatts)`

const TABLE = `select c.relkind::text as kind, c.relpersistence::text as persistence,
  pg_get_userbyid(c.relowner)::text as owner, c.relreplident::text as replica_identity,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'nullable', not a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
      'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by_default' end) order by a.attnum), '[]')
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  ${KEY_COLUMNS('i.indisprimary')} as primary_key,
  case c.relreplident when 'f' then '"all"'::json when 'd' then ${KEY_COLUMNS('i.indisprimary')}
    when 'i' then ${KEY_COLUMNS('i.indisreplident')} end as identity_columns,
  (select coalesce(json_object_agg(role, rights), '{}') from (
    select coalesce(g.rolname, 'PUBLIC') as role, json_agg(x.privilege_type order by x.privilege_type) as rights
    from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x left join pg_roles g on g.oid = x.grantee
    group by 1) r) as grants
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
    and c.relkind not in ('i', 'I', 't', 'c')`

/** The table, view or sequence under this name as it is or will be; null where there is none. */
export const readTable = (host: HostReader, cluster: Cluster, database: Database, table: Qualified) =>
  databaseFact<Table>(host, cluster, database, 'table', plainName(table), TABLE, [table.schema, table.name])

/** Whether a schema is there, or will be. */
export async function schemaExists(host: HostReader, cluster: Cluster, database: Database, schema: string) {
  if (schema === 'public' && (cluster.fresh || database.fresh)) return true
  const text = 'select nspname as name from pg_namespace where nspname = $1'
  return (await databaseFact(host, cluster, database, 'schema', schema, text, [schema])) !== null
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
