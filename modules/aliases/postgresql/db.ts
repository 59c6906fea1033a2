import * as z from 'zod'
import { choice, flag, integer, param, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { pgDatabaseModule } from '../../postgres/pg-database/index.ts'
import { given, ignored, refused, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

const fixed = (description: string) =>
  param(unlessBlank(text()), `${description}; it cannot be changed later.`, { unset: "the template's" })

const INSTEAD: Readonly<Record<string, string>> = {
  dump: 'use shell: pg_dump … as postgres for one database, or pg_backup for the cluster',
  restore: 'use shell: pg_restore … as postgres',
  rename: 'use postgresql_query: ALTER DATABASE … RENAME TO …',
}

export const postgresqlDbModule = definePostgresqlAlias({
  name: 'postgresql_db',
  summary: "Ansible's name for pg_database, with Ansible's arguments",
  of: pgDatabaseModule,
  names: { connection_limit: 'conn_limit' },
  params: z
    .strictObject({
      ...loginParams,
      name: param(identifier, 'Name of the database.', { aliases: ['db'], example: 'app' }),
      state: param(
        choice('present', 'absent', 'dump', 'restore', 'rename').default('present'),
        '`absent` drops the database with all that is in it. `dump`, `restore` and `rename` are not taken.',
      ),
      owner: param(unlessBlank(identifier), 'Role that owns it.', {
        unset: 'left as it is; postgres for a new one',
        example: 'app',
      }),
      encoding: fixed('Character set'),
      lc_collate: fixed('Order of texts'),
      lc_ctype: fixed('Classes of characters'),
      icu_locale: fixed('Locale of the provider icu'),
      locale_provider: param(
        unlessBlank(choice('libc', 'icu', 'builtin')),
        'Whose rules texts are compared by; it cannot be changed later.',
        { unset: "the template's" },
      ),
      template: param(unlessBlank(identifier), 'Database to copy.', {
        unset: 'template0 where encoding or locale are given, else template1',
      }),
      conn_limit: param(
        unlessBlank(integer(-1)),
        'How many connections there may be at the same time; -1 for no limit.',
        { unset: 'left as it is; -1 for a new one' },
      ),
      force: param(flag().default(false), 'With `state: absent`: end the sessions of others that use it.'),
      maintenance_db: ignored('the connection is to the database that is needed'),
      tablespace: refused('use postgresql_query: ALTER DATABASE … SET TABLESPACE …'),
      target: refused(INSTEAD.dump!),
      target_opts: refused(INSTEAD.dump!),
      dump_extra_args: refused(INSTEAD.dump!),
    })
    .superRefine(({ state }, context) => {
      if (Object.hasOwn(INSTEAD, state))
        context.addIssue({
          code: 'custom',
          message: `expected present or absent, but found ${state}: ${INSTEAD[state]}`,
          path: ['state'],
        })
    }),
  to: ({ name, state, conn_limit, force, ...rest }) =>
    state === 'present'
      ? given({
          name,
          owner: rest.owner,
          encoding: rest.encoding,
          lc_collate: rest.lc_collate,
          lc_ctype: rest.lc_ctype,
          icu_locale: rest.icu_locale,
          locale_provider: rest.locale_provider,
          template: rest.template,
          connection_limit: conn_limit,
        })
      : // As Ansible has it, the name alone is enough.
        { name, state: 'absent', confirm: name, force },
  result: ({ params }) => ({ db: params.name }),
})
