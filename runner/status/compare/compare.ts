import { namesIn } from '../../topology/shorthand.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import { type FoundCluster, foundCluster, type Surroundings } from '../look/found.ts'
import type { Gap } from '../look/gaps.ts'
import type { Look, ServerLook } from '../look/look.ts'
import { comparePublications, compareSubscriptions } from './logical.ts'
import { compareFence, compareGaps, compareRole, compareTwins } from './roles.ts'
import { compareKeptSlots, compareSlots } from './slots.ts'
import { compareStandby } from './standby.ts'
import { warnings } from './warnings.ts'

/**
 * `danger`: rows are missing, or will be; or nobody is a primary. `difference`: not as the inventory wants it. `warning`: something that no inventory would want, and that will cost
 * data, disk or answers if it stays.
 */
export interface Finding {
  kind: 'danger' | 'difference' | 'warning'
  what: string
  /** What to look at or to type. */
  hint?: string
}

export interface ClusterStatus {
  wanted: WantedCluster
  found: FoundCluster
  findings: Finding[]
}

/**
 * What is, beside what is wanted. Pure.
 * @param looks by host, for those that were asked; the others are left out, though what they want of these is not
 * @param addresses of hosts, by name
 * @param gaps by the subscriber's host
 * @param unsure why nobody can tell who is the primary of its group, by the host that is taken for it
 */
export function compareTopology(
  topology: readonly WantedCluster[],
  looks: ReadonlyMap<string, Look>,
  addresses: ReadonlyMap<string, string>,
  gaps: ReadonlyMap<string, readonly Gap[]> = new Map(),
  unsure: ReadonlyMap<string, { why: string; hint: string }> = new Map(),
): ClusterStatus[] {
  const servers = new Map<string, ServerLook>()
  for (const [host, look] of looks) if (look.state === 'running') servers.set(host, look.server)
  const around: Surroundings = {
    hosts: [...addresses.keys()],
    names: namesIn(topology),
    servers,
    nameOf: (address, expected) => hostAt(address, addresses, expected),
  }
  return topology.flatMap((wanted) => {
    const look = looks.get(wanted.host)
    if (!look) return []
    const found = foundCluster(look, wanted, around)
    const findings = [
      ...compareGaps(gaps.get(wanted.host) ?? [], wanted.host),
      ...compareRole(unsure.get(wanted.host)),
      ...compare(look, wanted, found, around, topology),
    ]
    return [{ wanted, found, findings: findings.toSorted((a, b) => rank(a) - rank(b)) }]
  })
}

/** The worst first. */
export const KINDS: readonly Finding['kind'][] = ['danger', 'difference', 'warning']
const rank = ({ kind }: Finding): number => KINDS.indexOf(kind)

function compare(
  look: Look,
  wanted: WantedCluster,
  found: FoundCluster,
  around: Surroundings,
  topology: readonly WantedCluster[],
): Finding[] {
  const fenced = compareFence(look, wanted, topology, around)
  if (fenced) return [fenced]
  if (look.state !== 'running') return [{ kind: 'difference', what: look.why, hint: look.hint }]
  const { server } = look
  return [
    ...compareTwins(server, wanted, topology, around),
    ...compareStandby(server, wanted, found, around),
    ...(server.recovery ? [] : comparePublications(server, wanted, around)),
    ...(server.recovery ? [] : compareSubscriptions(server, wanted, found, around)),
    ...compareSlots(server, wanted, around),
    ...compareKeptSlots(server, wanted, topology),
    ...warnings(server, found),
  ]
}

/** The host of an address: `expected` where it is its own, else the first that has it, else the address. */
export function hostAt(
  address: string,
  addresses: ReadonlyMap<string, string>,
  expected: string | null | undefined,
): string {
  const is = (host: string): boolean => host === address || addresses.get(host) === address
  if (expected != null && is(expected)) return expected
  return [...addresses.keys()].find(is) ?? address
}
