import { size } from '../../../contract/units.ts'
import { removeHost } from '../../../postgres/remove-host.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import type { Present } from './inspect.ts'

/** What the inventory says of a host, and its names. */
export interface Inventory {
  host: string
  hosts: readonly string[]
  /** Hosts. */
  subscribes_to: readonly string[]
  /** Its own publication, and whether it publishes. */
  publication: string
  publishes: boolean
}

/** Of major-upgrade.yaml, while both versions run beside each other. */
const UPGRADE = 'play_upgrade'

/** What stays of hosts that are no longer in the inventory, each with what to type. */
export function leftovers(present: Present, inventory: Inventory): string[] {
  const { host, hosts, subscribes_to, publication, publishes } = inventory
  const known = new Set(hosts.flatMap((name) => [slotNameFor(name), slotNameFor(name, `from_${host}`)]))
  const slots = present.slots
    .filter(({ name }) => name !== UPGRADE && !known.has(name))
    .map(({ name, type, active, retained }) => {
      const use = active
        ? 'somebody streams from it'
        : `nobody streams from it, and it holds ${size(retained ?? 0)} of WAL back`
      const owner =
        type === 'logical' && name.endsWith(`_from_${host}`) ? name.slice(0, -`_from_${host}`.length) : name
      return `slot ${name} belongs to no host of the inventory: ${use}. ${remove(owner)}`
    })
  const subscriptions = present.subscriptions
    .filter(({ name }) => name !== UPGRADE && !subscribes_to.some((source) => name === `from_${source}`))
    .map(({ name, publisher }) => {
      const source = name.replace(/^from_/, '')
      const what = `subscription ${name} to ${publisher ?? 'nobody'} is not in the inventory, and stays`
      return hosts.includes(source) || source === name
        ? `${what}. If nothing shall come through it any more: pg_subscription: { name: ${name}, state: absent }`
        : `${what}. ${remove(source)}`
    })
  const publications =
    !publishes && present.publications.includes(publication)
      ? [
          `publication ${publication} stays, and the inventory says nothing of what ${host} publishes. If nobody subscribes to it any more: pg_publication: { name: ${publication}, state: absent }`,
        ]
      : []
  return [...slots, ...subscriptions, ...publications]
}

const remove = (host: string): string => `If ${host} was a host that never comes back: ${removeHost(host)}`
