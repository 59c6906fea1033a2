import type { Conninfo } from '../../postgres/conninfo.ts'
import type { ClusterFacts, Neighbour, Said, SubscriptionFacts } from './facts.ts'
import { isLoginOfPlay, KEEP, neighbourAt, placeOf, undescribed } from './login.ts'
import { replicatedDatabase } from './publications.ts'
import type { Replication } from './replication.ts'
import { literal } from './words.ts'

/** Those of its replicated database that play would leave as they are. */
export function describeSubscriptions(
  facts: ClusterFacts,
  said: Said,
  neighbours: readonly Neighbour[],
): Replication {
  const chosen = replicatedDatabase(facts, said)
  const notes: string[] = []
  const value: Record<string, unknown>[] = []
  const publishers = new Map<string, Neighbour>()
  let isManaged = true
  for (const one of facts.subscriptions) {
    const found = describeSubscription(one, chosen, said, neighbours)
    if ('why' in found) {
      notes.push(
        `Subscription ${one.name} of database ${one.database} is left out: ${found.why}. It stays as it is.`,
      )
      continue
    }
    value.push(found.element)
    publishers.set(found.publisher.host, found.publisher)
    const { dbname = '' } = found.conninfo
    isManaged &&= isLoginOfPlay(found.conninfo, found.publisher, said, { dbname })
  }
  const list = { name: 'pg_subscriptions', value: value.length > 0 ? value : undefined, notes }
  return {
    variables: [list, ...(value.length > 0 && !isManaged ? [KEEP] : [])],
    warnings: undescribed([...publishers.values()]),
  }
}

function describeSubscription(
  { name, database, subscription }: SubscriptionFacts,
  chosen: string,
  said: Said,
  neighbours: readonly Neighbour[],
): { why: string } | { element: Record<string, unknown>; publisher: Neighbour; conninfo: Conninfo } {
  if (said.subscribesTo) return { why: 'the inventory says subscribes_to' }
  if (database !== chosen) return { why: `pg_replicated_database names one database, ${chosen}` }
  if (!subscription.enabled) return { why: 'it is disabled, and play would enable it' }
  if (subscription.slot_name === null) return { why: 'it has no slot' }
  const conninfo = subscription.conninfo
  const place = placeOf(conninfo)
  const publisher = place && neighbourAt(place, neighbours)
  if (!conninfo || !publisher)
    return {
      why: `its publisher, ${place ? `${place.host}:${place.port}` : 'of an unreadable connection'}, is no host of the inventory`,
    }
  const { publications, slot_name: slot } = subscription
  const missing = publications.filter((one) => publisher.publishes?.includes(one) === false)
  if (missing.length > 0)
    return {
      why: `${publisher.host} is not said to publish ${missing.join(', ')} in its replicated database`,
    }
  const element = literal({ name, publisher: publisher.host, publications, slot })
  return element === undefined
    ? { why: 'play has no words for it' }
    : { element: element as Record<string, unknown>, publisher, conninfo }
}
