import type { TopologyVariables } from './schema.ts'
import { publicationsOf, type WantedCluster } from './wanted.ts'

export interface FleetOfClusters {
  variables: ReadonlyMap<string, TopologyVariables>
  topology: ReadonlyMap<string, WantedCluster>
  address: (host: string) => string
  /** Where play logs in. */
  reached: (host: string) => string
  /** Of each pg_ha_group. */
  primaryOf: ReadonlyMap<string, string>
}

export function publicationArguments(own: TopologyVariables): Record<string, unknown>[] {
  if (own.pg_publications) return own.pg_publications
  return publicationsOf(own).map(({ name, tables }) => ({ name, tables }))
}

export function upstreamsOf(host: string, { topology }: FleetOfClusters): string[] {
  const found: string[] = []
  for (
    let at = topology.get(host)?.upstream;
    at != null && !found.includes(at);
    at = topology.get(at)?.upstream
  )
    found.push(at)
  return found
}

/** Those with whom it may come to exchange anything: whoever hangs together with it, by what is not kept as it is. */
export function peersOf(host: string, { topology }: FleetOfClusters): string[] {
  const links = (name: string): string[] => {
    const cluster = topology.get(name)
    const followed = cluster?.kept
      ? []
      : [...(cluster?.upstream ? [cluster.upstream] : []), ...publishersOf(cluster)]
    const followers = cluster?.slots.map(({ used_by }) => used_by) ?? []
    return [...followed, ...followers.filter((one) => !topology.get(one)?.kept)].filter((one) =>
      topology.has(one),
    )
  }
  const found = new Set([host])
  for (const name of found) for (const other of links(name)) found.add(other)
  found.delete(host)
  return [...found].sort()
}

const publishersOf = (cluster: WantedCluster | undefined): string[] =>
  cluster?.subscriptions.map(({ publisher }) => publisher) ?? []
