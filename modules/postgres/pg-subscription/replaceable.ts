import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

const BINDINGS = `select name, (select string_agg(pubname, ', ') from pg_publication_tables p
    where format('%I.%I', p.schemaname, p.tablename)::regclass = name::regclass) as publications,
  (select string_agg(conrelid::regclass::text, ', ') from pg_constraint
    where contype = 'f' and confrelid = name::regclass and conrelid <> confrelid) as referrers
  from unnest($1::text[]) name where to_regclass(name) is not null`

/**
 * A table is emptied before it is copied anew. Published here, that would be sent on, and empty the tables of others,
 * the publisher's among them; referenced by foreign keys, TRUNCATE refuses. @throws {Refusal}
 */
export async function refuseIrreplaceable(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  tables: readonly Qualified[],
): Promise<void> {
  if (tables.length === 0 || cluster.fresh || database.fresh) return
  const rows = await host.sql(targetOf(cluster, database.name), BINDINGS, [tables.map(sqlName)])
  for (const table of tables) {
    const row = rows.find(({ name }) => name === sqlName(table))
    const why = row?.publications
      ? `it is published here too (${row.publications}), so that others would be emptied with it`
      : row?.referrers && `foreign keys of ${row.referrers} refer to it`
    if (why)
      throw new Refusal(
        `table ${plainName(table)} on ${host.name} is not emptied to be copied anew: ${why}`,
        'Bring its rows in line with the publisher’s by hand, then `filled_tables: compare`.',
      )
  }
}
