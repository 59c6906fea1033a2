import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, readCluster } from '../../../postgres/cluster/cluster.ts'
import type { ClusterParams } from '../../../postgres/cluster/meant.ts'
import { parseHistory } from '../../../postgres/rewind/history.ts'
import { readControl } from '../../../postgres/standby/control.ts'
import { type Fence, parseFence } from '../../../postgres/standby/fence.ts'
import { readHoldings } from '../../../postgres/standby/pristine.ts'
import { signalOf } from '../../../postgres/standby/signal.ts'

/**
 * Which server a cluster is, and how far on. A standby and a restored copy have their primary's system identifier; who
 * is ahead is told by the timeline, and where that was left by its history file (26.3.5).
 */
export const stand = z.object({
  host: z.string(),
  /** `none`: there is no cluster, or nothing in it. `fenced`: a former primary that only reads where it runs. */
  role: z.enum(['none', 'primary', 'standby', 'fenced']),
  running: z.boolean(),
  system_identifier: z.string().nullable(),
  timeline: z.number().nullable(),
  /** Timeline that it came from → the position at which it left that. */
  left: z.record(z.string(), z.string()),
  /** Who takes over, where it is fenced. */
  fenced: z.string().nullable(),
  /** The latest timeline of which a history file tells; null: none does, or it was not asked for. */
  knows: z.number().nullable().default(null),
  /** A primary in which nobody has made anything. false where it was not asked for. */
  unused: z.boolean().default(false),
})
export type Stand = z.output<typeof stand>

const NONE = {
  role: 'none',
  running: false,
  system_identifier: null,
  timeline: null,
  left: {},
  fenced: null,
  knows: null,
  unused: false,
} as const

/** @param inGroup also what tells who is the primary of a group (postgres/standby/ha-roles.ts) */
export async function readStand(host: HostReader, params: ClusterParams, inGroup = false): Promise<Stand> {
  const cluster = await readCluster(host, params)
  if (!cluster || cluster.fresh) return { host: host.name, ...NONE }
  const [signal, known] = await Promise.all([
    host.readFile(signalOf(cluster.dataDir)),
    cluster.timeline === undefined ? onDisk(host, cluster) : cluster,
  ])
  if (known.systemIdentifier === undefined || known.timeline === undefined)
    return { host: host.name, ...NONE }
  const role = roleOf(cluster, signal !== null, parseFence(signal?.toString()))
  return {
    host: host.name,
    role,
    running: cluster.running,
    system_identifier: known.systemIdentifier,
    timeline: known.timeline,
    left: known.timeline > 1 ? await historyOf(host, cluster, known.timeline) : {},
    fenced: parseFence(signal?.toString())?.successor ?? null,
    knows: inGroup ? await latestHistory(host, cluster) : null,
    unused: inGroup && role === 'primary' && known.timeline === 1 && (await isUnused(host, cluster)),
  }
}

/** Of a running server the signal file says nothing: it is gone once it was promoted, and may be written for later. */
function roleOf({ running, recovery }: Cluster, signal: boolean, fence: Fence | null): Stand['role'] {
  if (running && recovery !== undefined) return recovery ? (fence ? 'fenced' : 'standby') : 'primary'
  return fence ? 'fenced' : signal ? 'standby' : 'primary'
}

const onDisk = async (host: HostReader, { version, dataDir }: Cluster) =>
  (await readControl(host, version, dataDir)) ??
  ({} as Partial<Pick<Cluster, 'systemIdentifier' | 'timeline'>>)

/** A standby keeps the history of a timeline that it has heard of, and not come to. */
async function latestHistory(host: HostReader, { dataDir }: Cluster): Promise<number | null> {
  const names = (await host.list(`${dataDir}/pg_wal`)) ?? []
  const timelines = names.flatMap((name) => /^([0-9A-F]{8})\.history$/.exec(name)?.[1] ?? [])
  return timelines.length === 0 ? null : Math.max(...timelines.map((digits) => Number.parseInt(digits, 16)))
}

const isUnused = async (host: HostReader, cluster: Cluster): Promise<boolean> =>
  cluster.running && !cluster.notReady && (await readHoldings(host, cluster)).userData.length === 0

async function historyOf(host: HostReader, { dataDir }: Cluster, timeline: number) {
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
  const text = await host.readFile(`${dataDir}/pg_wal/${name}`)
  return parseHistory(text?.toString() ?? '')
}
