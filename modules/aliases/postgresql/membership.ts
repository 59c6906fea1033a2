import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { choice, flag, param } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { type Membership, readRole, requireRole } from '../../../postgres/catalog/role.ts'
import { requirePrimary } from '../../../postgres/cluster/cluster.ts'
import type { ClusterParams } from '../../../postgres/cluster/meant.ts'
import { pgRoleModule } from '../../postgres/pg-role/index.ts'
import { ignored } from '../alias.ts'
import { definePostgresqlAlias, loginParams, names } from './login.ts'

export interface MembershipWish {
  groups: readonly string[]
  roles: readonly string[]
  state: 'present' | 'absent' | 'exact'
  /** Whether a role that is not there is an error. */
  failOnRole: boolean
  admin?: boolean
}

/** What pg_role is told of each role, as far as nobody has looked. */
export const memberships = ({ roles, groups, state, admin }: MembershipWish): Record<string, unknown>[] =>
  roles.map((name) => ({
    name,
    member_of: groups.map((role) => (admin === undefined ? { role } : { role, admin })),
    ...(state === 'present' ? {} : { member_of_exclusive: true }),
  }))

/** The rest: null for a role that is left out. @throws {Refusal} where one is not there */
export async function membershipsThere(
  host: HostReader,
  where: Required<ClusterParams>,
  wish: MembershipWish,
): Promise<(Record<string, unknown> | null)[]> {
  const cluster = await requirePrimary(host, where)
  const { groups, roles, state, failOnRole, admin } = wish
  if (failOnRole)
    await Promise.all([...new Set([...roles, ...groups])].map((name) => requireRole(host, cluster, name)))
  const there = await Promise.all(groups.map((name) => readRole(host, cluster, name)))
  const known = groups.filter((_, at) => there[at] !== null)
  return Promise.all(
    roles.map(async (name) => {
      const role = await readRole(host, cluster, name)
      if (!role) return null
      if (state === 'absent') return { member_of: kept(role.member_of, groups) }
      return { member_of: known.map((one) => (admin === undefined ? { role: one } : { role: one, admin })) }
    }),
  )
}

const kept = (has: readonly Membership[], without: readonly string[]) =>
  [...new Set(has.map(({ role }) => role))]
    .filter((role) => !without.includes(role))
    .map((role) => ({ role }))

const wishOf = (given: {
  groups: string[]
  target_roles: string[]
  state: MembershipWish['state']
  fail_on_role: boolean
}): MembershipWish => ({
  groups: given.groups,
  roles: given.target_roles,
  state: given.state,
  failOnRole: given.fail_on_role,
})

export const postgresqlMembershipModule = definePostgresqlAlias({
  name: 'postgresql_membership',
  summary: "Ansible's name for `member_of` of pg_role, with Ansible's arguments",
  of: pgRoleModule,
  params: z.strictObject({
    ...loginParams,
    groups: param(names(identifier, { min: 1 }), 'The roles to be, or not to be, a member of.', {
      aliases: ['group', 'source_role', 'source_roles'],
      example: ['readers'],
    }),
    target_roles: param(names(identifier, { min: 1 }), 'The members.', {
      aliases: ['target_role', 'users', 'user'],
      example: ['app'],
    }),
    state: param(
      choice('present', 'absent', 'exact').default('present'),
      '`exact` revokes every other membership.',
    ),
    fail_on_role: param(
      flag().default(true),
      'Whether a role that is not there is an error; else it is left out.',
    ),
    login_db: ignored('roles are of the whole cluster', 'db'),
  }),
  to: (given) => memberships(wishOf(given)),
  more: (host, given, where) => membershipsThere(host, where, wishOf(given)),
  result: ({ params: { groups, target_roles, state } }) => ({ groups, target_roles, state }),
})
