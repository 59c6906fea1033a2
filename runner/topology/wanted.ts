import { parseQualified, plainName } from '../../postgres/catalog/names.ts'
import { slotNameFor } from '../../postgres/subscription/slot-name.ts'
import type { NamedSubscription, TopologyVariables } from './schema.ts'
import { PUBLICATION, subscriptionTo } from './shorthand.ts'

/** A cluster as the inventory wants it. */
export interface WantedCluster {
  host: string
  version: string
  cluster: string
  /** Where its publications and subscriptions are. */
  database: string
  role: 'primary' | 'standby'
  /** How it follows others is not play's business: pg_replication: keep. */
  kept: boolean
  /** The host that a standby follows, and the slot there; of one that is kept only where pg_slot_host says it. */
  upstream: string | null
  slot: string | null
  publications: WantedPublication[]
  subscriptions: WantedSubscription[]
  /** What others stream from here. */
  slots: { name: string; type: 'physical' | 'logical'; used_by: string }[]
}

export interface WantedPublication {
  name: string
  /** `schema.table`; null for all tables; undefined where the inventory does not list them. */
  tables?: string[] | null
  /** Tables of which some rows or columns alone are to be sent. */
  narrowed: string[]
  /** The operations that it is to send; undefined where the inventory does not list them. */
  publish?: string[]
}

export interface WantedSubscription {
  name: string
  /** Name of a host. */
  publisher: string
  publications: string[]
  /** On the publisher. */
  slot: string
  /** `schema.table`, those that the publisher publishes; null where the inventory does not list them. */
  tables: string[] | null
}

/** Every cluster of an inventory. A standby is a copy: what is in it is wanted of the primary alone. */
export function wantedTopology(hosts: ReadonlyMap<string, TopologyVariables>): WantedCluster[] {
  const publishedBy = (host: string): WantedPublication[] => {
    const variables = hosts.get(host)
    return variables ? publicationsOf(variables) : []
  }
  const clusters = [...hosts].map(([host, variables]): WantedCluster => {
    const {
      pg_version: version,
      pg_cluster: cluster,
      pg_replicated_database: database,
      standby_of,
    } = variables
    const kept = variables.pg_replication === 'keep'
    const named = variables.pg_slot_host ?? host
    const base = { host, version, cluster, database, kept, publications: [], subscriptions: [], slots: [] }
    const slot = kept && variables.pg_slot_host === undefined ? null : slotNameFor(named)
    if (standby_of !== undefined) return { ...base, role: 'standby', upstream: standby_of, slot }
    return {
      ...base,
      role: 'primary',
      upstream: null,
      slot: null,
      publications: publicationsOf(variables),
      subscriptions: subscriptionsOf(variables, publishedBy).map((one) => ({
        name: one.name,
        publisher: one.publisher,
        publications: one.publications.toSorted(),
        slot: one.slot ?? slotNameFor(named, one.name),
        tables: tablesOf(one.publications, publishedBy(one.publisher)),
      })),
    }
  })
  return clusters.map((cluster) => ({ ...cluster, slots: slotsOn(cluster.host, clusters) }))
}

/** Those of a host, under its own names or those of the shorthand. */
export function publicationsOf({ publishes, pg_publications }: TopologyVariables): WantedPublication[] {
  if (pg_publications) return pg_publications.map(wantedPublication)
  // One of no tables is there all the same: those that it had are to leave it.
  return publishes ? [{ name: PUBLICATION, tables: plainNames(publishes), narrowed: [] }] : []
}

function wantedPublication(args: Record<string, unknown>): WantedPublication {
  const { name, tables, schemas, all_tables, publish } = args as unknown as PublicationArguments
  const listed = (tables ?? []).map((table) => (typeof table === 'string' ? { name: table } : table))
  const narrowed = listed.filter(({ columns, where }) => columns !== undefined || where !== undefined)
  const wanted = { name, narrowed: plainNames(narrowed.map((table) => table.name)), publish }
  if (all_tables) return { ...wanted, tables: null }
  // What is in a schema is not known here.
  if (!tables || schemas) return wanted
  return { ...wanted, tables: plainNames(listed.map((table) => table.name)) }
}

/** Of pg_publication, as its own schema has found them to be. */
interface PublicationArguments {
  name: string
  tables?: (string | { name: string; columns?: unknown; where?: unknown })[]
  schemas?: string[]
  all_tables?: boolean
  publish?: string[]
}

const plainNames = (tables: readonly string[]): string[] =>
  tables.map((table) => plainName(parseQualified(table))).sort()

/** The shorthand subscribes to all that a publisher publishes. */
function subscriptionsOf(
  { subscribes_to = [], pg_subscriptions }: TopologyVariables,
  publishedBy: (host: string) => WantedPublication[],
): readonly NamedSubscription[] {
  if (pg_subscriptions) return pg_subscriptions
  return subscribes_to.map((publisher) => {
    const names = publishedBy(publisher).map(({ name }) => name)
    const publications = names.length > 0 ? names : [PUBLICATION]
    return { name: subscriptionTo(publisher), publisher, publications }
  })
}

function tablesOf(names: readonly string[], published: readonly WantedPublication[]): string[] | null {
  const lists = published.filter(({ name }) => names.includes(name)).map(({ tables }) => tables)
  const listed = lists.flatMap((tables) => tables ?? [])
  return lists.every((tables) => Array.isArray(tables)) ? [...new Set(listed)].sort() : null
}

const slotsOn = (host: string, clusters: readonly WantedCluster[]): WantedCluster['slots'] =>
  clusters.flatMap(({ host: used_by, upstream, slot, subscriptions }) => [
    ...(upstream === host && slot !== null ? [{ name: slot, type: 'physical' as const, used_by }] : []),
    ...subscriptions
      .filter(({ publisher }) => publisher === host)
      .map((subscription) => ({ name: subscription.slot, type: 'logical' as const, used_by })),
  ])
