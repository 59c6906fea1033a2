import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { listClusters } from '../../postgres/cluster/list.ts'

/** The cluster that the inventory or -e names, or the only one. @throws {Refusal} with what to type */
export async function findCluster(
  host: HostReader,
  { version, cluster }: { version?: string; cluster?: string },
): Promise<{ version: string; cluster: string }> {
  const all = (await listClusters(host)).map((name) => {
    const [first = '', ...rest] = name.split('/')
    return { version: first, cluster: rest.join('/') }
  })
  if (all.length === 0)
    throw new Refusal(
      `there is no cluster of PostgreSQL on ${host.name}`,
      'Adopt describes clusters of Debian’s packages, below /etc/postgresql. To make one, say pg_version for this host, and run playbooks/site.yaml.',
    )
  const fit = all.filter(
    (one) => (version ?? one.version) === one.version && (cluster ?? one.cluster) === one.cluster,
  )
  const [only, ...more] = fit
  if (only && more.length === 0) return only
  const names = all.map((one) => `${one.version}/${one.cluster}`).join(', ')
  const type = (fit.length > 0 ? fit : all).map(
    (one) => `-e pg_version=${one.version} -e pg_cluster=${one.cluster}`,
  )
  throw new Refusal(
    fit.length > 0
      ? `there are several clusters on ${host.name}: ${names}`
      : `there is no cluster ${version ?? '…'}/${cluster ?? '…'} on ${host.name}, but ${names}`,
    `Say which: ${type.join(', or ')}.`,
  )
}
