import { UnknownError } from '../../contract/unknown.ts'
import { PlayError } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'
import type { Inventory } from '../load/types.ts'
import { topologyVariables } from './variables.ts'
import { type WantedCluster, wantedTopology } from './wanted.ts'

const GROUPS: Readonly<Record<string, (cluster: WantedCluster, standbys: ReadonlySet<string>) => boolean>> = {
  pg_primaries: ({ role }) => role === 'primary',
  pg_standbys: ({ role }) => role === 'standby',
  pg_cascading: ({ upstream }, standbys) => upstream !== null && standbys.has(upstream),
  pg_publishers: ({ publications }) => publications.length > 0,
}
/** Those in which a member of a pg_ha_group may come to be: playbooks/found.yaml puts it there. */
const BY_ROLE = ['pg_primaries', 'pg_standbys', 'pg_publishers']

/**
 * The groups that the topology makes: all servers, primaries, standbys, those of them that follow another standby, and
 * publishers. A member of a pg_ha_group is in those that hang on its role only when that is found. Without `pg_version`
 * anywhere there are none; what is wrong with the variables is told where they are used.
 */
export function addClusterGroups(inventory: Inventory, variablesOf: (host: string) => Vars): void {
  if (![...inventory.hosts.values()].some(({ vars }) => 'pg_version' in vars)) return
  let topology: WantedCluster[] = []
  let members: string[] = []
  try {
    const variables = topologyVariables(inventory, variablesOf)
    topology = wantedTopology(variables)
    members = [...variables].flatMap(([host, own]) => (own.pg_ha_group === undefined ? [] : [host]))
  } catch (error) {
    if (!(error instanceof PlayError || error instanceof UnknownError)) throw error
  }
  const servers = topology.map(({ host }) => host)
  const standbys = new Set(topology.filter(({ role }) => role === 'standby').map(({ host }) => host))
  const declared = topology.filter(({ host }) => !members.includes(host))
  add('pg_servers', servers)
  add('pg_ha_members', members)
  // Whoever is asked to find them: with --limit it may be none of them.
  add('pg_ha_fleet', members.length > 0 ? servers : [])
  if (members.length > 0) inventory.undecided = servers
  for (const [name, isIn] of Object.entries(GROUPS)) {
    const hosts = declared.filter((cluster) => isIn(cluster, standbys)).map(({ host }) => host)
    add(name, hosts, BY_ROLE.includes(name) ? members : undefined)
  }

  /** Beside those that a task of this run has put there. */
  function add(name: string, hosts: readonly string[], mayJoin?: readonly string[]): void {
    const isIn = new Set([...(inventory.groups.get(name)?.hosts ?? []), ...hosts])
    const all = [...inventory.hosts.keys()].filter((host) => isIn.has(host))
    inventory.groups.set(name, { name, hosts: all, children: [], ...(mayJoin ? { mayJoin } : {}) })
    for (const host of all) {
      const known = inventory.hosts.get(host)!
      // Hosts of the same groups share one list.
      if (!known.groups.includes(name)) known.groups = [...known.groups, name]
    }
  }
}
