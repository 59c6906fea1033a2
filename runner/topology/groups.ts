import { PlayError, PlayErrors } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'
import type { Inventory } from '../load/types.ts'
import { topologyVariables } from './variables.ts'
import { type WantedCluster, wantedTopology } from './wanted.ts'

const GROUPS: Readonly<Record<string, (cluster: WantedCluster, standbys: ReadonlySet<string>) => boolean>> = {
  pg_servers: () => true,
  pg_primaries: ({ role }) => role === 'primary',
  pg_standbys: ({ role }) => role === 'standby',
  pg_cascading: ({ upstream }, standbys) => upstream !== null && standbys.has(upstream),
  pg_publishers: ({ publications }) => publications.length > 0,
}

/**
 * The groups that the topology makes: all servers, primaries, standbys, those of them that follow another standby, and
 * publishers. Without `pg_version` anywhere there are none; what is wrong with the variables is told where they are used.
 */
export function addClusterGroups(inventory: Inventory, variablesOf: (host: string) => Vars): void {
  if (![...inventory.hosts.values()].some(({ vars }) => 'pg_version' in vars)) return
  let topology: WantedCluster[] = []
  try {
    topology = wantedTopology(topologyVariables(inventory, variablesOf))
  } catch (error) {
    if (!(error instanceof PlayError || error instanceof PlayErrors)) throw error
  }
  const standbys = new Set(topology.filter(({ role }) => role === 'standby').map(({ host }) => host))
  for (const [name, isIn] of Object.entries(GROUPS)) {
    const hosts = topology.filter((cluster) => isIn(cluster, standbys)).map(({ host }) => host)
    inventory.groups.set(name, { name, hosts, children: [] })
    for (const host of hosts) inventory.hosts.get(host)!.groups.push(name)
  }
}
