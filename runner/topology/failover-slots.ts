import { slotNameFor } from '../../postgres/subscription/slot-name.ts'
import type { WantedCluster } from './wanted.ts'

/** The first major version in which standbys keep the slots of subscribers (Logical Replication Failover, 29.3). */
const SINCE = 17

/** Settings by which slots are kept, that say of one server what is not so on another. */
export const OF_ONE_SERVER = ['synchronized_standby_slots', 'sync_replication_slots'] as const

type Topology = ReadonlyMap<string, WantedCluster>

/**
 * Of a publisher, whether a standby of it keeps the slots of its subscribers; of a standby, whether it does. One that follows
 * a standby cannot, nor one whose replication is none of play's business.
 */
export function keepsFailoverSlots(cluster: WantedCluster, topology: Topology): boolean {
  if (cluster.upstream === null)
    return [...topology.values()].some(
      (one) => one.upstream === cluster.host && keepsFailoverSlots(one, topology),
    )
  const publisher = topology.get(cluster.upstream)
  return (
    !cluster.kept &&
    publisher?.role === 'primary' &&
    Number(publisher.version) >= SINCE &&
    hasSubscribers(publisher, topology)
  )
}

/** The subscribers have to be of such a version too: a slot is kept because its subscription says so. */
function hasSubscribers({ slots }: WantedCluster, topology: Topology): boolean {
  const subscribers = slots.filter(({ type }) => type === 'logical')
  return (
    subscribers.length > 0 &&
    subscribers.every(({ used_by }) => Number(topology.get(used_by)?.version) >= SINCE)
  )
}

/** Whether the slots of the subscriptions to this publisher are kept: the subscriptions have to say so. */
export const hasFailoverSlots = (publisher: string, topology: Topology): boolean =>
  topology.has(publisher) && keepsFailoverSlots(topology.get(publisher)!, topology)

/** The slots of those that follow a publisher, or that follow this standby of it once it has taken over. Sorted. */
export function awaitedSlots({ host, upstream }: WantedCluster, topology: Topology): string[] {
  const publisher = upstream ?? host
  const slots = [...topology.values()]
    .filter((one) => one.upstream === publisher && one.host !== host && keepsFailoverSlots(one, topology))
    .flatMap(({ slot }) => slot ?? [])
  return [...slots, ...(upstream === null ? [] : [slotNameFor(upstream)])].sort()
}
