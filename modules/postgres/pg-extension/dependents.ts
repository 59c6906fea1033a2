import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { quoteQualified } from '../../../contract/quote.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { extensionKey } from '../../../postgres/catalog/extension.ts'
import { touchedKey } from '../../../postgres/catalog/missing.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

/**
 * What needs the extension, or a member of it, and is none itself: DROP EXTENSION would refuse to drop it, or with
 * CASCADE drop it too. Members are what depends on it by `e`, and what goes with a member by itself (`i`, `a`).
 */
const DEPENDENTS = `with recursive member (extension, classid, objid) as (
    select extname, 'pg_extension'::regclass::oid, oid from pg_extension
    union select m.extension, d.classid, d.objid from pg_depend d
      join member m on d.refclassid = m.classid and d.refobjid = m.objid where d.deptype in ('e', 'i', 'a'))
  select distinct coalesce('extension ' || other.extension, pg_describe_object(d.classid, d.objid, d.objsubid)) as line,
    other.extension::text as extension
  from pg_depend d join member m on d.refclassid = m.classid and d.refobjid = m.objid and m.extension = $1
  left join member other on other.classid = d.classid and other.objid = d.objid
  where d.deptype = 'n' and other.extension is distinct from $1 order by 1`

const TABLES = `select n.nspname as schema, c.relname as name from pg_depend d
  join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid join pg_namespace n on n.oid = c.relnamespace
  where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and c.relkind = 'r'
    and d.refobjid = (select oid from pg_extension where extname = $1) order by 1, 2`

/** @throws {Refusal} where dropping the extension would fail, or take rows with it that were not agreed to */
export async function refuseToDrop(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
  isConfirmed: boolean,
): Promise<void> {
  if (cluster.fresh || database.fresh) return
  const on = targetOf(cluster, database.name)
  const [found, tables] = await Promise.all([
    host.sql(on, DEPENDENTS, [name]),
    isConfirmed ? [] : host.sql(on, TABLES, [name]),
  ])
  const lines = found
    .filter(
      ({ extension }) =>
        extension === null || host.predicted(extensionKey(cluster, database.name, extension)) !== null,
    )
    .map(({ line }) => String(line))
  if (lines.length > 0) {
    const message = `extension "${name}" in database "${database.name}" cannot be dropped: ${lines.length} object${lines.length === 1 ? ' needs' : 's need'} it`
    if (host.predicted(touchedKey(cluster, database.name)))
      throw new UnknownError(`${message}; an earlier sql task may drop them`)
    throw new Refusal(
      message,
      'Drop or change them first; nothing is dropped with CASCADE.',
      lines.slice(0, 20),
    )
  }
  if (tables.length === 0) return
  const filled = tables.map(
    ({ schema, name: table }, index) =>
      `select ${index} as place where exists (select from ${quoteQualified(schema, table)})`,
  )
  const rows = await host.sql(on, filled.join(' union all '))
  if (rows.length === 0) return
  throw new Refusal(
    `extension "${name}" in database "${database.name}" has tables with rows, which would go with it`,
    `If none of these rows are needed, say so with \`confirm\` and the name of the extension.`,
    rows.map(({ place }) => `${tables[place]!.schema}.${tables[place]!.name}`),
  )
}
