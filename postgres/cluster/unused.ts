import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from './cluster.ts'

/**
 * Whether nobody can rely on a cluster yet: it is only planned, or its server was never started, which would have written
 * postmaster.opts (initdb does not, and base backups leave it out; Physical File Layout, 73.1).
 */
export async function isUnused(host: HostReader, cluster: Cluster): Promise<boolean> {
  if (cluster.fresh || cluster.copyOf !== undefined) return true
  return !cluster.running && (await host.stat(`${cluster.dataDir}/postmaster.opts`)) === null
}
