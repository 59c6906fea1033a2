import pLimit from 'p-limit'
import type { Addition } from '../../../contract/module.ts'
import { readStand, type Stand } from '../../../modules/postgres/pg-timeline/inspect.ts'
import { type HaGroup, haRoles } from '../../../postgres/standby/ha-roles.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import { type Hosts, reader, within } from './look-at-all.ts'

export interface FoundRoles {
  /** Which member of each group is its primary, as playbooks/found.yaml puts it into the inventory. */
  additions: Addition[]
  /** By the host that is taken for the primary: why nobody can tell. */
  unsure: Map<string, { why: string; hint: string }>
}

/** Asks the members of each group, also those outside of --limit: one that does not answer may know better. */
export async function rolesOf(
  groups: readonly HaGroup[],
  topology: readonly WantedCluster[],
  hosts: Hosts,
  { forks, timeout }: { forks: number; timeout: number },
): Promise<FoundRoles> {
  const limit = pLimit(forks)
  const members = topology.filter(({ host }) => groups.some((group) => group.members.includes(host)))
  const stands = await Promise.all(members.map((one) => limit(() => standOf(one, hosts, timeout))))
  const known = new Map(stands.flatMap((one) => (one ? [[one.host, one] as const] : [])))
  const found: FoundRoles = { additions: [], unsure: new Map() }
  for (const group of groups) {
    const { primary, unsure } = haRoles(group, known, {})
    found.additions.push({ host: primary, groups: ['pg_primaries'] })
    if (unsure) found.unsure.set(primary, unsure)
  }
  return found
}

/** That it does not answer is told where its cluster is looked at. */
async function standOf(wanted: WantedCluster, hosts: Hosts, timeout: number): Promise<Stand | undefined> {
  const { host } = wanted
  try {
    return await within(
      timeout,
      hosts.connect(host).then((to) => readStand(reader(host, to), wanted, true)),
    )
  } catch {
    return undefined
  }
}
