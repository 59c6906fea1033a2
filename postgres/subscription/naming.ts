import { slotNameFor } from './slot-name.ts'

/** In a rule such as `from_HOST`, the host that a subscription subscribes to. */
export const HOST = 'HOST'

/** The subscription to a host, by a rule such as `from_HOST`. */
export const subscriptionNamed = (rule: string, publisher: string): string =>
  rule.replace(HOST, () => publisher)

/** The host in the name of a subscription; null where the name is not by the rule. */
export function publisherNamed(rule: string, subscription: string): string | null {
  const [start = '', end = ''] = rule.split(HOST)
  return inside(subscription, start, end)
}

/**
 * The host in the name of a slot on a publisher, as slotNameFor writes it: in small letters, with underscores. Null where the
 * name is not that of a subscription by the rule.
 */
export const subscriberNamed = (rule: string, slot: string, publisher: string): string | null =>
  inside(slot, '', slotNameFor('', subscriptionNamed(rule, publisher)))

const inside = (name: string, start: string, end: string): string | null =>
  name.length > start.length + end.length && name.startsWith(start) && name.endsWith(end)
    ? name.slice(start.length, name.length - end.length)
    : null

/** Publication, slot and subscription of major-upgrade.yaml, while both versions run beside each other. */
export const UPGRADE = 'play_upgrade'
