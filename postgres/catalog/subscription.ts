import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, databaseRow } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'
import { majorOf } from './version.ts'

/** Options of CREATE SUBSCRIPTION that the catalogue keeps; null: this server does not know it. */
export interface SubscriptionOptions {
  synchronous_commit: string
  binary: boolean | null
  streaming: 'off' | 'on' | 'parallel' | null
  two_phase: boolean | null
  disable_on_error: boolean | null
  origin: string | null
  password_required: boolean | null
  run_as_owner: boolean | null
  failover: boolean | null
}

export interface Subscription extends SubscriptionOptions {
  oid: number
  owner: string
  enabled: boolean
  conninfo: string
  /** null: it was set to NONE */
  slot_name: string | null
  /** Sorted. */
  publications: string[]
  /** Its apply worker runs. */
  running: boolean
  /** `schema.table` → srsubstate: i, d, f, s, r (ready) */
  tables: Record<string, string>
}

export const subscriptionKey = defineDatabaseFact<Subscription | null>('subscription')

/** First major version that has the option. */
export const OPTION_SINCE: Record<keyof SubscriptionOptions, number> = {
  synchronous_commit: 10,
  binary: 14,
  streaming: 14,
  two_phase: 15,
  disable_on_error: 15,
  origin: 16,
  password_required: 16,
  run_as_owner: 16,
  failover: 17,
}
export const OPTION_NAMES = Object.keys(OPTION_SINCE) as (keyof SubscriptionOptions)[]

/** What CREATE SUBSCRIPTION takes where nothing is said. */
export function defaultOptions(major: number): SubscriptionOptions {
  const since = <T>(option: keyof SubscriptionOptions, value: T): T | null =>
    major >= OPTION_SINCE[option] ? value : null
  return {
    synchronous_commit: 'off',
    binary: since('binary', false),
    streaming: since('streaming', major >= 18 ? 'parallel' : 'off'),
    two_phase: since('two_phase', false),
    disable_on_error: since('disable_on_error', false),
    origin: since('origin', 'any'),
    password_required: since('password_required', true),
    run_as_owner: since('run_as_owner', false),
    failover: since('failover', false),
  }
}

const column = (major: number, option: keyof SubscriptionOptions, text: string): string =>
  `${major >= OPTION_SINCE[option] ? text : 'null'} as ${option}`

const streaming = (major: number): string =>
  major >= 16
    ? "case s.substream when 'p' then 'parallel' when 't' then 'on' else 'off' end"
    : "case when s.substream then 'on' else 'off' end"

const subscriptionQuery = (
  major: number,
): string => `select s.oid, pg_get_userbyid(s.subowner)::text as owner,
  s.subenabled as enabled, s.subconninfo as conninfo, s.subslotname::text as slot_name,
  s.subsynccommit as synchronous_commit, ${[
    column(major, 'binary', 's.subbinary'),
    column(major, 'streaming', streaming(major)),
    column(major, 'two_phase', "s.subtwophasestate <> 'd'"),
    column(major, 'disable_on_error', 's.subdisableonerr'),
    column(major, 'origin', 's.suborigin'),
    column(major, 'password_required', 's.subpasswordrequired'),
    column(major, 'run_as_owner', 's.subrunasowner'),
    column(major, 'failover', 's.subfailover'),
  ].join(', ')},
  (select json_agg(p order by p collate "C") from unnest(s.subpublications) p) as publications,
  exists (select from pg_stat_subscription t where t.subid = s.oid and t.relid is null and t.pid is not null) as running,
  (select coalesce(json_object_agg(n.nspname || '.' || c.relname, r.srsubstate), '{}') from pg_subscription_rel r
    join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace
    where r.srsubid = s.oid) as tables
  from pg_subscription s join pg_database d on d.oid = s.subdbid
  where d.datname = current_database() and s.subname = $1`

export const readSubscription = (host: HostReader, cluster: Cluster, database: Database, name: string) =>
  databaseRow(
    host,
    cluster,
    database,
    subscriptionKey(cluster, database.name, name),
    subscriptionQuery(majorOf(cluster)),
    [name],
  )
