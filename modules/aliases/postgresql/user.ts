import * as z from 'zod'
import { choice, flag, integer, only, param, secret, text } from '../../../contract/params.ts'
import { textList } from '../../../contract/text-list.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { readRole } from '../../../postgres/catalog/role.ts'
import { requirePrimary } from '../../../postgres/cluster/cluster.ts'
import { isMd5Hash } from '../../../postgres/scram/scram.ts'
import { pgRoleModule } from '../../postgres/pg-role/index.ts'
import { given, ignored, refused, refusedSwitch, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

const FLAGS = ['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'INHERIT', 'LOGIN', 'REPLICATION', 'BYPASSRLS']

const words = (flags: string): string[] => textList(flags.toUpperCase(), /[\s,]+/).filter(Boolean)
const isFlag = (word: string): boolean => FLAGS.includes(word.replace(/^NO/, ''))

/** `LOGIN,NOCREATEDB` in the words of pg_role. */
const attributes = (flags: string): Record<string, boolean> =>
  Object.fromEntries(
    words(flags).map((word) => [word.replace(/^NO/, '').toLowerCase(), !word.startsWith('NO')]),
  )

export const postgresqlUserModule = definePostgresqlAlias({
  name: 'postgresql_user',
  summary: "Ansible's name for pg_role, with Ansible's arguments; a new role may log in, as there",
  of: pgRoleModule,
  names: { connection_limit: 'conn_limit', valid_until: 'expires' },
  params: z.strictObject({
    ...loginParams,
    name: param(identifier, 'Name of the role.', { aliases: ['user'], example: 'app' }),
    password: param(
      secret({
        expected: 'the password itself in quotes, or its SCRAM-SHA-256 secret; hashes of md5 are not taken',
        fits: (value) => !isMd5Hash(value),
      }).nullish(),
      'Its password, or its SCRAM-SHA-256 secret; an empty text for none.',
      { unset: 'left as it is; none for a new role' },
    ),
    role_attr_flags: param(
      text({
        expected: `flags with commas between: ${FLAGS.join(', ')}, each also with NO before it`,
        fits: (flags) => words(flags).every(isFlag),
      }).default(''),
      'What it may, with commas between.',
      { example: 'CREATEDB,NOSUPERUSER' },
    ),
    state: param(
      choice('present', 'absent').default('present'),
      '`absent` drops the role, which must own nothing and hold no rights any more.',
    ),
    conn_limit: param(integer(-1).optional(), 'How many connections it may have at the same time.', {
      unset: 'left as it is; -1 for a new role',
    }),
    expires: param(unlessBlank(text()), 'When its password ends: a time with its zone, or `infinity`.', {
      unset: 'left as it is; never ends for a new role',
    }),
    no_password_changes: param(flag().default(false), 'The password of a role that is there is left alone.'),
    encrypted: param(only(true, 'PostgreSQL stores no password in clear'), 'Only true.'),
    fail_on_user: param(
      only(true, 'ignore_errors on the task goes on where it fails'),
      'Only true: a role that cannot be dropped is an error.',
      { aliases: ['fail_on_role'] },
    ),
    login_db: ignored('roles are of the whole cluster', 'db'),
    priv: refused('privileges are granted by postgresql_privs'),
    groups: refused('members are made by postgresql_membership'),
    configuration: refused('settings of a role are made by pg_setting: { role: …, settings: … }'),
    reset_unspecified_configuration: refusedSwitch(false, 'settings of a role are made by pg_setting'),
    quote_configuration_values: refusedSwitch(true, 'settings of a role are made by pg_setting'),
  }),
  to: ({ name, state, password, role_attr_flags, conn_limit, expires }) =>
    state === 'absent'
      ? { name, state }
      : given({
          name,
          password: password === '' ? null : (password ?? undefined),
          connection_limit: conn_limit,
          valid_until: expires,
          ...attributes(role_attr_flags),
        }),
  // CREATE USER is CREATE ROLE … LOGIN.
  async more(host, { name, state, role_attr_flags, no_password_changes }, where) {
    if (state === 'absent') return {}
    const role = await readRole(host, await requirePrimary(host, where), name)
    return {
      ...(role === null && attributes(role_attr_flags).login === undefined ? { login: true } : {}),
      ...(role !== null && no_password_changes ? { password: undefined } : {}),
    }
  },
  result: ({ params }) => ({ user: params.name }),
})
