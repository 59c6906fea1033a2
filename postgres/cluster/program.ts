import type { HostReader } from '../../contract/host.ts'
import { packageKey } from '../../contract/shared-facts.ts'
import { UnknownError } from '../../contract/unknown.ts'
import { readStartConf } from '../conf/start-conf.ts'
import type { Cluster } from './cluster.ts'
import { defineClusterFact } from './facts.ts'
import { keyOfCluster } from './key.ts'

export const outdatedKey = defineClusterFact<boolean, []>('outdated')

/** Whether the server runs a program that is on disk no more: the kernel knows which file a process was started from. */
export const isOutdated = (host: HostReader, cluster: Cluster): Promise<boolean> =>
  host.fact(outdatedKey(cluster), async () => {
    const lines = (await host.readFile(`${cluster.dataDir}/postmaster.pid`))?.toString().split('\n') ?? []
    const pid = Number.parseInt(lines[0] ?? '', 10)
    if (!(pid > 0)) return false
    return / \(deleted\)$/.test((await host.stat(`/proc/${pid}/exe`))?.target ?? '')
  })

/**
 * What an earlier task that plans to upgrade the server's package makes of a running cluster: Debian's scripts stop
 * every cluster of the version, and start again those whose start.conf says auto.
 */
export async function afterUpgrade(
  host: HostReader,
  cluster: Cluster,
): Promise<{ cluster: Cluster; restarted: boolean }> {
  const { version, configDir } = cluster
  const isUpgraded = host.predicted(packageKey(`postgresql-${version}`))?.status === 'installed'
  if (!isUpgraded || !cluster.running || cluster.fresh) return { cluster, restarted: false }
  if (host.predicted(keyOfCluster(cluster)) !== undefined) return { cluster, restarted: false }
  if (await host.stat('/usr/sbin/policy-rc.d'))
    throw new UnknownError(
      'the upgrade of the package restarts the server, unless the policy in /usr/sbin/policy-rc.d forbids it',
    )
  const startConf = readStartConf((await host.readFile(`${configDir}/start.conf`))?.toString())
  return startConf === 'auto'
    ? { cluster, restarted: true }
    : { cluster: { ...cluster, running: false }, restarted: false }
}
