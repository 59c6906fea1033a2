import * as z from 'zod'
import { folderParam } from '../../../postgres/backup/folder.ts'
import { clusterParams } from '../../../postgres/cluster/cluster.ts'

export const restoreParams = z.strictObject({
  ...clusterParams,
  cluster: z
    .string()
    .regex(/^[A-Za-z0-9_.]+$/, 'holds letters, digits, dots and underscores')
    .meta({
      description: 'Name of the new cluster. One that is there already is never touched.',
      example: 'restored',
      aliases: ['pg_cluster'],
    }),
  folder: folderParam,
  backup: z
    .string()
    .regex(/^(newest|\d{4,9})$/, 'is `newest`, or the name of a backup such as "0007", in quotes')
    .default('newest')
    .meta({ description: 'Which one.', example: '0007' }),
  port: z.int().min(1024).max(65535).optional().meta({
    description: 'TCP port of the new cluster; the first free one when left out.',
  }),
  data_dir: z
    .string()
    .regex(/^\/.*[^/]$/, 'is an absolute path without a slash at its end')
    .optional()
    .meta({
      description: 'Its data directory; /var/lib/postgresql/VERSION/NAME when left out.',
      aliases: ['data_directory'],
    }),
  settings: z
    .record(
      z
        .string()
        .regex(/^[a-z_][a-z0-9_.]*$/, 'is the name of a setting')
        .refine((name) => !FENCE.includes(name), 'is what the fence of a restored cluster sets'),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .default({})
    .meta({
      description:
        'Settings that its data needs. Those of ALTER SYSTEM came along, but do not apply: they are kept beside, in postgresql.auto.conf.of-backup.',
      example: { shared_preload_libraries: 'pg_stat_statements' },
    }),
})
export type RestoreParams = z.output<typeof restoreParams>

/** A copy of a live server must neither take its slots nor follow its upstream, nor write into its archive. */
export const FENCE = [
  'max_logical_replication_workers',
  'primary_conninfo',
  'primary_slot_name',
  'archive_mode',
  'restore_command',
]
