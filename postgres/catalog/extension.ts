import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseRow, targetOf } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'

export interface Extension {
  name: string
  schema: string
  /** null in a prediction: what a package that is only planned brings. */
  version: string | null
  /** SET SCHEMA can move it. */
  relocatable: boolean
}

const EXTENSIONS = `select e.extname as name, n.nspname as schema, e.extversion as version, e.extrelocatable as relocatable
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace`

export const extensionKey = defineDatabaseFact<Extension | null>('extension')

/** Every one of a database, by name, as it is. */
export async function listExtensions(
  host: HostReader,
  cluster: Cluster,
  database: string,
): Promise<Extension[]> {
  const text = `${EXTENSIONS} order by e.extname collate "C"`
  return (await host.sql(targetOf(cluster, database), text)) as unknown as Extension[]
}

/** The extension as it is or will be; null where it is absent. A new database has plpgsql. */
export async function readExtension(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Extension | null> {
  const isNew = cluster.fresh || database.fresh
  const key = extensionKey(cluster, database.name, name)
  if (isNew && name === 'plpgsql' && host.predicted(key) === undefined)
    return { name, schema: 'pg_catalog', version: '1.0', relocatable: false }
  const text = `${EXTENSIONS} where e.extname = $1`
  return databaseRow(host, cluster, database, key, text, [name])
}
