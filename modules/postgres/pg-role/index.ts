import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { overridesKey } from '../../../postgres/catalog/overrides.ts'
import { NEW_ROLE, type Role, readRole, requireRole, roleKey } from '../../../postgres/catalog/role.ts'
import { same } from '../../../postgres/catalog/same.ts'
import { majorOf, sinceVersion } from '../../../postgres/catalog/version.ts'
import { type Cluster, requirePrimary, targetOf } from '../../../postgres/cluster/cluster.ts'
import { refuseCircle } from './circle.ts'
import { dependentsOf } from './dependents.ts'
import { changeMemberships, describeMemberships, type WantedMembership } from './membership.ts'
import { type Params, params } from './params.ts'
import { type PasswordState, passwordState } from './password.ts'
import { momentOf } from './valid-until.ts'

interface State {
  cluster: Cluster
  role: Role | null
  password: PasswordState
}

export const pgRoleModule = defineModule<Params, State>({
  name: 'pg_role',
  summary: 'Creates, changes and drops roles, without ever sending a password in clear',
  params,
  async inspect(host: HostReader, params: Params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const role = await readRole(host, cluster, params.name)
    if (params.name === WORKS_AS) refuseToDisable(params)
    if (params.state === 'absent') {
      if (role) await refuseToDrop(host, cluster, role)
      return { cluster, role, password: { matches: true } }
    }
    if (!role && params.name.startsWith('pg_'))
      throw new Refusal(`the name "${params.name}" is reserved: PostgreSQL keeps pg_… for its own roles`)
    const wanted: WantedMembership[] = params.member_of ?? []
    const newer = wanted.some(({ inherit, set }) => inherit !== undefined || set !== undefined)
    sinceVersion(cluster, 16, '`inherit` or `set` of a membership', newer)
    const joins = wanted.filter((one) => !role?.member_of.some((has) => has.role === one.role))
    await Promise.all(joins.map((one) => requireRole(host, cluster, one.role)))
    await Promise.all(joins.map((one) => refuseCircle(host, cluster, params.name, one.role)))
    return { cluster, role, password: await passwordState(params.password, role?.password ?? null) }
  },
  plan(state, params) {
    const { cluster, role } = state
    const key = roleKey(cluster, params.name)
    const sql = (text: string, sensitive = false): Step => ({
      do: 'sql',
      title: `role ${params.name}`,
      on: targetOf(cluster),
      text,
      sensitive,
    })
    if (params.state === 'absent') {
      if (!role) return { changes: [], steps: [] }
      return {
        changes: [{ path: `role ${params.name}`, before: 'present', after: null, destructive: true }],
        steps: [sql(`DROP ROLE ${quoteIdent(params.name)}`)],
        // Its settings go with it; those in single databases are not known here, and few have any.
        predicts: [
          predict(key, null),
          predict(overridesKey(cluster, { role: params.name, database: null }), {}),
        ],
      }
    }
    const wanted = attributesOf(params)
    const differing = Object.entries(wanted).filter(([name, value]) => role?.[name as keyof Role] !== value)
    const newPassword = state.password.matches ? undefined : state.password.secret
    const options = [
      ...differing.map(([name, value]) => optionText(name, value)),
      ...(newPassword === undefined ? [] : [passwordOption(newPassword)]),
    ]
    const steps: Step[] = []
    if (!role || options.length > 0)
      steps.push(
        sql(
          [role ? 'ALTER ROLE' : 'CREATE ROLE', quoteIdent(params.name), ...options].join(' '),
          newPassword !== undefined,
        ),
      )
    const base: Role = role ?? { ...NEW_ROLE, name: params.name }
    const memberships = changeMemberships(base.member_of, params.member_of ?? [], {
      name: params.name,
      major: majorOf(cluster),
      inherit: params.inherit ?? base.inherit,
      exclusive: params.member_of_exclusive && params.member_of !== undefined,
    })
    steps.push(...memberships.statements.map((text) => sql(text)))
    const after: Role = {
      ...base,
      ...wanted,
      password: newPassword === undefined ? base.password : newPassword,
      member_of: memberships.after,
    }
    return {
      changes: role ? alterations(params.name, role, after, newPassword !== undefined) : [creation(after)],
      steps,
      predicts: steps.length > 0 ? [predict(key, after)] : undefined,
    }
  },
})

/** Of Debian's clusters the first superuser, as whom play and Debian's own maintenance log in. */
const WORKS_AS = 'postgres'

/** Nobody could give it back but in single-user mode. @throws {Refusal} */
function refuseToDisable({ state, superuser, login }: Params): void {
  const what =
    state === 'absent'
      ? 'cannot be dropped'
      : superuser === false
        ? 'has to stay a superuser'
        : login === false
          ? 'has to be able to log in'
          : undefined
  if (what === undefined) return
  throw new Refusal(
    `role "${WORKS_AS}" ${what}: play, and Debian's own maintenance, work on the server as this role`,
    'Keep others out of it with pg_hba rules instead.',
  )
}

const ATTRIBUTES = [
  'login',
  'superuser',
  'createdb',
  'createrole',
  'replication',
  'bypassrls',
  'inherit',
  'connection_limit',
] as const

/** The attributes that the task speaks of. */
function attributesOf(params: Params): Partial<Role> {
  const wanted: Record<string, unknown> = {}
  for (const name of ATTRIBUTES) if (params[name] !== undefined) wanted[name] = params[name]
  if (params.valid_until !== undefined)
    wanted.valid_until =
      params.valid_until === null || params.valid_until === 'infinity' ? null : momentOf(params.valid_until)
  return wanted
}

function optionText(name: string, value: unknown): string {
  if (name === 'connection_limit') return `CONNECTION LIMIT ${value}`
  if (name === 'valid_until') return `VALID UNTIL ${quoteLiteral(String(value ?? 'infinity'))}`
  return value ? name.toUpperCase() : `NO${name.toUpperCase()}`
}

const passwordOption = (secret: string | null): string =>
  secret === null ? 'PASSWORD NULL' : `PASSWORD ${quoteLiteral(secret)}`

function creation({ name, password, ...role }: Role): Change {
  const said = Object.entries(role).filter(
    ([key, value]) => !same(value, NEW_ROLE[key as keyof typeof NEW_ROLE]),
  )
  const { member_of } = role
  const after = {
    ...Object.fromEntries(said),
    ...(member_of.length > 0 ? { member_of: describeMemberships(member_of) } : {}),
    ...(password === null ? {} : { password: '(secret)' }),
  }
  return { path: `role ${name}`, before: null, after }
}

function alterations(name: string, before: Role, after: Role, password: boolean): Change[] {
  const changes: Change[] = [...ATTRIBUTES, 'valid_until' as const]
    .filter((key) => !same(before[key], after[key]))
    .map((key) => ({
      path: `role ${name} ${key}`,
      before: before[key],
      after: after[key],
      ...(takesAway(key, before, after) ? { destructive: true } : {}),
    }))
  if (!same(before.member_of, after.member_of))
    changes.push({
      path: `role ${name} member_of`,
      before: describeMemberships(before.member_of),
      after: describeMemberships(after.member_of),
      ...(before.member_of.every(({ role }) => after.member_of.some((kept) => kept.role === role))
        ? {}
        : { destructive: true }),
    })
  if (password)
    changes.push({
      path: `role ${name} password`,
      before: before.password,
      after: after.password,
      sensitive: true,
      reason: passwordReason(before.password, after.password),
      // Whoever logs in with the one that was is locked out.
      ...(before.password === null ? {} : { destructive: true }),
    })
  return changes
}

/** Who could log in, or do something, can no longer, or not for so long. */
function takesAway(key: (typeof ATTRIBUTES)[number] | 'valid_until', before: Role, after: Role): boolean {
  if (key === 'connection_limit') return after[key] >= 0 && (before[key] < 0 || after[key] < before[key])
  if (key === 'valid_until')
    return (
      after[key] !== null &&
      before[key] !== '-infinity' &&
      (before[key] === null || !(Date.parse(after[key]) >= Date.parse(before[key])))
    )
  return before[key] && !after[key]
}

function passwordReason(before: string | null, after: string | null): string {
  if (after === null) return 'it shall have none'
  if (before === null) return 'it has none'
  return before.startsWith('SCRAM-SHA-256$')
    ? 'another one is set'
    : 'it is not stored as a SCRAM-SHA-256 secret'
}

async function refuseToDrop(host: HostReader, cluster: Cluster, role: Role): Promise<void> {
  const details = await dependentsOf(host, cluster, role.name)
  if (details.length === 0) return
  // Earlier tasks of this check may take the rights away, or give the objects to others: only the run can tell.
  if (host.planned())
    throw new UnknownError(`whether ${details.join('; ')} by then, which keeps role "${role.name}"`)
  throw new Refusal(
    `role "${role.name}" cannot be dropped: other objects depend on it`,
    `Say REASSIGN OWNED BY ${quoteIdent(role.name)} TO …, then DROP OWNED BY ${quoteIdent(role.name)}, in each database named, first.`,
    details,
  )
}
