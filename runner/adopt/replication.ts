import type { ClusterFacts, Neighbour, Said, Variable } from './facts.ts'
import { describeStandby } from './standby.ts'
import { describeSubscriptions } from './subscriptions.ts'

export interface Replication {
  variables: Variable[]
  /** What has to be done before these variables fit together with the others of the inventory. */
  warnings: string[]
}

/** Whom it follows: as a standby, or with its subscriptions. */
export function describeReplication(
  facts: ClusterFacts,
  said: Said,
  neighbours: readonly Neighbour[],
): Replication {
  return facts.standby
    ? describeStandby(facts, facts.standby, said, neighbours)
    : describeSubscriptions(facts, said, neighbours)
}
