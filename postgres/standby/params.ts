import * as z from 'zod'
import { choice, flag, folderPath, list, port } from '../../contract/params.ts'
import { systemIdentifier } from '../catalog/names.ts'
import { newClusterParams } from '../cluster/meant.ts'
import { paceParams } from './base-backup.ts'
import { slotParam, upstreamParams } from './upstream.ts'

export const params = z.strictObject({
  ...newClusterParams,
  upstream: upstreamParams.meta({
    description: 'The server that is copied.',
    example: { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  slot: slotParam,
  ...paceParams,
  wal_method: choice('stream')
    .default('stream')
    .meta({ description: 'WAL comes along while the files are copied.' }),
  data_dir: folderPath()
    .optional()
    .meta({
      unset: '/var/lib/postgresql/VERSION/NAME',
      description: 'Data directory of a cluster that does not exist yet.',
      aliases: ['data_directory'],
    }),
  port: port(1024)
    .optional()
    .meta({ unset: 'the first free one', description: 'TCP port of a cluster that does not exist yet.' }),
  tablespaces: list(folderPath())
    .default([])
    .meta({
      description:
        'Folders of the tablespaces of the upstream (pg_tablespace_location). They are made here, at the same paths, with the folders above them. One that holds a tablespace of the cluster that is replaced is moved aside with it; one that holds anything else is refused.',
      example: ['/srv/fast'],
    }),
  replace: systemIdentifier.optional().meta({
    unset: 'one that holds data is refused',
    description:
      'System identifier of a cluster that may be replaced although it holds data. It is moved aside, never deleted.',
    example: '7321234567890123456',
  }),
  rebuild: flag().default(false).meta({
    description:
      'A standby of this upstream is copied anew, too: its WAL is gone, or nobody trusts it. What is there is moved aside when the copy is complete.',
  }),
  check_only: flag().default(false).meta({
    description:
      'Refuse what the copy would refuse, and do nothing else: before anything is made for the copy elsewhere, such as `slot`, which need not be there yet.',
  }),
})
export type Params = z.output<typeof params>
