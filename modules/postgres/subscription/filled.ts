import { type HostReader, Refusal } from '../../contract.ts'
import { missing } from '../catalog/missing.ts'
import { plainName, type Qualified, sqlName } from '../catalog/names.ts'
import { isEmpty } from '../catalog/table.ts'
import { type Cluster, type Database, targetOf } from '../cluster.ts'

/**
 * The initial copy brings all rows of the publisher, whatever is there: what a dropped subscription left behind would
 * be there twice, or end the copy at the first duplicate key. @throws {Refusal}
 */
export async function refuseFilledTables(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  tables: readonly Qualified[],
): Promise<void> {
  if (cluster.fresh || database.fresh || tables.length === 0) return
  // One that is only planned holds nothing, and cannot be asked.
  const there = await host.sql(
    targetOf(cluster, database.name),
    'select name from unnest($1::text[]) name where to_regclass(name) is not null',
    [tables.map(sqlName)],
  )
  const empty = await Promise.all(there.map(({ name }) => isEmpty(host, cluster, database, name)))
  const names = new Set(there.filter((_, index) => !empty[index]).map(({ name }) => name))
  const filled = tables.filter((table) => names.has(sqlName(table)))
  if (filled.length === 0) return
  const refusal = new Refusal(
    `table ${filled.map(plainName).join(', ')} in database "${database.name}" on ${host.name} holds rows already, and the initial copy would bring the publisher's beside them`,
    `Three ways out: empty it (TRUNCATE ${filled.map(sqlName).join(', ')}), and all rows are copied; \`copy_data: false\`, if it holds what the publisher has; or \`filled_tables: copy\`, if it gathers the rows of several publishers.`,
  )
  throw missing(host, cluster, database.name, refusal)
}
