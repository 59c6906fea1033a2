import { size } from '../../../contract/units.ts'
import { removeHost } from '../../../postgres/remove-host.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import { keepsFailoverSlots } from '../../topology/failover-slots.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import type { Surroundings } from '../look/found.ts'
import type { SeenSlot, ServerLook } from '../look/look.ts'
import type { Finding } from './compare.ts'

/** Slots that others need here, and slots that hold WAL back for nobody. */
export function compareSlots(
  { slots, recovery }: ServerLook,
  wanted: WantedCluster,
  around: Surroundings,
): Finding[] {
  // Logical slots cannot be on a standby before 16, and those of its primary are not here.
  const needed = wanted.slots.filter(({ type }) => type === 'physical' || !recovery)
  const names = new Set(needed.map(({ name }) => name))
  const others = slots.filter(({ name, temporary, synced }) => !names.has(name) && !temporary && !synced)
  return [
    ...needed.flatMap(({ name, type, used_by }) => {
      const found = slots.find((slot) => slot.name === name)
      const what = `slot ${name}, through which ${used_by} streams,`
      if (!found) return [differ(`${what} is not there`, 'Run site.yaml, which makes it.')]
      if (found.type !== type) return [differ(`${what} is a ${found.type} one, not a ${type} one`)]
      return unhealthy(found, `${what} is`, 'difference', `Look at ${used_by}: its log says why.`)
    }),
    ...others.flatMap((slot) => leftOver(slot, wanted.host, around)),
  ]
}

/** Slots that a standby is to keep for its publisher's subscribers: who finds none once it has taken over copies anew. */
export function compareKeptSlots(
  { slots, recovery }: ServerLook,
  wanted: WantedCluster,
  topology: readonly WantedCluster[],
): Finding[] {
  const clusters = new Map(topology.map((one) => [one.host, one]))
  if (!recovery || wanted.upstream === null || !keepsFailoverSlots(wanted, clusters)) return []
  return clusters.get(wanted.upstream)!.slots.flatMap(({ name, type, used_by }) => {
    if (type === 'physical' || slots.some((one) => one.name === name && one.synced && !one.temporary))
      return []
    return differ(
      `slot ${name}, through which ${used_by} streams from ${wanted.upstream}, is not kept here`,
      `site.yaml --tags standby sees to it. Until then ${used_by} would have to copy anew, should this take over.`,
    )
  })
}

/** Of a host that was taken out of the inventory, or of a program that play knows nothing of. */
function leftOver(slot: SeenSlot, host: string, around: Surroundings): Finding[] {
  const what = `slot ${slot.name}, which is not in the inventory, is`
  const drop = 'If nobody will come back for it, remove it with pg_slot: state absent'
  // Whoever is in the inventory and streams says so itself.
  const subscriber = slot.type === 'logical' ? around.names.subscriberIn(slot.name, host) : null
  const owner = subscriber ?? (slot.type === 'physical' ? slot.name : null)
  if (owner === null || isOfHost(owner, slot.name, host, around))
    return unhealthy(slot, what, 'warning', `${drop}. The disk fills up meanwhile.`)
  const remove = removeHost(owner)
  if (slot.active && subscriber !== null)
    return [
      {
        kind: 'warning',
        what: `${what} active: ${subscriber} goes on streaming`,
        hint: `Once that ends, the slot holds WAL back for it. If it never comes back: ${remove}`,
      },
    ]
  const hint = `${drop}; if it was a host's that is gone: ${remove}. The disk fills up meanwhile.`
  return unhealthy(slot, what, 'warning', hint)
}

/** By its name, or because a server that was asked uses it. */
const isOfHost = (
  owner: string,
  slot: string,
  host: string,
  { hosts, servers, nameOf }: Surroundings,
): boolean =>
  hosts.some((name) => slotNameFor(name) === owner) ||
  [...servers.values()].some(
    ({ standby }) =>
      standby?.primary_slot === slot &&
      standby.configured_host !== null &&
      nameOf(standby.configured_host, host) === host,
  )

const differ = (what: string, hint?: string): Finding => ({ kind: 'difference', what, hint })

function unhealthy(slot: SeenSlot, what: string, kind: Finding['kind'], hint: string): Finding[] {
  if (slot.wal_status === 'lost')
    return [
      { kind, what: `${what} lost: WAL that it needed was removed`, hint: 'See pg_slot about lost slots.' },
    ]
  if (slot.active || !(slot.reserved || kind === 'difference')) return []
  const holds = slot.retained === null ? '' : `, and holds ${size(slot.retained)} of WAL back`
  return [{ kind, what: `${what} inactive${holds}`, hint }]
}
