import { ipVersion } from '../../contract/ip.ts'
import { type FleetOfClusters, peersOf } from './fleet-of-clusters.ts'
import type { TopologyVariables } from './schema.ts'
import type { WantedCluster } from './wanted.ts'

export function rulesFor(
  { host }: WantedCluster,
  own: TopologyVariables,
  fleet: FleetOfClusters,
): Record<string, unknown>[] {
  const peers = peersOf(host, fleet)
  if (peers.length === 0) return []
  // Whoever takes the place of another lets in the same hosts: as its standby it gets its rules, its own among them.
  const welcome = own.pg_ha_group === undefined ? peers : [...peers, host].sort()
  const networks = own.pg_allowed_network ?? welcome.map((peer) => networkOf(fleet.address(peer)))
  const type = own.pg_tls === 'keep' ? 'host' : 'hostssl'
  const databases = [...new Set([own.pg_replicated_database, 'replication'])]
  return databases.flatMap((database) =>
    networks.map((address) => ({
      ...{ type, database, user: own.pg_replication_user, address },
      method: 'scram-sha-256',
    })),
  )
}

const networkOf = (address: string): string => (ipVersion(address) === 6 ? `${address}/128` : `${address}/32`)
