import { parseQualified, plainName } from '../../postgres/catalog/names.ts'
import { slotNameFor } from '../../postgres/subscription/slot-name.ts'

/** What the inventory says of one host, in its own words. */
export interface HostVariables {
  pg_version: string
  pg_cluster: string
  replicated_database: string
  publishes: readonly string[]
  /** Names of hosts. */
  subscribes_to: readonly string[]
  /** Name of a host. */
  standby_of?: string
}

/** A cluster as the inventory wants it. */
export interface WantedCluster {
  host: string
  version: string
  cluster: string
  /** Where its publications and subscriptions are. */
  database: string
  role: 'primary' | 'standby'
  /** The host that a standby follows, and the slot there. */
  upstream: string | null
  slot: string | null
  publications: { name: string; tables: string[] }[]
  subscriptions: WantedSubscription[]
  /** What others stream from here. */
  slots: { name: string; type: 'physical' | 'logical'; used_by: string }[]
}

export interface WantedSubscription {
  name: string
  /** Name of a host. */
  publisher: string
  publications: string[]
  /** On the publisher. */
  slot: string
  /** `schema.table`, those that the publisher publishes. */
  tables: string[]
}

/** Names as playbooks/logical.yaml gives them; those of slots come from slotNameFor, there and here. */
export const PUBLICATION = 'test_pub'
const subscriptionTo = (publisher: string): string => `from_${publisher}`

/** Every cluster of an inventory. A standby is a copy: what is in it is wanted of the primary alone. */
export function wantedTopology(hosts: ReadonlyMap<string, HostVariables>): WantedCluster[] {
  const tablesOf = (host: string): string[] =>
    (hosts.get(host)?.publishes ?? []).map((table) => plainName(parseQualified(table))).sort()
  const clusters = [...hosts].map(([host, variables]): WantedCluster => {
    const { pg_version: version, pg_cluster: cluster, replicated_database: database, standby_of } = variables
    const base = { host, version, cluster, database, slots: [] }
    if (standby_of !== undefined)
      return {
        ...base,
        role: 'standby',
        upstream: standby_of,
        slot: slotNameFor(host),
        publications: [],
        subscriptions: [],
      }
    return {
      ...base,
      role: 'primary',
      upstream: null,
      slot: null,
      publications: variables.publishes.length > 0 ? [{ name: PUBLICATION, tables: tablesOf(host) }] : [],
      subscriptions: variables.subscribes_to.map((publisher) => ({
        name: subscriptionTo(publisher),
        publisher,
        publications: [PUBLICATION],
        slot: slotNameFor(host, subscriptionTo(publisher)),
        tables: tablesOf(publisher),
      })),
    }
  })
  return clusters.map((cluster) => ({ ...cluster, slots: slotsOn(cluster.host, clusters) }))
}

const slotsOn = (host: string, clusters: readonly WantedCluster[]): WantedCluster['slots'] =>
  clusters.flatMap(({ host: used_by, upstream, slot, subscriptions }) => [
    ...(upstream === host && slot !== null ? [{ name: slot, type: 'physical' as const, used_by }] : []),
    ...subscriptions
      .filter(({ publisher }) => publisher === host)
      .map((subscription) => ({ name: subscription.slot, type: 'logical' as const, used_by })),
  ])
