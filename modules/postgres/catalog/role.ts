import { type HostReader, Refusal } from '../../contract.ts'
import { type Cluster, globalFact } from '../cluster.ts'
import { missing } from './missing.ts'

/** The fact `role/<name>`. */
export interface Role {
  name: string
  login: boolean
  superuser: boolean
  createdb: boolean
  createrole: boolean
  replication: boolean
  bypassrls: boolean
  inherit: boolean
  /** -1: no limit */
  connection_limit: number
  /** UTC, `2027-01-01T00:00:00.000Z`; null: for ever */
  valid_until: string | null
  /** The stored secret, never the clear text; null: none */
  password: string | null
  /** Sorted. */
  member_of: string[]
}

/** What CREATE ROLE makes when nothing is said. */
export const NEW_ROLE = {
  login: false,
  superuser: false,
  createdb: false,
  createrole: false,
  replication: false,
  bypassrls: false,
  inherit: true,
  connection_limit: -1,
  valid_until: null,
  password: null,
  member_of: [],
} satisfies Omit<Role, 'name'>

const ROLE = `select rolname as name, rolcanlogin as login, rolsuper as superuser, rolcreatedb as createdb,
  rolcreaterole as createrole, rolreplication as replication, rolbypassrls as bypassrls, rolinherit as inherit,
  rolconnlimit as connection_limit, rolpassword as password,
  case when isfinite(rolvaliduntil) then to_char(rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    when rolvaliduntil = '-infinity' then '-infinity' end as valid_until,
  (select coalesce(json_agg(g.rolname order by g.rolname), '[]') from (select distinct roleid from pg_auth_members
    where member = r.oid) m join pg_authid g on g.oid = m.roleid) as member_of
  from pg_authid r where rolname = $1`

/** The role as it is or will be; null where it is absent. A new cluster has its superuser and the predefined roles. */
export async function readRole(host: HostReader, cluster: Cluster, name: string): Promise<Role | null> {
  const found = await globalFact<Role>(host, cluster, 'role', name, ROLE, [name])
  if (found || !cluster.fresh) return found
  if (name === 'postgres')
    return {
      ...NEW_ROLE,
      name,
      login: true,
      superuser: true,
      createdb: true,
      createrole: true,
      replication: true,
      bypassrls: true,
    }
  return name.startsWith('pg_') ? { ...NEW_ROLE, name } : null
}

/** @throws {Refusal} where a role that a task names is absent */
export async function requireRole(host: HostReader, cluster: Cluster, name: string): Promise<void> {
  if (await readRole(host, cluster, name)) return
  const refusal = new Refusal(
    `there is no role "${name}" in cluster ${cluster.version}/${cluster.name} on ${host.name}`,
    'Create it first with the module pg_role.',
  )
  throw missing(host, cluster, null, refusal)
}
