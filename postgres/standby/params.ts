import * as z from 'zod'
import { clusterParams } from '../cluster/cluster.ts'
import { paceParams } from './base-backup.ts'
import { slotParam, upstreamParams } from './upstream.ts'

export const params = z.strictObject({
  ...clusterParams,
  upstream: upstreamParams.meta({
    description: 'The server that is copied.',
    example: { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  slot: slotParam,
  ...paceParams,
  wal_method: z
    .enum(['stream'])
    .default('stream')
    .meta({ description: 'WAL comes along while the files are copied.' }),
  data_dir: z
    .string()
    .regex(/^\/.*[^/]$/, 'is an absolute path without a slash at its end')
    .optional()
    .meta({
      description:
        'Data directory of a cluster that does not exist yet; /var/lib/postgresql/VERSION/NAME when left out.',
      aliases: ['data_directory'],
    }),
  port: z.int().min(1024).max(65535).optional().meta({
    description: 'TCP port of a cluster that does not exist yet; the first free one when left out.',
  }),
  replace: z
    .string()
    .regex(/^\d{1,20}$/, 'is a system identifier, which is a number: put it in quotes')
    .optional()
    .meta({
      description:
        'System identifier of a cluster that may be replaced although it holds data. It is moved aside, never deleted.',
      example: '7321234567890123456',
    }),
  check_only: z.boolean().default(false).meta({
    description:
      'Refuse what the copy would refuse, and do nothing else: before anything is made for the copy elsewhere, such as `slot`, which need not be there yet.',
  }),
})
export type Params = z.output<typeof params>
