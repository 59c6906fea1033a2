import { type Membership, NEW_ROLE, type Role } from '../../postgres/catalog/role.ts'
import type { ClusterFacts, Variable } from './facts.ts'
import { accepts, literal } from './words.ts'

/** The superuser that each cluster has. */
const FIRST = 'postgres'

const ATTRIBUTES = [
  ...(['login', 'superuser', 'createdb', 'createrole', 'replication', 'bypassrls', 'inherit'] as const),
  ...(['connection_limit', 'valid_until'] as const),
]

/** All but the first superuser and PostgreSQL's own, without their passwords. */
export function describeRoles({ roles }: ClusterFacts): Variable {
  const value: unknown[] = []
  const notes: string[] = []
  const others = roles.filter(({ name }) => name !== FIRST)
  for (const role of others) {
    const written = roleArguments(role)
    const element = accepts('pg_role', written) ? literal(written) : undefined
    if (element === undefined)
      notes.push(`Role ${role.name} is left out: play has no words for it. It stays as it is.`)
    else value.push(element)
  }
  const secret = others.filter(({ password }) => password !== null).map(({ name }) => name)
  if (secret.length > 0)
    notes.push(`Passwords are left out, and stay as they are. These have one: ${secret.join(', ')}.`)
  return { name: 'pg_roles', value: value.length > 0 ? value : undefined, notes }
}

function roleArguments(role: Role): Record<string, unknown> {
  const said = ATTRIBUTES.filter((name) => role[name] !== NEW_ROLE[name]).map((name) => [name, role[name]])
  const member_of = memberships(role.member_of)
  return {
    name: role.name,
    ...Object.fromEntries(said),
    ...(member_of.length > 0 ? { member_of } : {}),
  }
}

/** From 16 on several roles may have granted the same. */
function memberships(grants: readonly Membership[]): (string | { role: string; admin: true })[] {
  const names = [...new Set(grants.map(({ role }) => role))]
  return names.map((role) =>
    grants.some((one) => one.role === role && one.admin) ? { role, admin: true as const } : role,
  )
}
