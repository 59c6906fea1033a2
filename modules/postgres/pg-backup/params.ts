import * as z from 'zod'
import { choice, duration, integer } from '../../../contract/params.ts'
import { folderParam } from '../../../postgres/backup/folder.ts'
import { newClusterParams } from '../../../postgres/cluster/meant.ts'
import { paceParams } from '../../../postgres/standby/base-backup.ts'
import { upstreamParams } from '../../../postgres/standby/upstream.ts'

export const params = z.strictObject({
  version: newClusterParams.version.meta({
    description: 'Major version of the server that is copied; its package must be installed here.',
    example: '15',
    aliases: ['pg_version'],
  }),
  source: upstreamParams.meta({
    description: 'The server to copy, a primary or a standby. It may be this very host.',
    example: { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  folder: folderParam,
  keep: integer(1).default(7).meta({
    description:
      'How many backups of this server to keep. Older ones are removed when the new one has been verified, and only those that this module made, of the same system identifier, in which no server was started.',
  }),
  max_age: duration({ whole: true }).default(0).meta({
    description: 'Where the newest backup is younger, nothing is done. 0: each run makes one.',
  }),
  manifest_checksums: choice('CRC32C', 'SHA224', 'SHA256', 'SHA384', 'SHA512')
    .default('SHA256')
    .meta({ description: 'How the manifest vouches for each file.' }),
  ...paceParams,
})
export type Params = z.output<typeof params>
