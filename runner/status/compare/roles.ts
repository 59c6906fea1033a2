import { counted } from '../../../contract/counted.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import type { Surroundings } from '../look/found.ts'
import type { Gap } from '../look/gaps.ts'
import type { Look, ServerLook } from '../look/look.ts'
import type { Finding } from './compare.ts'

const danger = (what: string, hint: string): Finding => ({ kind: 'danger', what, hint })

/** The hosts of a primary and those that follow it, one after the other, in the inventory's words. */
function groupOf(host: string, topology: readonly WantedCluster[]): string[] {
  const top = (name: string, steps = 0): string => {
    const upstream = topology.find((one) => one.host === name)?.upstream
    return upstream == null || steps > topology.length ? name : top(upstream, steps + 1)
  }
  return topology.map((one) => one.host).filter((name) => top(name) === top(host))
}

/** Null where it is neither fenced, nor a stopped primary that nobody replaces. */
export function compareFence(
  look: Look,
  wanted: WantedCluster,
  topology: readonly WantedCluster[],
  { servers }: Surroundings,
): Finding | null {
  const { host, version, cluster, role } = wanted
  const fence = 'fence' in look ? look.fence : null
  const group = groupOf(host, topology)
  const isPrimary = (name: string): boolean => servers.get(name)?.recovery === false
  const primary = [...(fence ? [fence.successor] : []), ...group].find(isPrimary)
  const rejoin = `play playbooks/rejoin.yaml -i INVENTORY -e host=${host}`
  if (fence) {
    const again = `play playbooks/switchover.yaml -i INVENTORY -e new_primary=${fence.successor}`
    if (primary === undefined)
      return danger(
        `nobody is a primary: it is fenced, because ${fence.successor} was to take over from it`,
        `Run again what was interrupted: ${again} (or failover.yaml). Until then it only reads, whoever starts it.`,
      )
    const what = `it is fenced: ${primary} took over from it`
    const hint =
      role === 'standby'
        ? rejoin
        : `If a switchover was interrupted, run it again: ${again}. After a failover: ${rejoin}`
    return { kind: 'difference', what, hint }
  }
  const isDown = look.state === 'stopped' && role === 'primary' && group.length > 1
  if (!isDown || primary !== undefined) return null
  return danger(
    `${look.why}, and nobody is a primary of ${group.join(', ')}`,
    `Start it: pg_ctlcluster ${version} ${cluster} start. If a switchover was interrupted, run it again. If it cannot come back: playbooks/failover.yaml.`,
  )
}

/** Of a group whose primary is found. */
export const compareRole = (unsure: { why: string; hint: string } | undefined): Finding[] =>
  unsure === undefined ? [] : [{ kind: 'difference', what: unsure.why, hint: unsure.hint }]

/** Two primaries that were one server: what the one writes, the other never gets. */
export function compareTwins(
  server: ServerLook,
  { host, version, cluster }: WantedCluster,
  topology: readonly WantedCluster[],
  { servers }: Surroundings,
): Finding[] {
  if (server.recovery || server.timeline === undefined) return []
  const isSame = (one: WantedCluster): boolean =>
    one.host !== host && one.version === version && one.cluster === cluster
  return topology.filter(isSame).flatMap(({ host: name }) => {
    const other = servers.get(name)
    if (!other || other.recovery || other.system !== server.system) return []
    const [mine, its] = [server.timeline!, other.timeline ?? 0]
    // It is said of the one that has to go.
    if (mine > its) return []
    const stop = `pg_ctlcluster ${version} ${cluster} stop`
    return mine < its
      ? danger(
          `it is a second primary: ${name} took over from it (timeline ${its}, here ${mine})`,
          `What is written here is nowhere else. Stop it at once: ${stop}. Then: play playbooks/rejoin.yaml -i INVENTORY -e host=${host}`,
        )
      : danger(
          `it and ${name} are two primaries of one system, both on timeline ${mine}`,
          `Find out which one is written to, and stop the other: ${stop}`,
        )
  })
}

export const compareGaps = (gaps: readonly Gap[], host: string): Finding[] =>
  gaps.map(({ subscription, publisher, slot, confirmed, applied, transactions, rows, unknown }) =>
    danger(
      unknown !== undefined
        ? `nobody can tell whether subscription ${subscription} has missed rows: slot ${slot} on ${publisher} has confirmed up to ${confirmed}, ${applied} was applied here, and ${unknown}`
        : `subscription ${subscription} has missed ${counted(rows, 'inserted row')} of ${counted(transactions, 'transaction')}: slot ${slot} on ${publisher} has confirmed up to ${confirmed}, and ${applied} was applied here`,
      `It will not be sent again. If a role change was interrupted, run it again with -e lost_changes=recopy, which copies the tables anew: playbooks/switchover.yaml or failover.yaml, -e new_primary=${host}. Else drop the subscription, and let it copy.`,
    ),
  )
