import * as z from 'zod'
import { folderPath, mapping, port, scalar, text } from '../../../contract/params.ts'
import { folderParam } from '../../../postgres/backup/folder.ts'
import { newClusterParams } from '../../../postgres/cluster/meant.ts'

export const restoreParams = z.strictObject({
  ...newClusterParams,
  cluster: text({ expected: 'letters, digits, dots and underscores', fits: /^[A-Za-z0-9_.]+$/ }).meta({
    description: 'Name of the new cluster. One that is there already is never touched.',
    example: 'restored',
    aliases: ['pg_cluster'],
  }),
  folder: folderParam,
  backup: text({
    expected: '`newest`, or the name of a backup such as "0007", in quotes',
    fits: /^(newest|\d{4,9})$/,
    quoted: true,
  })
    .default('newest')
    .meta({ description: 'Which one.', example: '0007' }),
  port: port(1024)
    .optional()
    .meta({ unset: 'the first free one', description: 'TCP port of the new cluster.' }),
  data_dir: folderPath()
    .optional()
    .meta({
      unset: '/var/lib/postgresql/VERSION/NAME',
      description: 'Its data directory.',
      aliases: ['data_directory'],
    }),
  settings: mapping(
    text({ expected: 'the name of a setting', fits: /^[a-z_][a-z0-9_.]*$/ }).refine(
      (name) => !FENCE.includes(name),
      'is what the fence of a restored cluster sets',
    ),
    scalar(),
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
