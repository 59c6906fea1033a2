import * as z from 'zod'
import { choice, duration, flag, folderPath, list, port, text } from '../../contract/params.ts'
import { newClusterParams } from './meant.ts'

export const params = z.strictObject({
  ...newClusterParams,
  state: choice('present', 'started', 'stopped', 'restarted', 'reloaded', 'absent').default('started').meta({
    description:
      'present: it exists, running or not. started: it exists and runs. absent: dropped with all its data, behind `confirm`. restarted and reloaded are done every time.',
  }),
  port: port(1024).optional().meta({
    unset: 'the first free one from 5432',
    description: 'TCP port of a new cluster.',
    example: 5432,
  }),
  data_dir: folderPath()
    .optional()
    .meta({
      unset: '/var/lib/postgresql/VERSION/NAME',
      description: 'Data directory of a new cluster.',
      aliases: ['data_directory'],
    }),
  locale: text().default('C.UTF-8').meta({ description: 'Locale of a new cluster.', example: 'C.UTF-8' }),
  encoding: text().default('UTF8').meta({ description: 'Encoding of a new cluster.', example: 'UTF8' }),
  data_checksums: flag().default(true).meta({ description: 'Whether a new cluster checks its pages.' }),
  initdb_options: list(text())
    .default([])
    .meta({ description: 'More options for initdb, one word each.', example: ['--wal-segsize=64'] }),
  start_conf: choice('auto', 'manual', 'disabled').optional().meta({
    unset: 'left as it is; auto for a new one',
    description: 'Whether it starts at boot (start.conf).',
  }),
  restart: choice('never', 'pending', 'needed').default('never').meta({
    description:
      '`pending`: with state started or present, restart a running server if a setting in its files waits for that, also one that an interrupted run left behind. `needed`: also if its program was replaced by another one since it started, as a package upgrade does. Put off where a standby would not start again, because it allows less than its primary.',
  }),
  confirm: text().optional().meta({
    unset: 'needed with `state: absent`',
    description: 'Must name the cluster that `state: absent` drops, as VERSION/NAME.',
    example: '15/main',
  }),
  timeout: duration({ above: true })
    .default(60)
    .meta({ description: 'How long to wait for the server to accept queries after a start.' }),
})
export type Params = z.output<typeof params>
