import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { type History, isAncestor, readHistory } from '../../../postgres/rewind/history.ts'
import { type Control, readControl } from '../../../postgres/standby/control.ts'
import { type Upstream, upstreamName } from '../../../postgres/standby/upstream.ts'

/** Where a former primary and the server that took over from it have parted. */
export type Fork =
  /** It was shut down before that, and has written nothing since. */
  { kind: 'none' } | { kind: 'at'; control: Control; lsn: string } | { kind: 'unknown'; why: string }

/** @throws {Refusal} where one of the two cannot be asked */
export async function readFork(host: HostReader, cluster: Cluster, upstream: Upstream): Promise<Fork> {
  const [control, history] = await Promise.all([
    readControl(host, cluster.version, cluster.dataDir),
    readHistory(host, cluster.version, { ...upstream, dbname: undefined }),
  ])
  if (!control)
    throw new Refusal(
      `${cluster.dataDir} is no complete data directory`,
      'Make a copy first: `pg_basebackup`.',
    )
  if ('unreachable' in history)
    throw new Refusal(
      `${upstreamName(upstream)} cannot be reached from here as ${upstream.user}`,
      'Start it, and let this host in: a line for database "replication" in its pg_hba.conf, and the right passfile here.',
      [history.unreachable],
    )
  return forkOf(control, history, upstreamName(upstream))
}

export function forkOf(control: Control, history: History, upstream: string): Fork {
  if (history.systemIdentifier !== control.systemIdentifier)
    return {
      kind: 'unknown',
      why: `it and ${upstream} were never one server: their system identifiers differ`,
    }
  const lsn = history.left[control.timeline]
  if (lsn === undefined)
    return {
      kind: 'unknown',
      why: `it is on timeline ${control.timeline}, from which ${upstream} (timeline ${history.timeline}) does not come`,
    }
  return control.state === 'shut down' && isAncestor(control, history)
    ? { kind: 'none' }
    : { kind: 'at', control, lsn }
}
