import { lsnBytes } from '../../../postgres/replication/upstream.ts'
import type { Names } from '../../topology/shorthand.ts'
import type { WantedCluster } from '../../topology/wanted.ts'
import type { Look, SeenSubscription, ServerLook } from './look.ts'

/** A cluster as it is, in the words in which WantedCluster says what it should be. */
export interface FoundCluster extends Lag {
  state: Look['state']
  role: 'primary' | 'standby' | null
  /** `15.18` */
  version: string | null
  /** Name of a host where the inventory has one of that address; else the address. */
  upstream: string | null
  slot: string | null
  /** null: it is no standby. */
  streaming: boolean | null
  replay_paused: boolean | null
  /** `tables` is null for all tables. */
  publications: { name: string; tables: string[] | null }[]
  subscriptions: FoundSubscription[]
  slots: FoundSlot[]
}

/** How far something is behind; null where it cannot be told. */
export interface Lag {
  lag_bytes: number | null
  lag_seconds: number | null
}

export interface FoundSubscription extends Lag {
  name: string
  database: string
  publisher: string | null
  publications: string[]
  slot: string | null
  enabled: boolean
  /** Its apply worker runs. */
  running: boolean
  /** `schema.table` → pg_subscription_rel.srsubstate; null: they are in another database. */
  tables: Record<string, string> | null
  errors: number
}

export interface FoundSlot {
  name: string
  type: 'physical' | 'logical'
  active: boolean
  wal_status: string | null
  /** Bytes of WAL that it holds back. */
  retained_bytes: number | null
  /** A standby's copy of its primary's, which nobody streams from. */
  kept: boolean
}

/** The servers that answered, by host, and what names their addresses have. */
export interface Surroundings {
  /** Of the inventory. */
  hosts: readonly string[]
  names: Names
  servers: ReadonlyMap<string, ServerLook>
  /** The host of an address: `expected` where it is its address, else the first that has it, else the address. */
  nameOf(address: string, expected?: string | null): string
}

export function foundCluster(look: Look, wanted: WantedCluster, around: Surroundings): FoundCluster {
  if (look.state !== 'running') return { state: look.state, ...NOTHING }
  const { server } = look
  return {
    state: 'running',
    role: server.recovery ? 'standby' : 'primary',
    version: server.version,
    ...foundStandby(server, wanted, around),
    // What a standby holds is its primary's.
    publications: server.recovery ? [] : server.publications.map(({ name, tables }) => ({ name, tables })),
    subscriptions: server.recovery
      ? []
      : server.subscriptions.map((seen) => foundSubscription(seen, wanted, around)),
    slots: server.slots
      .filter(({ temporary }) => !temporary)
      .map(({ name, type, active, wal_status, retained, synced }) => ({
        name,
        type,
        active,
        wal_status,
        retained_bytes: retained,
        kept: synced,
      })),
  }
}

const NOTHING: Omit<FoundCluster, 'state'> = {
  role: null,
  version: null,
  upstream: null,
  slot: null,
  streaming: null,
  replay_paused: null,
  lag_bytes: null,
  lag_seconds: null,
  publications: [],
  subscriptions: [],
  slots: [],
}

function foundStandby({ standby }: ServerLook, wanted: WantedCluster, around: Surroundings) {
  const { upstream, slot, streaming, replay_paused, lag_bytes, lag_seconds } = NOTHING
  if (!standby) return { upstream, slot, streaming, replay_paused, lag_bytes, lag_seconds }
  const streams = standby.status === 'streaming'
  const host = standby.host ?? standby.configured_host
  const name = host === null ? null : around.nameOf(host, wanted.upstream)
  const above = name === null ? undefined : around.servers.get(name)
  const bytes = behind(above?.written ?? standby.upstream_wrote, standby.replayed)
  return {
    upstream: name,
    slot: streams ? standby.slot : (standby.slot ?? standby.primary_slot),
    streaming: streams,
    replay_paused: standby.paused,
    lag_bytes: bytes,
    lag_seconds: secondsBehind(streams, bytes, standby),
  }
}

/** The age of what was replayed last says nothing while there is nothing to replay: an idle primary commits nothing. */
function secondsBehind(
  streams: boolean,
  bytes: number | null,
  { received, replayed, since }: NonNullable<ServerLook['standby']>,
): number | null {
  if (bytes === 0) return 0
  if (behind(received, replayed) === 0) return streams ? 0 : null
  return since === null ? null : Math.max(0, since)
}

function behind(from: string | null | undefined, to: string | null): number | null {
  if (from == null || to === null) return null
  return Math.max(0, Number(lsnBytes(from) - lsnBytes(to)))
}

function foundSubscription(
  seen: SeenSubscription,
  wanted: WantedCluster,
  around: Surroundings,
): FoundSubscription {
  const expected = wanted.subscriptions.find(({ name }) => name === seen.name)?.publisher
  const publisher = seen.host === null ? null : around.nameOf(seen.host, expected)
  const above = publisher === null ? undefined : around.servers.get(publisher)
  const slot = above?.slots.find(({ name }) => name === seen.slot)
  return {
    name: seen.name,
    database: seen.database,
    publisher,
    publications: [...seen.publications].sort(),
    slot: seen.slot,
    enabled: seen.enabled,
    running: seen.pid !== null,
    tables: seen.tables,
    errors: seen.errors ?? 0,
    lag_bytes: slot?.behind == null ? null : Math.max(0, slot.behind),
    // No delay is measured where nothing is under way.
    lag_seconds: slot ? (slot.delay ?? (slot.active ? 0 : null)) : null,
  }
}
