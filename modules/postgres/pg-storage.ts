import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, integer } from '../../contract/params.ts'
import { readScripts } from '../../contract/read-commands.ts'
import { requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'

const MIB = 1024 * 1024

const params = z.strictObject({
  ...clusterParams,
  min_free: integer(0).default(256).meta({
    description: 'MiB that must be free for its data, its WAL and each tablespace.',
  }),
  unproven: choice('refuse', 'accept')
    .default('refuse')
    .meta({ description: 'What then, where something of it is not so.' }),
})
type Params = z.output<typeof params>

interface State {
  /** Of the cluster. */
  name: string
  /** What speaks against it, in words; empty where all is well. */
  found: string[]
}

/**
 * Arguments: data directory, configuration directory. Says of each folder whether it may be written to (access(2) knows a
 * read-only file system, for root too), its free blocks, their size, its free inodes, and how many there are.
 */
export const STORAGE_SCRIPT = `data=$1 conf=$2
for folder in "$data" "$data/pg_wal" "$data"/pg_tblspc/* "$conf"; do
  [ -d "$folder" ] || continue
  if [ -w "$folder" ]; then writes=1; else writes=0; fi
  printf '%s %s %s\\n' "$writes" "$(stat -f -c '%a %S %d %c' -- "$folder")" "$folder"
done`

/** A promotion and a rewind write: a server that finds that out in their middle stops, when the other one has stopped already. */
export const pgStorageModule = defineModule<Params, State>({
  name: 'pg_storage',
  summary:
    'Proves, before anything stops, that a cluster’s folders take writes and have room; changes nothing',
  changesNothing: () => true,
  reads: [readScripts(STORAGE_SCRIPT)],
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    const name = `${cluster.version}/${cluster.name}`
    if (cluster.fresh || cluster.copyOf) return { name, found: [] }
    const { dataDir, configDir } = cluster
    const { stdout } = await host.read(['sh', '-c', STORAGE_SCRIPT, 'play', dataDir, configDir])
    const lines = stdout.split('\n').filter((line) => line !== '')
    return { name, found: lines.flatMap((line) => faultOf(line, given.min_free * MIB, configDir)) }
  },
  plan({ name, found }, { unproven }) {
    if (found.length === 0) return { changes: [], steps: [] }
    if (unproven === 'accept') return { changes: [], steps: [], notes: found }
    throw new Refusal(
      `cluster ${name} could not write all that it will have to`,
      'Mend it (df -h, df -i, dmesg), or go on without: `-e unproven=accept`.',
      found,
    )
  },
  result: ({ state }) => ({ unproven: state.found }),
})

/** Inodes that a server may need at once; some file systems count none. */
const INODES = 64

function faultOf(line: string, least: number, configDir: string): string[] {
  const [writes, blocks, size, inodes, all, ...rest] = line.split(' ')
  const folder = rest.join(' ')
  if (writes === '0') return [`${folder} cannot be written to: is its file system mounted read-only?`]
  const free = Number(blocks) * Number(size)
  const wanted = folder === configDir ? MIB : least
  if (free < wanted)
    return [
      `${folder}: ${Math.floor(free / MIB)} MiB are free, of ${Math.ceil(wanted / MIB)} MiB that it may need`,
    ]
  if (Number(all) > 0 && Number(inodes) < INODES) return [`${folder}: ${inodes} inodes are free`]
  return []
}
