import * as z from 'zod'
import { choice, flag, param, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { pgExtensionModule } from '../../postgres/pg-extension/index.ts'
import { given, unlessBlank } from '../alias.ts'
import { definePostgresqlAlias, loginParams } from './login.ts'

export const postgresqlExtModule = definePostgresqlAlias({
  name: 'postgresql_ext',
  summary: "Ansible's name for pg_extension, with Ansible's arguments",
  of: pgExtensionModule,
  names: { extension_version: 'version', db: 'login_db' },
  params: z
    .strictObject({
      ...loginParams,
      name: param(identifier, 'Name of the extension.', { aliases: ['ext'], example: 'pg_trgm' }),
      login_db: param(identifier, 'Database it is in.', { aliases: ['db'], example: 'app' }),
      state: param(
        choice('present', 'absent').default('present'),
        '`absent` drops it; where anything else needs it, that is refused, with what does.',
      ),
      schema: param(unlessBlank(identifier), 'Schema that its objects are in.', {
        unset: 'left as it is; `public` for a new one, unless it has one of its own',
      }),
      version: param(
        unlessBlank(text({ expected: 'a version in quotes', fits: /./s, quoted: true })),
        'Version of the extension, or `latest`.',
        { unset: 'left as it is; the newest for a new one', example: 'latest' },
      ),
      cascade: param(
        flag().default(false),
        'Taken where it changes nothing: what an extension needs, or what needs it, is an error that says which.',
      ),
    })
    .refine(({ state, cascade }) => state === 'present' || !cascade, {
      error:
        'expected false: what needs the extension is named in the error, and is dropped by its own tasks first',
      path: ['cascade'],
    }),
  to: ({ name, login_db, state, schema, version }) =>
    state === 'absent'
      ? { name, db: login_db, state }
      : given({ name, db: login_db, schema, extension_version: version }),
  result: ({ params }) => ({ ext: params.name, db: params.login_db }),
})
