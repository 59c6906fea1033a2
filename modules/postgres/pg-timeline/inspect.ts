import * as z from 'zod'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, type ClusterParams, readCluster } from '../../../postgres/cluster/cluster.ts'
import { parseHistory } from '../../../postgres/rewind/history.ts'
import { readControl } from '../../../postgres/standby/control.ts'
import { type Fence, parseFence } from '../../../postgres/standby/fence.ts'
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
})
export type Stand = z.output<typeof stand>

const NONE = {
  role: 'none',
  running: false,
  system_identifier: null,
  timeline: null,
  left: {},
  fenced: null,
} as const

export async function readStand(host: HostReader, params: ClusterParams): Promise<Stand> {
  const cluster = await readCluster(host, params)
  if (!cluster || cluster.fresh) return { host: host.name, ...NONE }
  const [signal, known] = await Promise.all([
    host.readFile(signalOf(cluster.dataDir)),
    cluster.timeline === undefined ? onDisk(host, cluster) : cluster,
  ])
  if (known.systemIdentifier === undefined || known.timeline === undefined)
    return { host: host.name, ...NONE }
  return {
    host: host.name,
    role: roleOf(cluster, signal !== null, parseFence(signal?.toString())),
    running: cluster.running,
    system_identifier: known.systemIdentifier,
    timeline: known.timeline,
    left: known.timeline > 1 ? await historyOf(host, cluster, known.timeline) : {},
    fenced: parseFence(signal?.toString())?.successor ?? null,
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

async function historyOf(host: HostReader, { dataDir }: Cluster, timeline: number) {
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
  const text = await host.readFile(`${dataDir}/pg_wal/${name}`)
  return parseHistory(text?.toString() ?? '')
}
