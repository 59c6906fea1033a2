import * as z from 'zod'
import { choice, flag, param, text } from '../../../contract/params.ts'
import { textList } from '../../../contract/text-list.ts'
import { identifier, writeQualified } from '../../../postgres/catalog/names.ts'
import { readRole } from '../../../postgres/catalog/role.ts'
import { requirePrimary } from '../../../postgres/cluster/cluster.ts'
import { pgGrantModule } from '../../postgres/pg-grant.ts'
import { pgRoleModule } from '../../postgres/pg-role/index.ts'
import { given, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams, names } from './login.ts'
import { type MembershipWish, memberships, membershipsThere } from './membership.ts'

const TYPES = [
  'table',
  'sequence',
  'function',
  'procedure',
  'database',
  'schema',
  'default_privs',
  'group',
] as const
const OTHERS = [
  'language',
  'tablespace',
  'type',
  'foreign_data_wrapper',
  'foreign_server',
  'parameter',
] as const
/** Kinds of objects to come. */
const TO_COME: Readonly<Record<string, string>> = {
  TABLES: 'table',
  SEQUENCES: 'sequence',
  FUNCTIONS: 'function',
  SCHEMAS: 'schema',
}
const ALL = 'ALL_IN_SCHEMA'
const IN_SCHEMA: readonly string[] = ['table', 'sequence', 'function', 'procedure', 'default_privs']

/** At commas outside parentheses: `f(integer, text), g()`. */
function items(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const found: string[] = []
  let open: string[] = []
  for (const part of textList(value)) {
    open.push(part)
    if (part.lastIndexOf('(') > part.lastIndexOf(')') || (open.length > 1 && !part.includes(')'))) continue
    found.push(open.join(', '))
    open = []
  }
  return open.length > 0 ? [...found, ...open] : found
}

const params = z
  .strictObject({
    ...loginParams,
    login_db: param(identifier, 'Database that the objects are in.', {
      aliases: ['db', 'database'],
      example: 'app',
    }),
    state: param(choice('present', 'absent').default('present'), 'Whether the roles hold these privileges.'),
    type: param(
      choice(...TYPES, ...OTHERS).default('table'),
      `What the objects are: ${TYPES.join(', ')}; of others the error says what to write.`,
    ),
    objs: param(
      z.preprocess(items, z.array(text(), { error: 'expected names with commas between' }).optional()),
      `Their names in \`schema\`, with commas between, or ${ALL}; with \`type: default_privs\` TABLES, SEQUENCES, FUNCTIONS or SCHEMAS; with \`group\` the roles to be a member of.`,
      { aliases: ['obj'], unset: 'the database itself with `type: database`', example: 'orders' },
    ),
    schema: param(unlessBlank(text()), 'Schema of the objects; `not-specified` for any.', {
      unset: 'public',
    }),
    privs: param(
      z.preprocess(items, z.array(text(), { error: 'expected privileges with commas between' }).optional()),
      'The privileges, with commas between, or ALL.',
      { aliases: ['priv'], unset: 'needed, but for `type: group`', example: 'SELECT,INSERT' },
    ),
    roles: param(names(identifier, { min: 1 }), 'Who gets them, or loses them: roles, or PUBLIC.', {
      aliases: ['role'],
      example: 'reader',
    }),
    target_roles: param(
      unlessBlank(names(identifier)),
      'With `type: default_privs`: those who will create the objects.',
      { unset: 'postgres' },
    ),
    grant_option: param(
      flag().optional(),
      'Whether the roles may grant them to others; only with `state: present`.',
      { aliases: ['admin_option'], unset: 'left as it is' },
    ),
    fail_on_role: param(
      flag().default(true),
      'Whether a role that is not there is an error; else it is left out.',
    ),
  })
  .superRefine(({ type, objs, privs, schema, target_roles }, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [path] })
    if ((OTHERS as readonly string[]).includes(type))
      problem(
        'type',
        `expected ${TYPES.join(', ')}, but found ${type}: say it with postgresql_query: GRANT …, and a guard (sql: unless)`,
      )
    if (privs === undefined && type !== 'group') problem('privs', 'expected privileges with commas between')
    if (objs === undefined && type !== 'database') problem('objs', 'expected names with commas between')
    if (schema !== undefined && !IN_SCHEMA.includes(type))
      problem('schema', `expected nothing: a ${type} is in no schema`)
    if (target_roles !== undefined && type !== 'default_privs')
      problem('target_roles', 'expected nothing: only `type: default_privs` has them')
    if (type === 'default_privs')
      for (const name of objs ?? [])
        if (!Object.hasOwn(TO_COME, name.toUpperCase()))
          problem(
            'objs',
            `expected ${Object.keys(TO_COME).join(', ')}, but found ${name}: for types say postgresql_query: ALTER DEFAULT PRIVILEGES … ON TYPES`,
          )
  })
type Params = z.infer<typeof params>

const wishOf = ({ objs, roles, state, fail_on_role, grant_option }: Params): MembershipWish => ({
  groups: objs ?? [],
  roles,
  state,
  failOnRole: fail_on_role,
  ...(grant_option === undefined || state === 'absent' ? {} : { admin: grant_option }),
})

/** `f(integer:text)` is written with colons, since commas divide the objects. */
const qualified = (schema: string, name: string): string => {
  const [, plain, types] = /^([^(]*)(\(.*\))?$/s.exec(name) ?? []
  return `${writeQualified({ schema, name: plain ?? name })}${(types ?? '').replaceAll(':', ', ')}`
}

function objectsOf({ type, objs = [], schema }: Params): Record<string, unknown>[] {
  if (type === 'database') return [objs.length > 0 ? { objects: objs } : {}]
  if (type === 'schema') return [{ objects: objs }]
  if (type === 'default_privs')
    return objs.map((name) => {
      const kind = TO_COME[name.toUpperCase()]
      const anywhere = kind === 'schema' || schema === 'not-specified'
      return { type: kind, ...(anywhere ? {} : { in_schema: schema ?? 'public' }) }
    })
  const home = schema ?? 'public'
  return [objs.includes(ALL) ? { in_schema: home } : { objects: objs.map((name) => qualified(home, name)) }]
}

function grants(value: Params): Record<string, unknown>[] {
  const { type, login_db, state, privs, target_roles, grant_option } = value
  const roles = value.roles.map((role) => (role.toUpperCase() === 'PUBLIC' ? 'PUBLIC' : role))
  return objectsOf(value).map((objects) =>
    given({
      type: type === 'procedure' ? 'function' : type,
      db: login_db,
      state,
      privileges: privs,
      roles,
      default_for: type === 'default_privs' ? (target_roles ?? ['postgres']) : undefined,
      grant_option: state === 'present' ? grant_option : undefined,
      ...objects,
    }),
  )
}

export const postgresqlPrivsModule = definePostgresqlAlias<Params>({
  name: 'postgresql_privs',
  summary: "Ansible's name for pg_grant, and for members of roles, with Ansible's arguments",
  of: ({ type }) => (type === 'group' ? pgRoleModule : pgGrantModule),
  names: {
    privileges: 'privs',
    objects: 'objs',
    in_schema: 'schema',
    db: 'login_db',
    default_for: 'target_roles',
  },
  params,
  to: (value) => (value.type === 'group' ? memberships(wishOf(value)) : grants(value)),
  async more(host, value, where) {
    if (value.type === 'group') return membershipsThere(host, where, wishOf(value))
    if (value.fail_on_role) return {}
    const cluster = await requirePrimary(host, where)
    const all = grants(value)[0]!.roles as string[]
    const there = await Promise.all(
      all.map(async (name) => name === 'PUBLIC' || (await readRole(host, cluster, name)) !== null),
    )
    const roles = all.filter((_, at) => there[at])
    return grants(value).map(() => (roles.length > 0 ? { roles } : null))
  },
  result: () => ({}),
})
