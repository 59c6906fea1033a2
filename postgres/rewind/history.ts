import type { HostReader } from '../../contract/host.ts'
import { buildConninfo } from '../conninfo.ts'
import { lsnBytes } from '../replication/upstream.ts'
import { SERVER_USER } from '../subscription/publisher.ts'
import { TIMELINE_SCRIPT } from './timeline-script.ts'

/** A server and the timelines that it came from (Streaming Replication Protocol, 55.4). */
export interface History {
  systemIdentifier: string
  timeline: number
  /** Timeline → the position at which it was left for the next one. */
  left: Record<number, string>
}

/** Over a replication connection, as the standby will connect; or why there is no answer. */
export async function readHistory(
  host: HostReader,
  version: string,
  upstream: Readonly<Record<string, unknown>>,
): Promise<History | { unreachable: string }> {
  const conninfo = buildConninfo({ connect_timeout: '5', ...upstream, replication: 'true' })
  const ask = (command: string) => {
    const psql = `/usr/lib/postgresql/${version}/bin/psql`
    const argv = ['sh', '-c', TIMELINE_SCRIPT, 'sh', psql, conninfo, command]
    return host.read(argv, { as: SERVER_USER, env: { LC_ALL: 'C' } })
  }
  const { code, stdout, stderr } = await ask('IDENTIFY_SYSTEM')
  const [systemIdentifier, timeline] = stdout.trim().split('|')
  if (code !== 0 || !systemIdentifier || !timeline)
    return { unreachable: stderr.trim().split('\n').at(-1) || `psql ended with exit code ${code}` }
  // The first timeline has no history.
  const history = timeline === '1' ? '' : (await ask(`TIMELINE_HISTORY ${Number(timeline)}`)).stdout
  return { systemIdentifier, timeline: Number(timeline), left: parseHistory(history) }
}

/** Lines of a history file: timeline, position, reason. */
export function parseHistory(text: string): Record<number, string> {
  const found = text.matchAll(/(?:^|\|)(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t/gm)
  return Object.fromEntries([...found].map(([, timeline, lsn]) => [Number(timeline), lsn!]))
}

/** Whether a server that was shut down with its latest checkpoint there has written nothing that the other lacks. */
export function isAncestor(
  { timeline, checkpoint }: { timeline: number; checkpoint: string },
  history: History,
): boolean {
  if (history.timeline === timeline) return true
  const left = history.left[timeline]
  return left !== undefined && lsnBytes(checkpoint) < lsnBytes(left)
}
