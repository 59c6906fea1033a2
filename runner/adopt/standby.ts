import { slotNameFor } from '../../postgres/subscription/slot-name.ts'
import type { ClusterFacts, Neighbour, Said, StandbyFacts } from './facts.ts'
import { isLoginOfPlay, KEEP, neighbourAt, placeOf, undescribed } from './login.ts'
import type { Replication } from './replication.ts'

/** Whom it is a standby of. */
export function describeStandby(
  { host }: ClusterFacts,
  standby: StandbyFacts,
  said: Said,
  neighbours: readonly Neighbour[],
): Replication {
  const place = standby.sender ?? placeOf(standby.conninfo)
  const upstream = place && neighbourAt(place, neighbours)
  if (!upstream) {
    const where = place ? `${place.host}:${place.port}` : 'nobody'
    const warning = `it is a standby of ${where}, which is no host of the inventory: add that one with its ansible_host and pg_port, and adopt again`
    const notes = [`standby_of is left out: ${warning}.`]
    return { variables: [{ name: 'standby_of', notes }], warnings: [warning] }
  }
  const isManaged =
    standby.fenced &&
    standby.slot !== null &&
    isLoginOfPlay(standby.conninfo, upstream, said, { application_name: host })
  const { slot } = standby
  const isSlotSaid = slot !== null && slotNameFor(slot) === slot && (!isManaged || slot !== slotNameFor(host))
  return {
    variables: [
      { name: 'standby_of', value: upstream.host, notes: [] },
      ...(isManaged ? [] : [KEEP]),
      ...(isSlotSaid ? [{ name: 'pg_slot_host', value: slot, notes: ['Its slot there.'] }] : []),
    ],
    warnings: undescribed([upstream]),
  }
}
