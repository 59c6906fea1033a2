import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseFact, databaseKey } from '../cluster/cluster.ts'

/** The fact `extension/<name>`. */
export interface Extension {
  name: string
  schema: string
  /** null in a prediction: what a package that is only planned brings. */
  version: string | null
  /** SET SCHEMA can move it. */
  relocatable: boolean
}

const EXTENSION = `select e.extname as name, n.nspname as schema, e.extversion as version, e.extrelocatable as relocatable
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = $1`

export const extensionKey = (cluster: Cluster, db: string, name: string): string =>
  databaseKey(cluster, db, 'extension', name)

/** The extension as it is or will be; null where it is absent. A new database has plpgsql. */
export async function readExtension(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Extension | null> {
  const isNew = cluster.fresh || database.fresh
  if (isNew && name === 'plpgsql' && host.predicted(extensionKey(cluster, database.name, name)) === undefined)
    return { name, schema: 'pg_catalog', version: '1.0', relocatable: false }
  return databaseFact<Extension>(host, cluster, database, 'extension', name, EXTENSION, [name])
}
