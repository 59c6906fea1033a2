import { isIP } from 'node:net'
import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { isAboutSame } from '../../modules/postgres/pg-hba/same.ts'
import { parseQualified, writeQualified } from '../../postgres/catalog/names.ts'
import { Diagnostics } from '../errors.ts'
import type { Vars } from '../hosts/variables.ts'
import type { Inventory } from '../load/types.ts'
import { awaitedSlots, hasFailoverSlots, keepsFailoverSlots, OF_ONE_SERVER } from './failover-slots.ts'
import { primariesOf } from './ha-groups.ts'
import type { ContentsVariables, TopologyVariables } from './schema.ts'
import { contentsVariables, topologyVariables } from './variables.ts'
import { publicationsOf, type WantedCluster, wantedTopology } from './wanted.ts'

/** `pg_wanted`: what the inventory wants of one host's cluster, as playbooks read it. Lists are empty where there is nothing. */
export interface WantedView {
  role: 'primary' | 'standby'
  version: string
  cluster: string
  port: number
  /** Of the cluster that waits beside it during an upgrade. */
  resting_port: number
  /** How others reach it. */
  address: string
  /** Its names and the address they lead to, for /etc/hosts of the others; null where no address is said. */
  host_entry: { address: string; names: string[] } | null
  /** What becomes of such lines of the others on this host. */
  host_names: 'keep' | 'present' | 'absent'
  /** Where its publications and subscriptions are. */
  database: string
  replication_user: string
  replication_password: string | null
  /** How others log in to it, for the modules that connect. */
  connection: Connection
  tls: 'authority' | 'keep'
  /** Whether anybody said so. */
  tls_said: boolean
  /** The host that a standby follows, and its slot there. */
  upstream: string | null
  upstream_connection: Connection | null
  slot: string | null
  /** Hosts, the next first, up to the primary. */
  upstreams: string[]
  /** Arguments of pg_publication. */
  publications: Record<string, unknown>[]
  subscriptions: WantedViewSubscription[]
  /** How subscribers log in to it. */
  publisher_connection: Connection & { dbname: string }
  /** Hosts that subscribe to it, and that follow it. */
  subscribers: WantedViewSubscriber[]
  standbys: { host: string; slot: string }[]
  /** Hosts that stand in for each other, itself among them; null: its role is declared. */
  ha_group: string | null
  /** Whose backups it keeps, and under which name; null: nobody's. */
  backup_of: { host: string; name: string } | null
  /** Of a publisher, whether its standbys keep the slots of its subscribers; of a standby, whether it keeps its primary's. */
  failover_slots: boolean
  /**
   * Of a publisher whose standbys keep its slots: synchronized_standby_slots. Of such a standby: the same, once it has taken
   * over. Null where the user says something of it.
   */
  awaited_slots: string | null
  /** keep: how it follows others is not play's business. */
  replication: 'managed' | 'keep'
  /** Whether other servers log in to it. */
  has_peers: boolean
  /** What the replication role must be able to read: arguments of pg_grant. */
  readable: Record<string, unknown>[]
  /** Arguments of pg_conf. */
  settings: { settings: Vars; at_least: Vars; defaults: Vars }
  /** Names of those that are said of this very host, in small letters, as in files. */
  own_settings: string[]
  /** Of pg_conf, for a standby that has become a primary. */
  as_primary: Vars
  /** The same, of the file in conf.d that standby_signal writes. */
  no_standby: Vars
  /** Of pg_conf, for a primary that has become a standby. */
  as_standby: Vars
  /** Rules of pg_hba for the other servers, behind those of the user. */
  hba_rules: Record<string, unknown>[]
  hba_exclusive: boolean
  /** Arguments of pg_database, pg_role, pg_extension and pg_table. */
  databases: Record<string, unknown>[]
  roles: Record<string, unknown>[]
  extensions: Record<string, unknown>[]
  tables: Record<string, unknown>[]
  /** Arguments of pg_tablespace, of its primary. */
  tablespaces: Record<string, unknown>[]
  packages: string[]
}

/** A subscription of another host to this one. */
export interface WantedViewSubscriber {
  host: string
  slot: string
  name: string
  publications: string[]
  /** On the host that subscribes. */
  database: string
  /** As in its own view. */
  failover?: true
}

export interface WantedViewSubscription {
  name: string
  publisher: string
  publications: string[]
  slot: string
  copy_data: boolean
  /** Null where the inventory does not list them. */
  tables: string[] | null
  /** Whether its slot is kept by the publisher's standbys; left out where there is nothing to say of it. */
  failover?: true
  /** Whether anything may come: its publisher may publish nothing for now. */
  brings: boolean
  /** To the publisher, with its database. */
  connection: Connection & { dbname: string }
}

/** Keywords of libpq. */
export interface Connection {
  host: string
  /** Left out where it is libpq's own default. */
  port?: number
  /** Left out where it is postgres. */
  dbname?: string
  user: string
  passfile: string
  sslmode: string
  sslrootcert?: string
}

/** Where a server has the password that it logs in to others with. */
export const PASSFILE = '/var/lib/postgresql/play.pgpass'
/** Of the certificates that play makes. */
export const FOLDER = '/etc/postgresql-common/tls'
const ROOT_CERT = `${FOLDER}/root.crt`

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

interface FleetOfClusters {
  variables: ReadonlyMap<string, TopologyVariables>
  topology: ReadonlyMap<string, WantedCluster>
  address: (host: string) => string
  /** Where play logs in. */
  reached: (host: string) => string
  /** Of each pg_ha_group. */
  primaryOf: ReadonlyMap<string, string>
}

function hostEntry(host: string, { address, reached }: FleetOfClusters): WantedView['host_entry'] {
  const known = [address(host), reached(host)]
  const ip = known.find((one) => isIP(one) !== 0)
  const names = [...new Set([host, ...known])].filter((one) => isIP(one) === 0)
  return ip === undefined || names.length === 0 ? null : { address: ip, names }
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
      return [...said, ...rulesFor(cluster, own, fleet).filter((rule) => !isSaid(rule))]
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

/**
 * How others log in to a server. A certificate that nobody vouches for is no proof of with whom one speaks; the password is
 * never sent in clear (scram-sha-256).
 */
function connectionTo(host: string, fleet: FleetOfClusters): Connection {
  const { pg_port, pg_replication_user, pg_replicated_database, pg_tls } = fleet.variables.get(host)!
  return {
    host: fleet.address(host),
    ...(pg_port === 5432 ? {} : { port: pg_port }),
    ...(pg_replicated_database === 'postgres' ? {} : { dbname: pg_replicated_database }),
    user: pg_replication_user,
    passfile: PASSFILE,
    ...(pg_tls === 'keep' ? TRUSTING : VERIFYING),
  }
}

/** How the TLS of a connection is, by the pg_tls of the server that it leads to. */
export const TRUSTING = { sslmode: 'prefer' }
export const VERIFYING = { sslmode: 'verify-full', sslrootcert: ROOT_CERT }

function publicationArguments(own: TopologyVariables): Record<string, unknown>[] {
  if (own.pg_publications) return own.pg_publications
  return publicationsOf(own).map(({ name, tables }) => ({ name, tables }))
}

type TableArgument = string | { name: string }
/** As an argument: plain names cannot be taken apart again where there are dots in them. */
const nameOf = (table: TableArgument): string =>
  writeQualified(parseQualified(typeof table === 'string' ? table : table.name))

/** What initial copies read: the tables, and the schemas that they are in. */
function readableOf(own: TopologyVariables): Record<string, unknown>[] {
  const published = publicationArguments(own)
  const tables = published.flatMap(({ tables }) =>
    ((tables as TableArgument[] | undefined) ?? []).map(nameOf),
  )
  const whole = published.flatMap(({ schemas }) => (schemas as string[] | undefined) ?? [])
  const schemas = [...new Set([...tables.map((table) => parseQualified(table).schema), ...whole])].sort()
  return [
    ...(schemas.length > 0 ? [{ type: 'schema', objects: schemas, privileges: ['USAGE'] }] : []),
    ...(tables.length > 0
      ? [{ type: 'table', objects: [...new Set(tables)].sort(), privileges: ['SELECT'] }]
      : []),
    ...whole.map((schema) => ({ type: 'table', in_schema: schema, privileges: ['SELECT'] })),
  ]
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

function upstreamsOf(host: string, { topology }: FleetOfClusters): string[] {
  const found: string[] = []
  for (
    let at = topology.get(host)?.upstream;
    at != null && !found.includes(at);
    at = topology.get(at)?.upstream
  )
    found.push(at)
  return found
}

/** What a cluster needs for what is described, and not more: preferences are the user's. */
function settingsOf(
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

const saidSettings = ({ pg_settings, pg_group_settings, pg_host_settings }: ContentsVariables): Vars => ({
  ...pg_settings,
  ...pg_group_settings,
  ...pg_host_settings,
})

/** Those with whom it may come to exchange anything: whoever hangs together with it, by what is not kept as it is. */
function peersOf(host: string, { topology }: FleetOfClusters): string[] {
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

function rulesFor(
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

const networkOf = (address: string): string => (isIP(address) === 6 ? `${address}/128` : `${address}/32`)

/** Servers are let in by address. @throws {PlayErrors} */
function checkLogins(fleet: FleetOfClusters, inventory: Inventory): void {
  const diagnostics = new Diagnostics()
  for (const [host, { pg_allowed_network, pg_replication_password }] of fleet.variables) {
    const peers = peersOf(host, fleet)
    const pos = inventory.hosts.get(host)?.where('pg_version')
    const names = pg_allowed_network ? [] : peers.filter((peer) => isIP(fleet.address(peer)) === 0)
    if (names.length > 0)
      diagnostics.add(
        'inventory',
        `${host}: ${names.map((name) => `${fleet.address(name)} of ${name}`).join(', ')} is no address, by which pg_hba.conf could let it in`,
        { pos, hint: `Give it pg_address, or say pg_allowed_network for ${host}: 10.0.0.0/24, for example.` },
      )
    if (peers.length > 0 && pg_replication_password === undefined)
      diagnostics.add('inventory', `${host}: pg_replication_password is missing`, {
        pos,
        hint: 'The servers log in to each other with it. Keep it in a file of its own that nobody else can read.',
      })
  }
  diagnostics.throwIfAny()
}

/**
 * A table that two servers write which subscribe to each other sends its rows in circles, and doubles them.
 * @throws {PlayErrors}
 */
function checkCircles({ topology, variables }: FleetOfClusters, inventory: Inventory): void {
  const diagnostics = new Diagnostics()
  const tablesOf = (name: string) =>
    topology.get(name)?.publications.flatMap(({ tables }) => tables ?? []) ?? []
  for (const { host, subscriptions } of topology.values())
    for (const { publisher } of subscriptions) {
      const isMutual = topology.get(publisher)?.subscriptions.some((one) => one.publisher === host)
      const both = tablesOf(publisher).filter((table) => tablesOf(host).includes(table))
      if (!isMutual || both.length === 0 || host > publisher) continue
      const name = variables.get(host)!.pg_publications ? 'pg_publications' : 'publishes'
      diagnostics.add(
        'inventory',
        `${both.join(', ')}: a table is published by two hosts that subscribe to each other, ${host} and ${publisher}`,
        {
          pos: inventory.hosts.get(host)?.where(name),
          hint: 'Its rows would go in circles: give each a table of its own.',
        },
      )
    }
  diagnostics.throwIfAny()
}
