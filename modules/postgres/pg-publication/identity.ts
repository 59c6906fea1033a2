import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type PublishedTable, UNIDENTIFIED } from '../../../postgres/catalog/publication.ts'
import type { Table } from '../../../postgres/catalog/table.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'
import { namesIn } from '../../../postgres/sql/statements.ts'

/**
 * A published table whose old rows cannot be told apart fails every UPDATE and DELETE on the publisher (Logical
 * Replication, 31.1). @throws {Refusal}
 */
export function refuseWithoutIdentity(
  published: PublishedTable,
  table: Table,
  publish: readonly string[],
): void {
  const operations = publish.filter((operation) => operation === 'update' || operation === 'delete')
  if (operations.length === 0) return
  const verbs = operations.join(' and ').toUpperCase()
  const name = plainName(published)
  if (table.identity_columns === null)
    throw new Refusal(
      `table ${name} has neither a primary key nor another replica identity: once published for ${verbs}, these would fail on it`,
      `Type one of: ALTER TABLE ${sqlName(published)} ADD PRIMARY KEY (…) · ALTER TABLE ${sqlName(published)} REPLICA IDENTITY FULL · or \`publish: [insert]\`.`,
    )
  const identity =
    table.identity_columns === 'all' ? table.columns.map((column) => column.name) : table.identity_columns
  refuseFilterOutside(published, table, identity, verbs)
  if (!published.columns) return
  const left = identity.filter((column) => !published.columns!.includes(column))
  if (left.length > 0)
    throw new Refusal(
      `the columns published of ${name} leave out ${left.map(quoteIdent).join(', ')} of its replica identity: once published for ${verbs}, these would fail on it`,
      'Add them to `columns`, or publish inserts only.',
    )
}

/** Old rows hold the identity's columns alone: a filter by another one cannot be asked (Logical Replication, 31.3.2). */
function refuseFilterOutside(
  published: PublishedTable,
  table: Table,
  identity: readonly string[],
  verbs: string,
): void {
  if (published.where === null) return
  const named = namesIn(published.where)
  const outside = table.columns
    .map(({ name }) => name)
    .filter((name) => named.has(name) && !identity.includes(name))
  if (outside.length === 0) return
  const name = plainName(published)
  throw new Refusal(
    `the filter of ${name} asks for ${outside.map(quoteIdent).join(', ')}, which its replica identity lacks: once published for ${verbs}, these would fail on it`,
    `Filter by columns of its identity (${identity.map(quoteIdent).join(', ')}), or type ALTER TABLE ${sqlName(published)} REPLICA IDENTITY FULL, or publish inserts only.`,
  )
}

const TABLES = `select n.nspname as schema, c.relname as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence = 'p' and c.oid >= 16384 and n.nspname <> 'information_schema'
    and ($1::text[] is null or n.nspname = any ($1::text[]))
    and ${UNIDENTIFIED}
  order by 1, 2`
/** Partitions, whose rows are what is changed. */
const LEAVES = `select n.nspname as schema, c.relname as name
  from unnest($1::text[]) root, pg_partition_tree(root::regclass) p join pg_class c on c.oid = p.relid
  join pg_namespace n on n.oid = c.relnamespace where p.isleaf and ${UNIDENTIFIED} order by 1, 2`

/** Tables without a replica identity in these schemas, or anywhere with null. */
export async function unidentifiedTables(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  schemas: string[] | null,
): Promise<Qualified[]> {
  if (cluster.fresh || database.fresh) return []
  return (await host.sql(targetOf(cluster, database.name), TABLES, [schemas])) as unknown as Qualified[]
}

/** Partitions of these tables without a replica identity. */
export async function unidentifiedLeaves(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  roots: readonly Qualified[],
): Promise<Qualified[]> {
  if (cluster.fresh || database.fresh || roots.length === 0) return []
  const on = targetOf(cluster, database.name)
  return (await host.sql(on, LEAVES, [roots.map(sqlName)])) as unknown as Qualified[]
}

/** @throws {Refusal} the same, for a publication of whole schemas or of all tables */
export function refuseUnidentified(tables: readonly Qualified[], publish: readonly string[]): void {
  if (tables.length === 0 || !publish.some((operation) => ['update', 'delete'].includes(operation))) return
  throw new Refusal(
    `${tables.length} table(s) have neither a primary key nor another replica identity: once published, UPDATE and DELETE would fail on them`,
    'Give each a primary key, or say ALTER TABLE … REPLICA IDENTITY FULL, or `publish: [insert]`.',
    tables.map((table) => `ALTER TABLE ${sqlName(table)} REPLICA IDENTITY FULL`),
  )
}
