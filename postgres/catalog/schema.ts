import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseRow } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'
import { type Acl, aclColumns, builtinAcl } from './acl.ts'
import { missing } from './missing.ts'
import { majorOf } from './version.ts'

export interface Schema extends Acl {
  name: string
}

const SCHEMA = `select n.nspname as name, pg_get_userbyid(n.nspowner)::text as owner,
  ${aclColumns("coalesce(n.nspacl, acldefault('n', n.nspowner))", 'n.nspowner')}
  from pg_namespace n where n.nspname = $1`

export const schemaKey = defineDatabaseFact<Schema | null>('schema')

/** The schema as it is or will be; null where it is absent. A new database has `public`. */
export async function readSchema(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Schema | null> {
  const key = schemaKey(cluster, database.name, name)
  const isNew = cluster.fresh || database.fresh
  if (isNew && name === 'public' && host.predicted(key) === undefined)
    return { name, ...newPublic(majorOf(cluster)) }
  return databaseRow(host, cluster, database, key, SCHEMA, [name])
}

/** From 15 on nobody but the database's owner may create in it (Release 15, E.1.2). */
function newPublic(major: number): Acl {
  const owner = major >= 15 ? 'pg_database_owner' : 'postgres'
  const acl = builtinAcl('schema', owner, major)
  return { ...acl, grants: { PUBLIC: major >= 15 ? ['USAGE'] : ['CREATE', 'USAGE'], ...acl.grants } }
}

/** The schema, which must exist. @throws {Refusal} */
export async function requireSchema(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Schema> {
  const found = await readSchema(host, cluster, database, name)
  if (found) return found
  const refusal = new Refusal(
    `there is no schema "${name}" in database "${database.name}" on ${host.name}`,
    'Create it first with the module pg_schema.',
  )
  throw missing(host, cluster, database.name, refusal)
}
