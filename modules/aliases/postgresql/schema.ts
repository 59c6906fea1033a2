import * as z from 'zod'
import { choice, flag, param } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { pgSchemaModule } from '../../postgres/pg-schema/index.ts'
import { given, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

export const postgresqlSchemaModule = definePostgresqlAlias({
  name: 'postgresql_schema',
  summary: "Ansible's name for pg_schema, with Ansible's arguments",
  of: pgSchemaModule,
  names: { db: 'login_db' },
  params: z
    .strictObject({
      ...loginParams,
      name: param(identifier, 'Name of the schema.', { aliases: ['schema'], example: 'app' }),
      login_db: param(identifier.default('postgres'), 'Database it is in.', {
        aliases: ['db', 'database'],
        example: 'app',
      }),
      owner: param(unlessBlank(identifier), 'Role that owns it.', {
        unset: 'left as it is; the owner of the cluster for a new one',
      }),
      state: param(
        choice('present', 'absent').default('present'),
        '`absent` drops the schema; one that holds anything is refused, with what it holds.',
      ),
      cascade_drop: param(flag().default(false), 'Not taken: what is in it is dropped by its own tasks.'),
    })
    .refine(({ state, cascade_drop }) => state === 'present' || !cascade_drop, {
      error:
        'expected false: a schema that holds anything is not dropped; postgresql_query: DROP SCHEMA … CASCADE does that',
      path: ['cascade_drop'],
    }),
  to: ({ name, login_db, owner, state }) =>
    state === 'absent' ? { name, db: login_db, state } : given({ name, db: login_db, owner }),
  result: ({ params }) => ({ schema: params.name }),
})
