import type { Vars } from '../hosts/variables.ts'
import { FOLDER } from './connection.ts'
import { type FleetOfClusters, publicationArguments } from './fleet-of-clusters.ts'
import type { ContentsVariables } from './schema.ts'
import type { WantedCluster } from './wanted.ts'
import type { WantedView } from './wanted-view.ts'

/** What a cluster needs for what is described, and not more: preferences are the user's. */
export function settingsOf(
  { role, host, kept }: WantedCluster,
  { variables, topology }: FleetOfClusters,
  contents: ContentsVariables,
  upstreams: readonly string[],
): WantedView['settings'] {
  const { pg_tls } = variables.get(host)!
  // A standby allows as much as the primary, whose place it may take.
  const source = topology.get(upstreams.at(-1) ?? host) ?? topology.get(host)!
  const publishes = publicationArguments(variables.get(source.host)!).length > 0
  const isKept = (name: string) => topology.get(name)?.kept === true
  const followers = [...topology.values()].filter(
    (one) => !one.kept && (one.upstream === host || one.upstream === source.host),
  ).length
  const ownSlots = source.slots.filter(({ used_by }) => !isKept(used_by))
  const slots = ownSlots.length
  const subscriptions = source.kept ? 0 : source.subscriptions.length
  const said = saidSettings(contents)
  const tls =
    pg_tls === 'keep'
      ? {}
      : { ssl: true, ssl_cert_file: `${FOLDER}/server.crt`, ssl_key_file: `${FOLDER}/server.key` }
  if (role === 'standby' && kept) return { settings: { ...said, ...tls }, at_least: {}, defaults: {} }
  if (role === 'standby') delete said.max_logical_replication_workers
  const logical = ownSlots.filter(({ type }) => type === 'logical').length
  return {
    settings: {
      ...said,
      ...tls,
      // Promoted unseen, it must not take the slots of its primary (docs/problems.md).
      ...(role === 'standby' ? { max_logical_replication_workers: 0 } : {}),
    },
    at_least: {
      ...(publishes
        ? { wal_level: 'logical' }
        : followers > 0 || role === 'standby'
          ? { wal_level: 'replica' }
          : {}),
      // A base backup takes two connections, and an initial copy one besides the subscription's own.
      ...(slots > 0 || role === 'standby' ? { max_wal_senders: 2 * slots + 1 } : {}),
      // Of a subscription its origin, and one of an initial copy.
      ...(slots + subscriptions > 0 ? { max_replication_slots: slots + logical + 2 * subscriptions } : {}),
      ...(subscriptions > 0 ? { max_worker_processes: 2 * subscriptions + 2 } : {}),
      ...(subscriptions > 0 && role === 'primary'
        ? { max_logical_replication_workers: 2 * subscriptions }
        : {}),
    },
    defaults: slots > 0 || role === 'standby' ? { listen_addresses: '*' } : {},
  }
}

export const saidSettings = ({
  pg_settings,
  pg_group_settings,
  pg_host_settings,
}: ContentsVariables): Vars => ({
  ...pg_settings,
  ...pg_group_settings,
  ...pg_host_settings,
})
