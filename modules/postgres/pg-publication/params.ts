import * as z from 'zod'
import { choice, flag, list } from '../../../contract/params.ts'
import { identifier, qualifiedName } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { expression } from '../../../postgres/sql/expression.ts'

export const OPERATIONS = ['insert', 'update', 'delete', 'truncate'] as const

const table = z.union([
  qualifiedName,
  z.strictObject({
    name: qualifiedName.meta({ description: 'The table, as `schema.table`.' }),
    columns: list(identifier, { min: 1 })
      .optional()
      .meta({ unset: 'all', description: 'Only these columns (PostgreSQL 15).' }),
    where: expression.optional().meta({ unset: 'all', description: 'Only rows that fit (PostgreSQL 15).' }),
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
    state: choice('present', 'absent')
      .default('present')
      .meta({ description: '`absent` drops the publication.' }),
    tables: list(table)
      .optional()
      .meta({
        unset: 'left as they are; none for a new one',
        description: 'Exactly the tables it publishes: names, or mappings with name, columns and where.',
        example: ['public.test', { name: 'public.orders', columns: ['id', 'total'], where: 'total > 0' }],
      }),
    schemas: list(identifier)
      .optional()
      .meta({
        unset: 'left as they are; none for a new one',
        description: 'Publish all tables of these schemas (PostgreSQL 15).',
        example: ['sales'],
      }),
    all_tables: flag().optional().meta({
      unset: 'left as it is; false for a new one',
      description: 'Publish every table of the database.',
      example: true,
    }),
    publish: list(choice(...OPERATIONS), { min: 1 })
      .optional()
      .meta({
        unset: 'left as they are; all four for a new one',
        description: 'Which operations it publishes.',
        example: ['insert'],
      }),
    publish_via_partition_root: flag().optional().meta({
      unset: 'left as it is; false for a new one',
      description: 'Publish changes of partitions as those of the partitioned table.',
    }),
    publish_generated_columns: choice('none', 'stored').optional().meta({
      unset: "left as it is; PostgreSQL's own default for a new one",
      description: 'Whether stored generated columns are published (PostgreSQL 18).',
    }),
    owner: identifier.optional().meta({
      unset: 'left as it is; postgres for a new one',
      description: 'Role that owns it.',
      example: 'postgres',
    }),
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
