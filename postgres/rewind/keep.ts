import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import type { Change, Step } from '../../contract/plan.ts'
import { size } from '../../contract/units.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { move } from '../cluster/place.ts'
import type { Control } from '../standby/control.ts'
import { isOurs, MARKER } from '../standby/data-dir.ts'
import { parentOf } from '../standby/inspect.ts'

const temporaryOf = (dataDir: string): string => `${dataDir}.play-keep`
const PREFIX = '.before-rewind-'

/** Copies of the data directory that were made before a rewind. */
export async function keptCopies(host: HostReader, { dataDir }: Cluster): Promise<string[]> {
  const names = (await host.list(parentOf(dataDir))) ?? []
  const paths = names.map((name) => `${parentOf(dataDir).replace(/\/$/, '')}/${name}`)
  return paths.filter((path) => path.startsWith(`${dataDir}${PREFIX}`))
}

/** How the whole data directory can be copied beside. */
export interface Keep {
  path: string
  /** An earlier run has made it, of this very state. */
  there: boolean
  /** Our folder beside, from a run that was cut short. */
  temporary: 'absent' | 'ours' | 'foreign'
  /** Bytes that it takes, and that there are. */
  needed: number
  free: number
  /** The file system can share blocks: what it takes is not known, and little. */
  shares: boolean
}

export async function readKeep(host: HostReader, cluster: Cluster, control: Control): Promise<Keep> {
  const { dataDir } = cluster
  const temporary = temporaryOf(dataDir)
  const path = `${dataDir}${PREFIX}${control.timeline}-${control.checkpoint.replace('/', '_')}`
  const [copies, inside, du, df, fs] = await Promise.all([
    keptCopies(host, cluster),
    host.list(temporary),
    host.read(['du', '-sLB1', '--', dataDir]),
    host.read(['df', '-B1', '--output=avail', '--', parentOf(dataDir)]),
    host.read(['findmnt', '-no', 'FSTYPE', '-T', parentOf(dataDir)]),
  ])
  return {
    path,
    there: copies.includes(path),
    temporary: inside === null ? 'absent' : isOurs(inside) ? 'ours' : 'foreign',
    needed: Number.parseInt(du.stdout, 10),
    free: Number(df.stdout.trim().split('\n').at(-1)),
    shares: fs.stdout.trim() === 'btrfs',
  }
}

/** What is left free, at least, on a disk that other things are on, too. */
const SPARE = 64 * 1024 * 1024

/**
 * The copy is made in a folder of our own, and gets its name when it is whole. Links are followed: WAL and tablespaces
 * that are elsewhere are part of it. @throws {Refusal} where there is no room
 */
export function keepSteps(cluster: Cluster, keep: Keep): { changes: Change[]; steps: Step[] } {
  const { dataDir } = cluster
  const folder = temporaryOf(dataDir)
  // A run that was cut short right behind the last renaming has left the folder, empty but for its mark.
  const clear: Step[] = keep.temporary === 'ours' ? [{ do: 'remove', path: folder }] : []
  if (keep.there) return { changes: [], steps: clear }
  if (keep.temporary === 'foreign')
    throw new Refusal(`${folder} is in the way, and play did not make it`, 'Move it away, then run again.')
  if (!keep.shares && !(keep.needed + SPARE <= keep.free))
    throw new Refusal(
      `there is no room for a copy of ${dataDir}: it takes ${size(keep.needed)}, and ${size(keep.free)} are free in ${parentOf(dataDir)}`,
      'Make room, or go on without a copy: -e discarded=drop (`keep: false`).',
    )
  // As him whose folders these are: he could lead root elsewhere at any time.
  const run = (title: string, ...argv: string[]): Step => ({
    do: 'exec',
    title,
    argv,
    as: 'postgres',
    cwd: '/',
  })
  return {
    changes: [
      { path: keep.path, before: null, after: `a copy of ${dataDir} as it was, ${size(keep.needed)}` },
    ],
    steps: [
      ...clear,
      { do: 'directory', path: folder, owner: 'postgres', group: 'postgres', mode: '0700' },
      {
        do: 'write_file',
        path: `${folder}/${MARKER}`,
        content: 'A copy of a data directory in the making. play removes this folder.\n',
        owner: 'postgres',
        group: 'postgres',
        mode: '0600',
      },
      run('the copy of the data directory', 'cp', '-aL', '--reflink=auto', '--', dataDir, `${folder}/data`),
      run('the sync of the copy', 'sync', '-f', '--', `${folder}/data`),
      move(`${folder}/data`, keep.path),
      { do: 'remove', path: folder },
    ],
  }
}
