import { defineFact } from '../../contract/facts.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterId } from './facts.ts'

/** What installing the server package makes. Of other hosts' clusters no more is known than this. */
interface ClusterOfPackage extends Partial<Cluster> {
  planned: 'package'
}

/** null: there is none. */
export const clusterKey = defineFact<Cluster | ClusterOfPackage | null, [version: string, name: string]>(
  'cluster',
)
export const keyOfCluster = ({ version, name }: ClusterId) => clusterKey(version, name)
