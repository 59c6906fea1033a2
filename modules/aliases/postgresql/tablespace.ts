import * as z from 'zod'
import { choice, folderPath, param } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { pgTablespaceModule } from '../../postgres/pg-tablespace.ts'
import { given, ignored, refused, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

export const postgresqlTablespaceModule = definePostgresqlAlias({
  name: 'postgresql_tablespace',
  summary: "Ansible's name for pg_tablespace, with Ansible's arguments",
  of: pgTablespaceModule,
  params: z
    .strictObject({
      ...loginParams,
      tablespace: param(identifier, 'Name of the tablespace.', { aliases: ['name'], example: 'fast' }),
      location: param(folderPath(), 'Its folder: there already, of the user postgres, and empty.', {
        aliases: ['path'],
        example: '/srv/fast',
      }),
      owner: param(unlessBlank(identifier), 'Role that owns it.', {
        unset: 'left as it is; postgres for a new one',
      }),
      state: param(choice('present', 'absent').default('present'), 'Only `present`.'),
      login_db: ignored('tablespaces are of the whole cluster', 'db'),
      set: refused('use postgresql_query: ALTER TABLESPACE … SET (…)'),
      rename_to: refused('use postgresql_query: ALTER TABLESPACE … RENAME TO …'),
    })
    .refine(({ state }) => state === 'present', {
      error: 'expected present: postgresql_query: DROP TABLESPACE … drops one',
      path: ['state'],
    }),
  names: { name: 'tablespace' },
  to: ({ tablespace, location, owner }) => given({ name: tablespace, location, owner }),
  result: ({ params: { tablespace, location } }) => ({ tablespace, location, state: 'present' }),
})
