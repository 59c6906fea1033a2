import { Refusal } from '../../contract/errors.ts'
import { defineFact } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { effectiveSettings } from '../conf/conf-file.ts'
import { configDirOf, readConfFiles } from './cluster.ts'
import { clusterKey } from './key.ts'
import { listClusters } from './list.ts'

/** The wanted port, or the first one from 5432 that no cluster has and nobody listens on. @throws {Refusal} */
export async function freePort(host: HostReader, wanted: number | undefined, name: string): Promise<number> {
  const taken = await clusterPorts(host)
  if (wanted !== undefined) {
    const owner = taken.get(wanted)
    if (owner)
      throw new Refusal(
        `port ${wanted} on ${host.name} belongs to cluster ${owner}`,
        `Give ${name} another port, or leave \`port\` out.`,
      )
    return wanted
  }
  const open = await listening(host)
  const isFree = (port: number) =>
    !taken.has(port) && (!open.has(port) || host.predicted(freedKey(String(port))) === true)
  for (let port = 5432; ; port += 1) if (isFree(port)) return port
}

/** The port of a running cluster that an earlier task drops. */
export const freedKey = defineFact<true, [port: string]>('freed-port')

/** Port → cluster, of all clusters on the host: by all their files, or as they are planned. */
async function clusterPorts(host: HostReader): Promise<Map<number, string>> {
  const names = await listClusters(host)
  const ports = await Promise.all(
    names.map(async (name) => {
      const [version, cluster] = name.split('/') as [string, string]
      const planned = host.predicted(clusterKey(version, cluster))
      // One that is there may be given another port by its files, which it has once it stops.
      if (planned && 'port' in planned && (planned.fresh || planned.copyOf)) return planned.port
      const files = await readConfFiles(host, configDirOf(version, cluster))
      if (!files) return planned && 'port' in planned ? planned.port : undefined
      return Number(
        effectiveSettings(files.main, files.confD, files.auto).settings.get('port')?.value ?? 5432,
      )
    }),
  )
  return new Map(names.flatMap((name, at) => (ports[at] === undefined ? [] : [[ports[at], name]])))
}

/** TCP ports on which something listens. */
export async function listening(host: HostReader): Promise<Set<number>> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => host.readFile(path)))
  const LISTEN = '0A'
  return new Set(
    tables.flatMap((table) =>
      (table?.toString().split('\n') ?? []).flatMap((line) => {
        const [, local, , state] = line.trim().split(/\s+/)
        return state === LISTEN ? [Number.parseInt(local!.split(':')[1]!, 16)] : []
      }),
    ),
  )
}
