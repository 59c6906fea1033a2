import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { text } from '../../contract/params.ts'
import { type Cluster, readCluster } from './cluster.ts'
import type { ClusterId } from './facts.ts'
import { listClusters } from './list.ts'

/** The parameters that every module shares that works in a cluster. Spread into its strictObject. */
export const clusterParams = {
  version: text()
    .optional()
    .meta({
      description: 'Major version of the cluster, as `pg_lsclusters` shows it.',
      unset: 'that of the only cluster of the host (of this name, where `cluster` is given)',
      example: '15',
      aliases: ['pg_version'],
    }),
  cluster: text()
    .optional()
    .meta({
      description: 'Name of the cluster.',
      unset: 'main where `version` is given, else the only cluster of the host',
      example: 'main',
      aliases: ['pg_cluster'],
    }),
}
export interface ClusterParams {
  version?: string
  cluster?: string
}

/** Those of modules that may make the cluster, which nobody could find. */
export const newClusterParams = {
  version: text().meta({
    description: 'Major version of the cluster, as `pg_lsclusters` shows it.',
    example: '15',
    aliases: ['pg_version'],
  }),
  cluster: text()
    .default('main')
    .meta({ description: 'Name of the cluster.', example: 'main', aliases: ['pg_cluster'] }),
}

const idOf = (id: string): ClusterId => {
  const slash = id.indexOf('/')
  return { version: id.slice(0, slash), name: id.slice(slash + 1) }
}

/**
 * Which cluster a task means: as it says, else the only one of the host, planned ones among them. null: there is none.
 * @throws {Refusal} where it may be one of several
 */
export async function meantCluster(
  host: HostReader,
  { version, cluster }: ClusterParams,
): Promise<ClusterId | null> {
  if (version !== undefined) return { version, name: cluster ?? 'main' }
  const all = (await listClusters(host)).map(idOf)
  const found = all.filter(({ name }) => cluster === undefined || cluster === name)
  if (found.length > 1)
    throw new Refusal(
      `${host.name} has several clusters${cluster === undefined ? '' : ` called ${cluster}`}: ${found.map(nameOf).join(', ')}`,
      'Say which one is meant: `version` and `cluster`.',
    )
  return found[0] ?? null
}

const nameOf = ({ version, name }: ClusterId): string => `${version}/${name}`

/**
 * The cluster by the port and the socket's folder that its clients know, as Ansible's modules have it.
 * @param port undefined: the host has one cluster only
 * @throws {Refusal}
 */
export async function clusterAt(
  host: HostReader,
  port: number | undefined,
  socketDir: string | undefined,
): Promise<Required<ClusterParams>> {
  const ids = (await listClusters(host)).map(idOf)
  const all = (
    await Promise.all(ids.map(({ version, name }) => readCluster(host, { version, cluster: name })))
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
const folderOf = (path: string): string =>
  path.replace(/^\/var\/run(?=\/|$)/, '/run').replace(/(?<=.)\/+$/, '')
