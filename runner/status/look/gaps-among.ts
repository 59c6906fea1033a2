import pLimit from 'p-limit'
import { Refusal, SqlError } from '../../../contract/errors.ts'
import { PlayError } from '../../errors.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import { hostAt } from '../compare/compare.ts'
import { appliedNow, findGap, type Gap, type Suspect, suspectsAmong } from './gaps.ts'
import type { Look } from './look.ts'
import { type Hosts, reader, within } from './look-at-all.ts'

/**
 * Subscriptions that have missed rows which their slots have confirmed, by the subscriber's host. It is asked after all
 * have been looked at: a subscriber that goes on meanwhile is never behind what its slot had confirmed before.
 * @param timeout seconds for each; what takes longer, or cannot be told, is not said
 */
export async function gapsAmong(
  topology: readonly WantedCluster[],
  looks: ReadonlyMap<string, Look>,
  addresses: ReadonlyMap<string, string>,
  hosts: Hosts,
  { forks, timeout }: { forks: number; timeout: number },
): Promise<Map<string, Gap[]>> {
  const servers = new Map(
    [...looks].flatMap(([host, look]) => (look.state === 'running' ? [[host, look.server] as const] : [])),
  )
  const limit = pLimit(forks)
  const found = new Map<string, Gap[]>()
  const suspects = suspectsAmong(servers, (address) => hostAt(address, addresses, null))
  const clusters = new Map(topology.map((wanted) => [wanted.host, wanted]))
  await Promise.all(
    suspects.map((suspect) =>
      limit(async () => {
        const gap = await within(timeout, look(suspect, clusters, hosts))
        if (gap) found.set(suspect.host, [...(found.get(suspect.host) ?? []), gap])
      }),
    ),
  )
  return found
}

async function look(
  suspect: Suspect,
  clusters: ReadonlyMap<string, WantedCluster>,
  hosts: Hosts,
): Promise<Gap | null> {
  const ask = async (name: string) => reader(name, await hosts.connect(name))
  try {
    const applied = await appliedNow(await ask(suspect.host), clusters.get(suspect.host)!, suspect)
    if (applied === null) return null
    return await findGap(await ask(suspect.publisher), clusters.get(suspect.publisher)!, suspect, applied)
  } catch (error) {
    // Its own look says what is wrong with a host.
    if (error instanceof Refusal || error instanceof PlayError || error instanceof SqlError) return null
    throw error
  }
}
