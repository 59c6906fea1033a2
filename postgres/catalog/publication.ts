import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseRow, targetOf } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'
import { majorOf } from './version.ts'

export interface PublishedTable {
  schema: string
  name: string
  /** Sorted; null: all. */
  columns: string[] | null
  /** As pg_get_expr() writes it; in a prediction as the task wrote it. */
  where: string | null
}

export interface Publication {
  owner: string
  all_tables: boolean
  /** In the order insert, update, delete, truncate. */
  publish: string[]
  publish_via_partition_root: boolean
  /** none or stored; null before PostgreSQL 18 */
  publish_generated_columns: string | null
  /** Sorted by schema and name. */
  tables: PublishedTable[]
  /** Sorted. */
  schemas: string[]
}

/**
 * Whether an UPDATE or DELETE of a published table `c` (pg_class) fails, since nobody can tell its old rows apart (Logical
 * Replication, 31.1).
 */
export const UNIDENTIFIED = `(c.relreplident = 'n'
      or c.relreplident = 'd' and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
      or c.relreplident = 'i' and not exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident))`

export const publicationKey = defineDatabaseFact<Publication | null>('publication')

/** Column lists, row filters and schemas exist from PostgreSQL 15 on, publish_generated_columns from 18 on. */
const publicationQuery = (
  major: number,
  more = '',
): string => `select ${more}pg_get_userbyid(p.pubowner)::text as owner,
  p.puballtables as all_tables, p.pubviaroot as publish_via_partition_root,
  ${major >= 18 ? "case p.pubgencols when 's' then 'stored' else 'none' end" : 'null::text'} as publish_generated_columns,
  array_to_json(array_remove(array[case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end], null)) as publish,
  (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, ${
    major >= 15
      ? `'columns', (select json_agg(a.attname order by a.attname collate "C") from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (r.prattrs)), 'where', pg_get_expr(r.prqual, r.prrelid)`
      : "'columns', null, 'where', null"
  }) order by n.nspname collate "C", c.relname collate "C"), '[]')
    from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
    where r.prpubid = p.oid) as tables,
  ${
    major >= 15
      ? `(select coalesce(json_agg(n.nspname order by n.nspname collate "C"), '[]') from pg_publication_namespace r
    join pg_namespace n on n.oid = r.pnnspid where r.pnpubid = p.oid)`
      : "'[]'::json"
  } as schemas
  from pg_publication p`

export const readPublication = (host: HostReader, cluster: Cluster, database: Database, name: string) =>
  databaseRow(
    host,
    cluster,
    database,
    publicationKey(cluster, database.name, name),
    `${publicationQuery(majorOf(cluster))} where p.pubname = $1`,
    [name],
  )

/** Every one of a database, as it is. */
export async function listPublications(
  host: HostReader,
  cluster: Cluster,
  database: string,
): Promise<(Publication & { name: string })[]> {
  const text = `${publicationQuery(majorOf(cluster), 'p.pubname::text as name, ')} order by p.pubname collate "C"`
  return (await host.sql(targetOf(cluster, database), text)) as unknown as (Publication & { name: string })[]
}
