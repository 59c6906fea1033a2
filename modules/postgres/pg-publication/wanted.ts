import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { missing } from '../../../postgres/catalog/missing.ts'
import { parseQualified, plainName } from '../../../postgres/catalog/names.ts'
import type { Publication, PublishedTable } from '../../../postgres/catalog/publication.ts'
import { same } from '../../../postgres/catalog/same.ts'
import { readSchema } from '../../../postgres/catalog/schema.ts'
import { readTable } from '../../../postgres/catalog/table.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import type { Cluster, Database } from '../../../postgres/cluster/cluster.ts'
import { refuseBadFilter, sameFilter } from './filters.ts'
import {
  refuseUnidentified,
  refuseWithoutIdentity,
  unidentifiedLeaves,
  unidentifiedTables,
} from './identity.ts'
import { OPERATIONS, type PublicationParams } from './params.ts'

/** The publication as the task wants it: what it does not speak of stays as it is. */
export async function wantedPublication(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  has: Publication | null,
  params: PublicationParams,
): Promise<Publication> {
  const base: Publication = has ?? {
    owner: 'postgres',
    all_tables: false,
    publish: [...OPERATIONS],
    publish_via_partition_root: false,
    publish_generated_columns: majorOf(cluster) >= 18 ? 'none' : null,
    tables: [],
    schemas: [],
  }
  const named = params.tables !== undefined || params.schemas !== undefined
  return {
    owner: params.owner ?? base.owner,
    all_tables: params.all_tables ?? (named ? false : base.all_tables),
    publish: params.publish ? OPERATIONS.filter((one) => params.publish!.includes(one)) : base.publish,
    publish_via_partition_root: params.publish_via_partition_root ?? base.publish_via_partition_root,
    publish_generated_columns: params.publish_generated_columns ?? base.publish_generated_columns,
    tables: params.tables ? await wantedTables(host, cluster, database, base, params.tables) : base.tables,
    schemas: params.schemas ? [...new Set(params.schemas)].sort(byBytes) : base.schemas,
  }
}

type TableParam = NonNullable<PublicationParams['tables']>[number]

async function wantedTables(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  has: Publication,
  wanted: readonly TableParam[],
): Promise<PublishedTable[]> {
  const tables = wanted.map((entry): PublishedTable => {
    const { name, columns = null, where = null } = typeof entry === 'string' ? { name: entry } : entry
    return { ...parseQualified(name), columns: columns && [...new Set(columns)].sort(byBytes), where }
  })
  const byName = new Map<string, PublishedTable>()
  for (const table of tables) {
    const name = plainName(table)
    const twin = byName.get(name)
    // Lists of tables that are joined may name one twice; said otherwise, one of both would be dropped.
    if (twin && !same(twin, table))
      throw new Refusal(
        `table ${name} is named twice, with other columns or another row filter`,
        'PostgreSQL keeps one of each for a table of a publication: say it once.',
        [twin, table].map(({ columns, where }) => JSON.stringify({ columns, where })),
      )
    byName.set(name, table)
  }
  const once = [...byName.values()]
  for (const table of once) {
    const published = has.tables.find((one) => plainName(one) === plainName(table))
    if (published && (await sameFilter(host, cluster, database, table, published.where, table.where)))
      table.where = published.where
  }
  return once.sort((a, b) => byBytes(a.schema, b.schema) || byBytes(a.name, b.name))
}

/** @throws {Refusal} where something to publish is not there, or would fail its UPDATEs once published */
export async function refuseUnpublishable(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  wanted: Publication,
): Promise<void> {
  const gone = (what: string, hint: string): Error => {
    const refusal = new Refusal(`there is no ${what} in database "${database.name}" on ${host.name}`, hint)
    return missing(host, cluster, database.name, refusal)
  }
  const facts = await Promise.all(wanted.tables.map((table) => readTable(host, cluster, database, table)))
  for (const [index, published] of wanted.tables.entries()) {
    const table = facts[index]
    if (!table) throw gone(`table ${plainName(published)}`, 'Create it first with the module pg_table.')
    if (!['r', 'p'].includes(table.kind) || table.persistence !== 'p')
      throw new Refusal(`${plainName(published)} cannot be published: it is no ordinary, permanent table`)
    refuseWithoutIdentity(published, table, wanted.publish)
    // What an earlier task of a check brings, the server does not know yet.
    if (published.where !== null && !host.planned())
      await refuseBadFilter(host, cluster, database, published, published.where)
  }
  const parted = wanted.tables.filter((_, index) => facts[index]!.kind === 'p')
  // What is only planned has no partitions that somebody else made.
  if (!host.planned())
    refuseUnidentified(await unidentifiedLeaves(host, cluster, database, parted), wanted.publish)
  for (const schema of wanted.schemas)
    if (!(await readSchema(host, cluster, database, schema)))
      throw gone(`schema "${schema}"`, 'Create it first with the module pg_schema.')
  if (wanted.all_tables || wanted.schemas.length > 0) {
    const scope = wanted.all_tables ? null : wanted.schemas
    refuseUnidentified(await unidentifiedTables(host, cluster, database, scope), wanted.publish)
  }
}

/** The catalogue's order, collation "C". */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
