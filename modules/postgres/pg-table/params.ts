import * as z from 'zod'
import { identifier, qualifiedName } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

const column = z.strictObject({
  name: identifier.meta({ description: 'Name of the column.' }),
  type: z
    .string()
    .min(1)
    .refine(
      (type) => !/^(small|big)?serial$/i.test(type.trim()),
      'serial is no type: say `type: bigint` (or integer, smallint) and `identity: by_default`',
    )
    .meta({ description: 'Its type, as in CREATE TABLE.' }),
  nullable: z.boolean().optional().meta({ description: 'Whether it may be NULL; a new column may.' }),
  default: z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .optional()
    .meta({ description: 'SQL expression for new rows, as in DEFAULT; used where the column is made.' }),
  identity: z.enum(['always', 'by_default']).optional().meta({ description: 'GENERATED … AS IDENTITY.' }),
})
export type ColumnParams = z.infer<typeof column>

const right = z
  .string()
  .transform((name) => name.toUpperCase())
  .pipe(
    z.enum(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN', 'ALL']),
  )

export const tableParams = z.strictObject({
  ...clusterParams,
  name: qualifiedName.meta({
    description: 'The table, as `schema.table`; in schema public where there is no dot.',
    example: 'public.test',
    aliases: ['table'],
  }),
  db: identifier.default('postgres').meta({
    description: 'Database it is in.',
    example: 'app',
    aliases: ['database'],
  }),
  columns: z
    .array(column)
    .optional()
    .meta({
      description:
        'Its columns. Missing ones are added; one that is there with another type, nullability or identity is refused, with the ALTER TABLE to type. Columns not named are left alone.',
      example: [
        { name: 'id', type: 'bigint', identity: 'always' },
        { name: 'note', type: 'text' },
      ],
    }),
  primary_key: z
    .array(identifier)
    .min(1)
    .optional()
    .meta({ description: 'Columns of its primary key, in order.', example: ['id'] }),
  owner: identifier.optional().meta({ description: 'Role that owns it.', example: 'app' }),
  grants: z
    .record(identifier, z.array(right))
    .optional()
    .meta({
      description:
        'Role (or PUBLIC) → exactly the rights it shall have on the table. Roles not named keep theirs.',
      example: { replicator: ['SELECT'] },
    }),
})
export type TableParams = z.infer<typeof tableParams>
