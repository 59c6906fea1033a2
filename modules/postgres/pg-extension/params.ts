import * as z from 'zod'
import { choice, text } from '../../../contract/params.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'

export const params = z.strictObject({
  ...clusterParams,
  name: identifier
    .refine((name) => !/[/\\]|^-|-$|--|\.\./.test(name), 'no extension can have this name')
    .meta({
      description: 'Name of the extension, as in CREATE EXTENSION.',
      example: 'pg_stat_statements',
      aliases: ['ext', 'extension'],
    }),
  db: identifier.default('postgres').meta({
    description: 'Database it is in.',
    example: 'app',
    aliases: ['database'],
  }),
  state: choice('present', 'absent').default('present').meta({
    description:
      '`absent` drops the extension; where anything else needs it, that is refused, with what does.',
  }),
  schema: identifier.optional().meta({
    unset: 'left as it is; `public` for a new one, unless it has one of its own',
    description: 'Schema that its objects are in.',
    example: 'public',
  }),
  extension_version: text({ expected: 'a version in quotes', fits: /./s, quoted: true })
    .optional()
    .meta({
      unset: 'left as it is; the newest for a new one',
      description: 'Version of the extension, or `latest` for the newest that is installed on the host.',
      example: 'latest',
      aliases: ['ext_version'],
    }),
  confirm: text().optional().meta({
    unset: 'an extension with rows is not dropped',
    description:
      'With `state: absent`, where its own tables hold rows: the name of the extension, said again.',
    example: 'pg_cron',
  }),
})
export type Params = z.infer<typeof params>
