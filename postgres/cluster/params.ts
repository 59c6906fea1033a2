import * as z from 'zod'
import { clusterParams } from './cluster.ts'

export const params = z.strictObject({
  ...clusterParams,
  state: z
    .enum(['present', 'started', 'stopped', 'restarted', 'reloaded', 'absent'])
    .default('started')
    .meta({
      description:
        'present: it exists, running or not. started: it exists and runs. absent: dropped with all its data, behind `confirm`. restarted and reloaded are done every time.',
    }),
  port: z.int().min(1024).max(65535).optional().meta({
    description: 'TCP port of a new cluster; the first free one from 5432 when left out.',
    example: 5432,
  }),
  data_dir: z
    .string()
    .regex(/^\/.*[^/]$/, 'is an absolute path without a slash at its end')
    .optional()
    .meta({
      description: 'Data directory of a new cluster; /var/lib/postgresql/VERSION/NAME when left out.',
      aliases: ['data_directory'],
    }),
  locale: z.string().default('C.UTF-8').meta({ description: 'Locale of a new cluster.', example: 'C.UTF-8' }),
  encoding: z.string().default('UTF8').meta({ description: 'Encoding of a new cluster.', example: 'UTF8' }),
  data_checksums: z.boolean().default(true).meta({ description: 'Whether a new cluster checks its pages.' }),
  initdb_options: z
    .array(z.string())
    .default([])
    .meta({ description: 'More options for initdb, one word each.', example: ['--wal-segsize=64'] }),
  start_conf: z
    .enum(['auto', 'manual', 'disabled'])
    .optional()
    .meta({ description: 'Whether it starts at boot (start.conf). Kept as it is when left out.' }),
  restart: z.enum(['never', 'pending', 'needed']).default('never').meta({
    description:
      '`pending`: with state started or present, restart a running server if a setting in its files waits for that, also one that an interrupted run left behind. `needed`: also if its program was replaced by another one since it started, as a package upgrade does. Put off where a standby would not start again, because it allows less than its primary.',
  }),
  confirm: z.string().optional().meta({
    description: 'Must name the cluster that `state: absent` drops, as VERSION/NAME.',
    example: '15/main',
  }),
  timeout: z
    .number()
    .positive()
    .default(60)
    .meta({ description: 'Seconds to wait for the server to accept queries after a start.' }),
})
export type Params = z.output<typeof params>
