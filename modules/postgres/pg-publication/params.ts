import * as z from 'zod'
import { identifier, qualifiedName } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

export const OPERATIONS = ['insert', 'update', 'delete', 'truncate'] as const

const table = z.union([
  qualifiedName,
  z.strictObject({
    name: qualifiedName.meta({ description: 'The table, as `schema.table`.' }),
    columns: z
      .array(identifier)
      .min(1)
      .optional()
      .meta({ description: 'Only these columns (PostgreSQL 15).' }),
    where: z.string().min(1).optional().meta({ description: 'Only rows that fit (PostgreSQL 15).' }),
  }),
])

export const publicationParams = z
  .strictObject({
    ...clusterParams,
    name: identifier.meta({
      description: 'Name of the publication.',
      example: 'test_pub',
      aliases: ['publication'],
    }),
    db: identifier.default('postgres').meta({
      description: 'Database it is in.',
      example: 'app',
      aliases: ['database'],
    }),
    state: z
      .enum(['present', 'absent'])
      .default('present')
      .meta({ description: '`absent` drops the publication.' }),
    tables: z
      .array(table)
      .optional()
      .meta({
        description:
          'Exactly the tables it publishes: names, or mappings with name, columns and where. Left alone when not given.',
        example: ['public.test', { name: 'public.orders', columns: ['id', 'total'], where: 'total > 0' }],
      }),
    schemas: z
      .array(identifier)
      .optional()
      .meta({ description: 'Publish all tables of these schemas (PostgreSQL 15).', example: ['sales'] }),
    all_tables: z
      .boolean()
      .optional()
      .meta({ description: 'Publish every table of the database.', example: true }),
    publish: z
      .array(z.enum(OPERATIONS))
      .min(1)
      .optional()
      .meta({ description: 'Which operations it publishes; all four for a new one.', example: ['insert'] }),
    publish_via_partition_root: z
      .boolean()
      .optional()
      .meta({ description: 'Publish changes of partitions as those of the partitioned table.' }),
    publish_generated_columns: z
      .enum(['none', 'stored'])
      .optional()
      .meta({ description: 'Whether stored generated columns are published (PostgreSQL 18).' }),
    owner: identifier.optional().meta({ description: 'Role that owns it.', example: 'postgres' }),
  })
  .superRefine((params, context) => {
    const problem = (message: string, path: string) =>
      context.addIssue({ code: 'custom', message, path: [path] })
    if (params.all_tables && (params.tables || params.schemas))
      problem('all_tables leaves no place for tables or schemas', 'all_tables')
    const lists = params.tables?.some((entry) => typeof entry !== 'string' && entry.columns)
    if (lists && params.schemas?.length)
      problem('PostgreSQL allows no column lists in a publication with schemas', 'schemas')
  })
export type PublicationParams = z.infer<typeof publicationParams>
