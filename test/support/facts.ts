import { type FactKey, type Prediction, predict } from '../../contract/facts.ts'
import type { Plan } from '../../contract/plan.ts'
import { World } from '../../contract/world.ts'
import type { Cluster } from '../../postgres/cluster/cluster.ts'
import { clusterKey, keyOfCluster } from '../../postgres/cluster/key.ts'

const CLUSTER: Cluster = {
  version: '15',
  name: 'main',
  port: 5432,
  dataDir: '/var/lib/postgresql/15/main',
  configDir: '/etc/postgresql/15/main',
  socketDir: '/var/run/postgresql',
  running: true,
}

/** That there will be a cluster: 15/main, running, but for what is said. */
export function plannedCluster(more: Partial<Cluster> = {}): Prediction {
  const cluster = { ...CLUSTER, ...more }
  return predict(keyOfCluster(cluster), cluster)
}

/** That installing postgresql-15 will make cluster 15/main. */
export const clusterOfPackage = (): Prediction => predict(clusterKey('15', 'main'), { planned: 'package' })

/** What a plan predicts under a key, last. */
export function predictionOf<T>({ predicts }: Pick<Plan, 'predicts'>, key: FactKey<T>): T | undefined {
  const world = new World()
  world.record({ changes: [], steps: [], predicts })
  return world.get(key)
}
