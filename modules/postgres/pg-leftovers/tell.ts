import { size } from '../../../contract/units.ts'
import { removeHost } from '../../../postgres/remove-host.ts'
import {
  publisherNamed,
  subscriberNamed,
  subscriptionNamed,
  UPGRADE,
} from '../../../postgres/subscription/naming.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import type { Present } from './inspect.ts'

/** What the inventory says of a host, and its names. */
export interface Inventory {
  host: string
  hosts: readonly string[]
  /** Hosts. */
  subscribes_to: readonly string[]
  /** `from_HOST`, where subscriptions are named after the host that they subscribe to. */
  subscription_names?: string
  /** Names that are not by that rule. */
  subscriptions: readonly string[]
  slots: readonly string[]
  /** Its own publication, and whether it publishes. */
  publication: string
  publishes: boolean
}

/** What stays of hosts that are no longer in the inventory, each with what to type. */
export const leftovers = (present: Present, inventory: Inventory): string[] => [
  ...slotsLeft(present.slots, inventory),
  ...subscriptionsLeft(present.subscriptions, inventory),
  ...publicationsLeft(present.publications, inventory),
]

function slotsLeft(slots: Present['slots'], inventory: Inventory): string[] {
  const { host, hosts, subscription_names: rule } = inventory
  const ofHost = (name: string): string[] =>
    rule === undefined
      ? [slotNameFor(name)]
      : [slotNameFor(name), slotNameFor(name, subscriptionNamed(rule, host))]
  const known = new Set([UPGRADE, ...inventory.slots, ...hosts.flatMap(ofHost)])
  return slots
    .filter(({ name }) => !known.has(name))
    .map(({ name, type, active, retained }) => {
      const use = active
        ? 'somebody streams from it'
        : `nobody streams from it, and it holds ${size(retained ?? 0)} of WAL back`
      const subscriber = rule === undefined ? null : subscriberNamed(rule, name, host)
      const owner = type === 'logical' ? subscriber : name
      const todo =
        owner === null
          ? `If nobody will come back for it: pg_slot: { name: ${name}, state: absent }`
          : remove(owner)
      return `slot ${name} belongs to no host of the inventory: ${use}. ${todo}`
    })
}

function subscriptionsLeft(subscriptions: Present['subscriptions'], inventory: Inventory): string[] {
  const { hosts, subscribes_to, subscription_names: rule } = inventory
  const named = rule === undefined ? [] : subscribes_to.map((source) => subscriptionNamed(rule, source))
  const known = new Set([UPGRADE, ...inventory.subscriptions, ...named])
  return subscriptions
    .filter(({ name }) => !known.has(name))
    .map(({ name, publisher }) => {
      const source = rule === undefined ? null : publisherNamed(rule, name)
      const what = `subscription ${name} to ${publisher ?? 'nobody'} is not in the inventory, and stays`
      return source === null || hosts.includes(source)
        ? `${what}. If nothing shall come through it any more: pg_subscription: { name: ${name}, state: absent }`
        : `${what}. ${remove(source)}`
    })
}

const publicationsLeft = (publications: string[], { host, publication, publishes }: Inventory): string[] =>
  !publishes && publications.includes(publication)
    ? [
        `publication ${publication} stays, and the inventory says nothing of what ${host} publishes. If nobody subscribes to it any more: pg_publication: { name: ${publication}, state: absent }`,
      ]
    : []

const remove = (host: string): string => `If ${host} was a host that never comes back: ${removeHost(host)}`
