import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

/** A partition counts as what it is a part of. */
const IS_JOINING = `exists (select from unnest($1::text[]) other where to_regclass(other) = conrelid
      or to_regclass(other) in (select relid from pg_partition_ancestors(conrelid)))`
const BINDINGS = `select name, (select string_agg(pubname, ', ') from pg_publication_tables p
    where format('%I.%I', p.schemaname, p.tablename)::regclass = name::regclass) as publications,
  (select string_agg(distinct conrelid::regclass::text, ', ') from pg_constraint
    where contype = 'f' and confrelid = name::regclass and conrelid <> confrelid and not ${IS_JOINING}) as others,
  (select json_agg(distinct other) from unnest($1::text[]) other, pg_constraint
    where contype = 'f' and confrelid = name::regclass and conrelid <> confrelid
      and (conrelid = to_regclass(other) or to_regclass(other) in (select relid from pg_partition_ancestors(conrelid)))) as referrers
  from unnest($1::text[]) name where to_regclass(name) is not null`

interface Bindings {
  name: string
  publications: string | null
  others: string | null
  referrers: string[] | null
}

/**
 * A table is emptied before it is copied anew. Published here, that would be sent on, and empty the tables of others,
 * the publisher's among them; where foreign keys of tables refer to it that are not emptied in the same statement,
 * TRUNCATE refuses.
 * @param joining all that join the subscription, `tables` among them
 * @returns those of the others that have to be emptied too: they hold no rows
 * @throws {Refusal}
 */
export async function emptiedWith(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  tables: readonly Qualified[],
  joining: readonly Qualified[],
): Promise<Qualified[]> {
  if (tables.length === 0 || cluster.fresh || database.fresh) return []
  const names = joining.map(sqlName)
  const rows = (await host.sql(targetOf(cluster, database.name), BINDINGS, [names])) as unknown as Bindings[]
  const emptied = new Set(tables.map(sqlName))
  // A set is walked on while it grows.
  for (const name of emptied)
    for (const other of rows.find((row) => row.name === name)?.referrers ?? []) emptied.add(other)
  const all = joining.filter((table) => emptied.has(sqlName(table)))
  for (const table of all) {
    const row = rows.find(({ name }) => name === sqlName(table))
    if (row?.publications)
      throw new Refusal(
        `table ${plainName(table)} on ${host.name} is not emptied to be copied anew: it is published here too (${row.publications}), so that others would be emptied with it`,
        'Bring its rows in line with the publisher’s by hand, then `filled_tables: compare`.',
      )
    if (row?.others)
      throw new Refusal(
        `table ${plainName(table)} on ${host.name} is not emptied to be copied anew: foreign keys of ${row.others} refer to it`,
        `Publish these too, so that they are copied with it; or drop the foreign keys, and make them again afterwards.`,
      )
  }
  const replaced = new Set(tables.map(sqlName))
  return all.filter((table) => !replaced.has(sqlName(table)))
}
