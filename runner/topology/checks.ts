import { ipVersion } from '../../contract/ip.ts'
import { Diagnostics } from '../errors.ts'
import type { Inventory } from '../load/types.ts'
import { type FleetOfClusters, peersOf } from './fleet-of-clusters.ts'

/** Servers are let in by address. @throws {PlayErrors} */
export function checkLogins(fleet: FleetOfClusters, inventory: Inventory): void {
  const diagnostics = new Diagnostics()
  for (const [host, { pg_allowed_network, pg_replication_password }] of fleet.variables) {
    const peers = peersOf(host, fleet)
    const pos = inventory.hosts.get(host)?.where('pg_version')
    const names = pg_allowed_network ? [] : peers.filter((peer) => ipVersion(fleet.address(peer)) === 0)
    if (names.length > 0)
      diagnostics.add(
        'inventory',
        `${host}: ${names.map((name) => `${fleet.address(name)} of ${name}`).join(', ')} is no address, by which pg_hba.conf could let it in`,
        { pos, hint: `Give it pg_address, or say pg_allowed_network for ${host}: 10.0.0.0/24, for example.` },
      )
    if (peers.length > 0 && pg_replication_password === undefined)
      diagnostics.add('inventory', `${host}: pg_replication_password is missing`, {
        pos,
        hint: 'The servers log in to each other with it. Keep it in a file of its own that nobody else can read.',
      })
  }
  diagnostics.throwIfAny()
}

/**
 * A table that two servers write which subscribe to each other sends its rows in circles, and doubles them.
 * @throws {PlayErrors}
 */
export function checkCircles({ topology, variables }: FleetOfClusters, inventory: Inventory): void {
  const diagnostics = new Diagnostics()
  const tablesOf = (name: string) =>
    topology.get(name)?.publications.flatMap(({ tables }) => tables ?? []) ?? []
  for (const { host, subscriptions } of topology.values())
    for (const { publisher } of subscriptions) {
      const isMutual = topology.get(publisher)?.subscriptions.some((one) => one.publisher === host)
      const both = tablesOf(publisher).filter((table) => tablesOf(host).includes(table))
      if (!isMutual || both.length === 0 || host > publisher) continue
      const name = variables.get(host)!.pg_publications ? 'pg_publications' : 'publishes'
      diagnostics.add(
        'inventory',
        `${both.join(', ')}: a table is published by two hosts that subscribe to each other, ${host} and ${publisher}`,
        {
          pos: inventory.hosts.get(host)?.where(name),
          hint: 'Its rows would go in circles: give each a table of its own.',
        },
      )
    }
  diagnostics.throwIfAny()
}
