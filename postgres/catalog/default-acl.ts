import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseRow } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'
import { ACL_LETTER, type Acl, type AclKind, aclColumns, builtinAcl, union } from './acl.ts'
import { majorOf } from './version.ts'

/** Whose new objects, of which kind, and where. */
export interface DefaultsOf {
  kind: Exclude<AclKind, 'database'>
  /** The role that will create them. */
  creator: string
  /** null: in whatever schema */
  schema: string | null
}

const DEFAULTS = `select $1::text as owner, ${aclColumns('d.defaclacl', 'd.defaclrole')} from pg_default_acl d
  where d.defaclrole = (select oid from pg_roles where rolname = $1) and d.defaclobjtype = $3::"char"
    and d.defaclnamespace = case when $2::text is null then 0 else (select oid from pg_namespace where nspname = $2) end`

const aclKey = defineDatabaseFact<Acl | null, [of: string]>('default-acl')

export const defaultsKey = (cluster: Cluster, db: string, { creator, schema, kind }: DefaultsOf) =>
  aclKey(cluster, db, JSON.stringify([creator, schema, kind]))

/**
 * The default privileges (ALTER DEFAULT PRIVILEGES). Those of a schema are only what comes on top of those in whatever
 * schema, which begin with what PostgreSQL itself gives.
 */
export async function readDefaults(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  of: DefaultsOf,
): Promise<Acl> {
  const values = [of.creator, of.schema, ACL_LETTER[of.kind]]
  const key = defaultsKey(cluster, database.name, of)
  const found = await databaseRow(host, cluster, database, key, DEFAULTS, values)
  if (found) return found
  return of.schema === null
    ? builtinAcl(of.kind, of.creator, majorOf(cluster))
    : { owner: of.creator, grants: {}, grantable: {}, passed_on: [] }
}

/** The rights on an object that this role creates next. */
export async function aclOfNew(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  of: DefaultsOf,
): Promise<Acl> {
  const [anywhere, here] = await Promise.all([
    readDefaults(host, cluster, database, { ...of, schema: null }),
    of.schema === null ? null : readDefaults(host, cluster, database, of),
  ])
  if (!here) return anywhere
  const merge = (a: Record<string, string[]>, b: Record<string, string[]>) => {
    const roles = union(Object.keys(a), Object.keys(b))
    return Object.fromEntries(roles.map((role) => [role, union(a[role], b[role])]))
  }
  return {
    ...anywhere,
    grants: merge(anywhere.grants, here.grants),
    grantable: merge(anywhere.grantable, here.grantable),
  }
}
