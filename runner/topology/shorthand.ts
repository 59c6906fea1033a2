import { publisherNamed, subscriberNamed, subscriptionNamed } from '../../postgres/subscription/naming.ts'
import type { WantedCluster } from './wanted.ts'

/**
 * What `publishes` and `subscribes_to` stand for: the names that playbooks/logical.yaml gives. An inventory that says
 * pg_publications and pg_subscriptions has names of its own.
 */
export const PUBLICATION = 'test_pub'
const SUBSCRIPTION = 'from_HOST'

export const subscriptionTo = (publisher: string): string => subscriptionNamed(SUBSCRIPTION, publisher)

/** What names tell of things that the inventory does not want. */
export interface Names {
  /** Of publications that it wants somewhere. */
  publications: ReadonlySet<string>
  /** Whether hosts are in the names of subscriptions and slots. */
  isShorthand: boolean
  /** The host in a subscription's name. */
  publisherIn(subscription: string): string | null
  /** The host in the name of a slot on a publisher, in small letters, with underscores. */
  subscriberIn(slot: string, publisher: string): string | null
}

/** An inventory whose names are all its own is not judged by those of the shorthand. */
export function namesIn(topology: readonly WantedCluster[]): Names {
  const subscriptions = topology.flatMap((cluster) => cluster.subscriptions)
  const publications = topology.flatMap((cluster) => cluster.publications.map(({ name }) => name))
  publications.push(...subscriptions.flatMap((one) => one.publications))
  const isShorthand =
    publications.length === 0 ||
    publications.includes(PUBLICATION) ||
    subscriptions.some(({ name, publisher }) => name === subscriptionTo(publisher))
  return {
    publications: new Set(isShorthand ? [...publications, PUBLICATION] : publications),
    isShorthand,
    publisherIn: (subscription) => (isShorthand ? publisherNamed(SUBSCRIPTION, subscription) : null),
    subscriberIn: (slot, publisher) => (isShorthand ? subscriberNamed(SUBSCRIPTION, slot, publisher) : null),
  }
}
