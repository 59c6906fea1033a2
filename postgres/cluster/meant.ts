import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { text } from '../../contract/params.ts'
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

/** How a server is asked. */
export interface Asking {
  /** SqlTarget.answersWithin: for what only wants to know whether it answers. */
  answersWithin?: number
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

export const idOf = (id: string): ClusterId => {
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

export const nameOf = ({ version, name }: ClusterId): string => `${version}/${name}`
