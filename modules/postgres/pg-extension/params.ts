import * as z from 'zod'
import { identifier } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

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
  state: z.enum(['present', 'absent']).default('present').meta({
    description:
      '`absent` drops the extension; where anything else needs it, that is refused, with what does.',
  }),
  schema: identifier.optional().meta({
    description: 'Schema that its objects are in; `public` for a new one, unless it has one of its own.',
    example: 'public',
  }),
  extension_version: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'Version of the extension, or `latest` for the newest that is installed on the host. When left out, a new one gets that, and one that is there keeps its own.',
      example: 'latest',
      aliases: ['ext_version'],
    }),
  confirm: z.string().optional().meta({
    description:
      'With `state: absent`, where its own tables hold rows: the name of the extension, said again.',
    example: 'pg_cron',
  }),
})
export type Params = z.infer<typeof params>
