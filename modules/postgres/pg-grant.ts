import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import type { Plan } from '../../contract/plan.ts'
import { quoteIdent } from '../../contract/quote.ts'
import { UnknownError } from '../../contract/unknown.ts'
import { allRights } from '../../postgres/catalog/acl.ts'
import { type DefaultsOf, readDefaults } from '../../postgres/catalog/default-acl.ts'
import { touchedKey } from '../../postgres/catalog/missing.ts'
import { readRole, requireRole } from '../../postgres/catalog/role.ts'
import { majorOf, sinceVersion } from '../../postgres/catalog/version.ts'
import {
  type Cluster,
  type Database,
  requireDatabase,
  requirePrimary,
  targetOf,
} from '../../postgres/cluster/cluster.ts'
import { type Difference, difference, statements, type Wish } from '../../postgres/grant/change.ts'
import { type GrantParams, grantParams } from '../../postgres/grant/params.ts'
import { pluralOf, type Target, targetsOf } from '../../postgres/grant/targets.ts'

interface State {
  cluster: Cluster
  targets: Target[]
  /** Those of the roles that are there. */
  roles: string[]
}

/** Privileges (GRANT, REVOKE), and those on objects to come (ALTER DEFAULT PRIVILEGES). */
export const pgGrantModule = defineModule<GrantParams, State>({
  name: 'pg_grant',
  summary: 'Grants and revokes privileges on objects that are there, and on those to come',
  params: grantParams,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    sinceVersion(cluster, 17, 'the privilege MAINTAIN', params.privileges.includes('MAINTAIN'))
    const database = await requireDatabase(host, cluster, params.db)
    const [targets, roles] = await Promise.all([
      targetsOf(host, cluster, database, params),
      rolesThere(host, cluster, params),
    ])
    if (params.state === 'absent') await refuseHeldAnywhere(host, cluster, database, params)
    const state = { cluster, targets, roles }
    const isAll = params.in_schema !== undefined && !params.default_for
    if (isAll && host.predicted(touchedKey(cluster, params.db)) && differencesOf(state, params).length === 0)
      throw new UnknownError(`what earlier tasks will have made in schema "${params.in_schema}"`)
    return state
  },
  plan(state, params): Plan {
    const { cluster } = state
    const differences = differencesOf(state, params)
    if (differences.length === 0) return { changes: [], steps: [] }
    const all =
      params.in_schema !== undefined && !params.default_for
        ? `ALL ${pluralOf(params.type)} IN SCHEMA ${quoteIdent(params.in_schema)}`
        : undefined
    const on = targetOf(cluster, params.type === 'database' ? 'postgres' : params.db)
    return {
      changes: differences.map(({ change }) => change),
      steps: statements(differences, wishOf(cluster, params), all).map((text) => ({
        do: 'sql',
        title: 'the privileges',
        on,
        text,
      })),
      predicts: differences.map(({ target }) => target.predicts(target.fact)),
    }
  },
})

/** Roles that are to get privileges must be there; of one that is not, there is nothing to revoke. */
async function rolesThere(host: HostReader, cluster: Cluster, params: GrantParams): Promise<string[]> {
  const named = [...new Set(params.roles)]
  const there = await Promise.all(
    named.map(async (role) => {
      if (role === 'PUBLIC') return true
      if (params.state === 'absent') return (await readRole(host, cluster, role)) !== null
      await requireRole(host, cluster, role)
      return true
    }),
  )
  return named.filter((_, index) => there[index])
}

/**
 * Default privileges in a schema only add to those in whatever schema: what these give cannot be revoked there, and
 * REVOKE would do nothing without a word (ALTER DEFAULT PRIVILEGES, Description). @throws {Refusal}
 */
async function refuseHeldAnywhere(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  params: GrantParams,
): Promise<void> {
  const { default_for: creators, in_schema: schema, type, roles, grant_option } = params
  if (!creators || schema === undefined) return
  const { rights } = wishOf(cluster, params)
  const kind = type as DefaultsOf['kind']
  const everywhere = await Promise.all(
    creators.map((creator) => readDefaults(host, cluster, database, { kind, creator, schema: null })),
  )
  const held = everywhere.flatMap(({ owner, grants, grantable }) =>
    roles.flatMap((role) =>
      rights
        .filter((right) => (grant_option ? grantable : grants)[role]?.includes(right))
        .map((right) => `${role} gets ${right} on what ${owner} creates in whatever schema`),
    ),
  )
  if (held.length === 0) return
  throw new Refusal(
    `default privileges that hold in whatever schema cannot be revoked in schema "${schema}" alone`,
    'Leave `in_schema` out to revoke them; then grant them in the schemas where they shall be.',
    held,
  )
}

function wishOf(cluster: Cluster, { type, privileges, state, grant_option }: GrantParams): Wish {
  const rights = privileges.includes('ALL')
    ? allRights(type, majorOf(cluster))
    : [...new Set(privileges)].sort()
  return { rights, state, grant_option }
}

/** Each with its object's fact as all of them together leave it. */
function differencesOf({ cluster, targets, roles }: State, params: GrantParams): Difference[] {
  const wish = wishOf(cluster, params)
  return targets.flatMap((found) => {
    const target = { ...found }
    return roles.flatMap((role) => difference(target, role, wish) ?? [])
  })
}
