import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { isAboutSame, placedAmong } from '../../modules/postgres/pg-hba/same.ts'
import type { Vars } from '../hosts/variables.ts'
import type { Inventory } from '../load/types.ts'
import { checkCircles, checkLogins } from './checks.ts'
import { connectionTo, hostEntry } from './connection.ts'
import { awaitedSlots, hasFailoverSlots, keepsFailoverSlots, OF_ONE_SERVER } from './failover-slots.ts'
import { type FleetOfClusters, peersOf, publicationArguments, upstreamsOf } from './fleet-of-clusters.ts'
import { primariesOf } from './ha-groups.ts'
import { readableOf } from './readable.ts'
import { rulesFor } from './rules.ts'
import type { ContentsVariables, TopologyVariables } from './schema.ts'
import { saidSettings, settingsOf } from './settings.ts'
import { contentsVariables, topologyVariables } from './variables.ts'
import { type WantedCluster, wantedTopology } from './wanted.ts'
import type { WantedView, WantedViewSubscriber, WantedViewSubscription } from './wanted-view.ts'

/**
 * What the inventory wants of each cluster. The topology is worked out at once, what is in a cluster when it is read.
 * @throws {PlayErrors} code 'inventory'
 */
export function wantedViews(
  inventory: Inventory,
  variablesOf: (host: string) => Vars,
): Map<string, WantedView> {
  const variables = topologyVariables(inventory, variablesOf)
  const topology = wantedTopology(variables)
  const fleet: FleetOfClusters = {
    variables,
    topology: new Map(topology.map((cluster) => [cluster.host, cluster])),
    primaryOf: primariesOf(variables, inventory),
    address: (host) => variables.get(host)?.pg_address ?? reachedAt(host, variablesOf),
    reached: (host) => reachedAt(host, variablesOf),
  }
  checkLogins(fleet, inventory)
  checkCircles(fleet, inventory)
  const known = new Map<string, ContentsVariables>()
  const contentsOf = (host: string): ContentsVariables => {
    const contents = known.get(host) ?? contentsVariables(host, inventory, variablesOf(host))
    known.set(host, contents)
    return contents
  }
  return new Map(topology.map((cluster) => [cluster.host, viewOf(cluster, fleet, contentsOf)]))
}

/** @throws {UnknownError} where only the run will know */
function reachedAt(host: string, variablesOf: (host: string) => Vars): string {
  const { ansible_host = host } = variablesOf(host)
  if (ansible_host instanceof Unknown) throw new UnknownError(ansible_host.why)
  return String(ansible_host)
}

function viewOf(
  cluster: WantedCluster,
  fleet: FleetOfClusters,
  contentsOf: (host: string) => ContentsVariables,
): WantedView {
  const { host } = cluster
  const contents = () => contentsOf(host)
  const own = fleet.variables.get(host)!
  const standbys = cluster.slots
    .filter(({ type }) => type === 'physical')
    .map(({ name, used_by }) => ({ host: used_by, slot: name }))
  const failover_slots = keepsFailoverSlots(cluster, fleet.topology)
  const subscriptions = cluster.subscriptions.map((one) => subscriptionView(one, own, fleet))
  const tls = own.pg_tls ?? 'authority'
  const upstreams = upstreamsOf(host, fleet)
  return {
    role: cluster.role,
    version: own.pg_version,
    cluster: own.pg_cluster,
    port: own.pg_port,
    resting_port: own.pg_resting_port ?? own.pg_port + 1,
    address: fleet.address(host),
    host_entry: hostEntry(host, fleet),
    host_names: own.pg_host_names,
    database: own.pg_replicated_database,
    replication_user: own.pg_replication_user,
    replication_password: own.pg_replication_password ?? null,
    tls,
    tls_said: own.pg_tls !== undefined,
    connection: connectionTo(host, fleet),
    upstream: cluster.upstream,
    upstream_connection: cluster.upstream === null ? null : connectionTo(cluster.upstream, fleet),
    slot: cluster.slot,
    upstreams,
    publications: cluster.role === 'primary' ? publicationArguments(own) : [],
    subscriptions,
    publisher_connection: { ...connectionTo(host, fleet), dbname: own.pg_replicated_database },
    subscribers: subscribersOf(host, fleet.topology),
    standbys,
    ha_group: own.pg_ha_group ?? null,
    backup_of: backupOf(own, host, fleet),
    failover_slots,
    get awaited_slots() {
      if (!failover_slots || 'synchronized_standby_slots' in saidSettings(contents())) return null
      return awaitedSlots(cluster, fleet.topology).join(', ')
    },
    replication: own.pg_replication,
    has_peers: peersOf(host, fleet).length > 0,
    readable: readableOf(own),
    get settings() {
      return settingsOf(cluster, fleet, contents(), upstreams)
    },
    get own_settings() {
      const said = Object.keys(this.settings.settings).map((name) => name.toLowerCase())
      return failover_slots ? [...said, ...OF_ONE_SERVER] : said
    },
    get as_primary() {
      const { max_logical_replication_workers = null, synchronized_standby_slots = null } = saidSettings(
        contents(),
      )
      // Nobody follows it yet, whom its subscribers would have to wait for.
      return {
        max_logical_replication_workers,
        ...(failover_slots ? { synchronized_standby_slots } : {}),
      }
    },
    no_standby: {
      primary_conninfo: null,
      primary_slot_name: null,
      max_logical_replication_workers: null,
      default_transaction_read_only: null,
      ...(failover_slots ? { sync_replication_slots: null, hot_standby_feedback: null } : {}),
    },
    get as_standby() {
      return {
        max_logical_replication_workers: 0,
        ...(failover_slots ? { synchronized_standby_slots: null } : {}),
      }
    },
    get hba_rules() {
      const said = contents().pg_hba_rules ?? []
      const isSaid = (rule: unknown) => said.some((one) => isAboutSame(one, rule, Number(own.pg_version)))
      const others = rulesFor(cluster, own, fleet).filter((rule) => !isSaid(rule))
      return placedAmong(said, others, Number(own.pg_version))
    },
    get hba_exclusive() {
      return contents().pg_hba_exclusive
    },
    get databases() {
      return contents().pg_databases ?? []
    },
    get roles() {
      return contents().pg_roles ?? []
    },
    get extensions() {
      return contents().pg_extensions ?? []
    },
    get tables() {
      return contents().pg_tables ?? []
    },
    get tablespaces() {
      return contentsOf(upstreams.at(-1) ?? host).pg_tablespaces ?? []
    },
    get packages() {
      return contents().pg_packages ?? []
    },
  }
}

/** Nobody keeps his own: a group's are kept by those of it that are standbys. */
function backupOf(
  { backup_of: name }: TopologyVariables,
  self: string,
  { primaryOf }: FleetOfClusters,
): WantedView['backup_of'] {
  if (name === undefined) return null
  const host = primaryOf.get(name) ?? name
  return host === self ? null : { host, name }
}

function subscriptionView(
  { name, publisher, publications, slot, tables }: WantedCluster['subscriptions'][number],
  own: TopologyVariables,
  fleet: FleetOfClusters,
): WantedViewSubscription {
  const from = fleet.variables.get(publisher)!
  const said = own.pg_subscriptions?.find((one) => one.name === name)
  return {
    ...{ name, publisher, publications, slot, tables },
    brings: tables === null || tables.length > 0,
    copy_data: said?.copy_data ?? true,
    ...(hasFailoverSlots(publisher, fleet.topology) ? { failover: true } : {}),
    connection: { ...connectionTo(publisher, fleet), dbname: from.pg_replicated_database },
  }
}

/** Standbys have none of their own: what they are asked for is in `failover_slots`. */
function subscribersOf(host: string, topology: FleetOfClusters['topology']): WantedViewSubscriber[] {
  const failover = hasFailoverSlots(host, topology) ? { failover: true as const } : {}
  return [...topology.values()].flatMap(({ host: subscriber, subscriptions, database }) =>
    subscriptions
      .filter(({ publisher }) => publisher === host)
      .map(({ slot, name, publications }) => ({
        ...{ host: subscriber, slot, name, publications, database },
        ...failover,
      })),
  )
}
