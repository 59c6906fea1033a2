import { withoutSlashes } from '../../contract/ends.ts'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, readCluster } from './cluster.ts'
import { listClusters } from './list.ts'
import { type Asking, type ClusterParams, idOf, nameOf } from './meant.ts'

/**
 * The cluster by the port and the socket's folder that its clients know, as Ansible's modules have it.
 * @param port undefined: the host has one cluster only
 * @throws {Refusal}
 */
export async function clusterAt(
  host: HostReader,
  port: number | undefined,
  socketDir: string | undefined,
  asking?: Asking,
): Promise<Required<ClusterParams>> {
  const ids = (await listClusters(host)).map(idOf)
  const all = (
    await Promise.all(ids.map(({ version, name }) => readCluster(host, { version, cluster: name }, asking)))
  ).filter((one) => one !== null)
  const fits = (one: Cluster) =>
    (port === undefined || one.port === port) &&
    (socketDir === undefined || folderOf(one.socketDir) === folderOf(socketDir))
  const [found, ...others] = all.filter(fits)
  if (found && others.length === 0) return { version: found.version, cluster: found.name }
  const known = all.map((one) => `${nameOf(one)} (port ${one.port}, ${one.socketDir})`)
  if (found)
    throw new Refusal(
      `${host.name} has several clusters: ${known.join(', ')}`,
      'Say which one is meant by its port: `login_port`.',
    )
  const where = [
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(socketDir === undefined ? [] : [`a socket in ${socketDir}`]),
  ].join(' and ')
  throw new Refusal(
    where === ''
      ? `there is no cluster on ${host.name}`
      : `there is no cluster on ${host.name} with ${where}`,
    known.length > 0
      ? `There is ${known.join(', ')}.`
      : 'Install its package first, or create it with the module pg_cluster.',
  )
}

/** /var/run is a link to /run on every Debian (Filesystem Hierarchy Standard, 5.13). */
const folderOf = (path: string): string => withoutSlashes(path.replace(/^\/var\/run(?=\/|$)/, '/run'))
