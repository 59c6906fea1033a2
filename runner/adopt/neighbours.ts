import type { Vars } from '../hosts/variables.ts'
import { publicationsOf } from '../topology/wanted.ts'
import { isVerified } from './describe.ts'
import type { ClusterFacts, Neighbour, Said } from './facts.ts'
import { describePublications } from './publications.ts'

export interface Found {
  facts: ClusterFacts
  said: Said
}

/** The other hosts of the inventory: by what it says of them, and where they were looked at, by what they are. */
export function neighboursOf(
  host: string,
  all: readonly string[],
  variablesOf: (host: string) => Vars,
  found: ReadonlyMap<string, Found>,
): Neighbour[] {
  return all
    .filter((name) => name !== host)
    .map((name) => neighbour(name, variablesOf(name), found.get(name)))
}

function neighbour(host: string, vars: Vars, look: Found | undefined): Neighbour {
  const reached = [vars.pg_address, vars.ansible_host, host].filter((one) => one != null).map(String)
  return {
    host,
    address: reached[0]!,
    addresses: [...reached, ...(look?.facts.addresses ?? [])],
    port: look?.facts.port ?? (vars.pg_port == null ? null : Number(vars.pg_port)),
    replicationUser: String(vars.pg_replication_user ?? vars.replication_user ?? 'replicator'),
    verified: look ? isVerified(look.facts, look.said) : vars.pg_tls !== 'keep',
    publishes: look ? publishedBy(look.facts, look.said, vars) : saidToPublish(vars),
    described: look !== undefined || vars.pg_version != null,
  }
}

function publishedBy(facts: ClusterFacts, said: Said, vars: Vars): string[] | null {
  if (said.publishes) return saidToPublish(vars)
  const { value } = describePublications(facts, said)
  return ((value ?? []) as { name: string }[]).map(({ name }) => name)
}

/** Null where nothing is said of its cluster. */
function saidToPublish({ pg_version, pg_publications, publishes }: Vars): string[] | null {
  if (pg_version == null) return null
  return publicationsOf({ pg_publications, publishes } as never).map(({ name }) => name)
}
