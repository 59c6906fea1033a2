import { counted } from '../../../contract/counted.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { extensionKey } from '../../../postgres/catalog/extension.ts'
import { touchedKey } from '../../../postgres/catalog/missing.ts'
import { tableKey } from '../../../postgres/catalog/table.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

/**
 * What depends on a schema (pg_depend): objects in it, and publications of its tables, which DROP SCHEMA would take out
 * without a word. `extension`: what an extension brought goes with it.
 */
const CONTENTS = `select case when d.classid = to_regclass('pg_catalog.pg_publication_namespace')
      then 'published: ' else '' end || pg_describe_object(d.classid, d.objid, d.objsubid) as line,
    coalesce((select extname from pg_extension x join pg_depend e on e.refobjid = x.oid
        where e.refclassid = 'pg_extension'::regclass and e.deptype = 'e' and e.classid = d.classid and e.objid = d.objid),
      (select extname from pg_extension x where d.classid = 'pg_extension'::regclass and x.oid = d.objid)) as extension
  from pg_depend d where d.refclassid = 'pg_namespace'::regclass
    and d.refobjid = (select oid from pg_namespace where nspname = $1)
    and (d.deptype = 'n' or d.classid = to_regclass('pg_catalog.pg_publication_namespace')) order by 1`

/** Lines shown of what is in the way. */
const SHOWN = 10

/** @throws {Refusal} where the schema holds anything, or will; it is never dropped with CASCADE */
export async function refuseUnlessEmpty(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  schema: string,
): Promise<void> {
  const isNew = cluster.fresh || database.fresh
  const rows = isNew ? [] : await host.sql(targetOf(cluster, database.name), CONTENTS, [schema])
  const stays = rows.filter(
    ({ extension }) =>
      extension === null || host.predicted(extensionKey(cluster, database.name, extension)) !== null,
  )
  const planned = host
    .predictions(tableKey.under(cluster, database.name, schema))
    .filter(({ value }) => value !== null)
  const lines =
    stays.length > 0
      ? stays.map(({ line }) => String(line))
      : planned.map(({ key }) => `table ${quoteIdent(key.name)}, which an earlier task plans`)
  if (lines.length === 0) return
  const count = counted(lines.length, 'object')
  const message = `schema "${schema}" in database "${database.name}" is not empty: ${count}`
  if (host.predicted(touchedKey(cluster, database.name)))
    throw new UnknownError(`${message}; an earlier sql task may empty it`)
  const more = lines.length - SHOWN
  throw new Refusal(
    message,
    `Move or drop them first; if none of it is needed, type: DROP SCHEMA ${quoteIdent(schema)} CASCADE`,
    [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])],
  )
}
