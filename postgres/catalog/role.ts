import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, clusterRow, completed, targetOf } from '../cluster/cluster.ts'
import { defineClusterFact } from '../cluster/facts.ts'
import { missing } from './missing.ts'
import { majorOf } from './version.ts'

/** One grant of membership; from 16 on each grantor's is one of its own. */
export interface Membership {
  /** The role that it is a member of. */
  role: string
  /** May make others members. */
  admin: boolean
  /** Has its rights without SET ROLE; null before 16, where the role's own `inherit` decides. */
  inherit: boolean | null
  /** May SET ROLE to it; null before 16, where every member may. */
  set: boolean | null
  /** null before 16 */
  grantor: string | null
}

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
  /** Sorted by role and grantor. */
  member_of: Membership[]
}

export const roleKey = defineClusterFact<Role | null>('role')
/** Every one but PostgreSQL's own that the server has. */
const rolesKey = defineClusterFact<Role[], []>('roles')

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

const roleQuery = (
  major: number,
): string => `select rolname as name, rolcanlogin as login, rolsuper as superuser, rolcreatedb as createdb,
  rolcreaterole as createrole, rolreplication as replication, rolbypassrls as bypassrls, rolinherit as inherit,
  rolconnlimit as connection_limit, rolpassword as password,
  case when isfinite(rolvaliduntil) then to_char(rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    when rolvaliduntil = '-infinity' then '-infinity' end as valid_until,
  (select coalesce(json_agg(json_build_object('role', g.rolname, 'admin', m.admin_option, ${
    major >= 16
      ? "'inherit', m.inherit_option, 'set', m.set_option, 'grantor', pg_get_userbyid(m.grantor)"
      : "'inherit', null, 'set', null, 'grantor', null"
  }) order by g.rolname collate "C", pg_get_userbyid(m.grantor) collate "C"), '[]')
    from pg_auth_members m join pg_authid g on g.oid = m.roleid where m.member = r.oid) as member_of
  from pg_authid r`

/** Roles that a new cluster has, and the major version from which on, of 13 (Predefined Roles, 22.5). */
const PREDEFINED: Record<string, number> = {
  pg_execute_server_program: 13,
  pg_monitor: 13,
  pg_read_all_settings: 13,
  pg_read_all_stats: 13,
  pg_read_server_files: 13,
  pg_signal_backend: 13,
  pg_stat_scan_tables: 13,
  pg_write_server_files: 13,
  pg_database_owner: 14,
  pg_read_all_data: 14,
  pg_write_all_data: 14,
  pg_checkpoint: 15,
  pg_create_subscription: 16,
  pg_use_reserved_connections: 16,
  pg_maintain: 17,
  pg_signal_autovacuum_worker: 18,
}

/** The role as it is or will be; null where it is absent. A new cluster has its superuser and the predefined roles. */
export async function readRole(host: HostReader, cluster: Cluster, name: string): Promise<Role | null> {
  const text = `${roleQuery(majorOf(cluster))} where rolname = $1`
  const found = await clusterRow(host, cluster, roleKey(cluster, name), text, [name])
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
  const since = PREDEFINED[name]
  return since !== undefined && majorOf(cluster) >= since ? { ...NEW_ROLE, name } : null
}

/** Every role but PostgreSQL's own (pg_…), as it is or will be, by name. */
export async function readRoles(host: HostReader, cluster: Cluster): Promise<Map<string, Role>> {
  const text = `${roleQuery(majorOf(cluster))} where rolname !~ '^pg_' order by rolname`
  const rows = cluster.fresh
    ? [await readRole(host, cluster, 'postgres')]
    : await host.fact(rolesKey(cluster), async () => (await host.sql(targetOf(cluster), text)) as Role[])
  const found = new Map((rows as Role[]).map((role) => [role.name, role]))
  return completed(found, host.predictions(roleKey.under(cluster)))
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
