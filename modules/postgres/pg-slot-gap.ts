import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, list, nonEmpty } from '../../contract/params.ts'
import { readScripts } from '../../contract/read-commands.ts'
import { identifier, lsn, slotName } from '../../postgres/catalog/names.ts'
import { type Cluster, requirePrimary, targetOf } from '../../postgres/cluster/cluster.ts'
import { keyOfCluster } from '../../postgres/cluster/key.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { lsnBytes } from '../../postgres/replication/upstream.ts'
import { digits, type Lost, PUBLISHED_FILES, readLost } from '../../postgres/slot/gap.ts'
import { GAP_SCRIPT } from '../../postgres/slot/gap-script.ts'
import { SERVER_USER } from '../../postgres/subscription/publisher.ts'

const params = z.strictObject({
  ...clusterParams,
  slot: slotName.meta({ description: 'The slot of the subscription.', example: 'vm4_from_vm1' }),
  renamed_from: slotName.optional().meta({
    unset: 'only `slot`',
    description: 'The name to look under where there is no slot of that name yet.',
    example: 'vm3_from_vm1',
  }),
  db: identifier.default('postgres').meta({
    description: 'Database of the publications.',
    example: 'app',
    aliases: ['database'],
  }),
  publications: list(identifier, { min: 1 }).meta({
    description: 'What the subscription subscribes to.',
    example: ['test_pub'],
  }),
  applied: lsn.meta({
    description:
      "Where the subscriber stands: remote_lsn of the subscription's replication origin (pg_replication_origin_status).",
    example: '0/1A2B3C8',
  }),
  streamed_by: nonEmpty().optional().meta({
    unset: 'none',
    description:
      'The host that streams from it until now. A check that plans to stop its server takes it for granted that nothing is lost: until then it confirms what the subscriber gets by other ways.',
    example: 'vm3',
  }),
  lost_changes: choice('refuse', 'report').default('refuse').meta({
    description: '`report`: the registered result says whether there are any, in `lost`.',
  }),
})
type Params = z.infer<typeof params>

interface State {
  host: string
  slot: string
  confirmed: string
  lost: Lost[]
  /** Why it cannot be told. */
  unknown: string | null
}

/**
 * A slot never sends again what was confirmed. A subscriber whose replication origin stands before that, as that of a
 * standby that was promoted, never gets what was committed in between.
 */
export const pgSlotGapModule = defineModule<Params, State>({
  name: 'pg_slot_gap',
  summary:
    'Finds, on a publisher, changes that a slot has confirmed and a subscriber has not applied; changes nothing',
  reads: [readScripts(GAP_SCRIPT)],
  changesNothing: () => true,
  params,
  async inspect(host, given): Promise<State> {
    const cluster = await requirePrimary(host, given)
    const on = targetOf(cluster, given.db)
    const names = [given.slot, given.renamed_from ?? given.slot]
    const [row] = await host.sql(on, POSITIONS, [...names, given.publications, given.applied])
    if (!row)
      throw new Refusal(
        `there is no slot ${[...new Set(names)].join(' or ')} on ${host.name}`,
        'Without it nothing tells what its subscriber has confirmed.',
      )
    const base = { host: host.name, slot: row.slot, confirmed: row.confirmed, lost: [], unknown: null }
    if (isStopping(host, cluster, given)) return base
    // Who streams from a slot of its own confirms what it has: a position read before is behind that, and nothing is lost.
    if (row.streams || lsnBytes(row.confirmed) <= lsnBytes(given.applied)) return base
    return { ...base, ...(await scan(host, cluster, row as Positions, given)) }
  },
  plan(state, given) {
    if (given.lost_changes === 'refuse') refuseLost(state, given)
    return { changes: [], steps: [], notes: noteOn(state) }
  },
  result: ({ state: { slot, confirmed, lost, unknown } }) => ({
    slot,
    confirmed,
    lost: lost.length > 0 || unknown !== null,
    transactions: lost,
    unknown,
  }),
})

/** Planned: whoever streams from it now shuts down, and hands all that it has to its standby. */
const isStopping = (host: HostReader, cluster: Cluster, { streamed_by }: Params): boolean =>
  streamed_by !== undefined && host.predictedOn(streamed_by, keyOfCluster(cluster))?.running === false

interface Positions {
  confirmed: string
  /** The slot has its new name, and its subscriber is there. */
  streams: boolean
  /** Names of WAL segments to begin with, the nearest first. */
  segments: string[]
  end: string
  last_segment: string
  directory: string
  tables: string
}

const POSITIONS = `with slot as (select slot_name, confirmed_flush_lsn, slot_name = $1 and $1 <> $2 and active as streams
    from pg_replication_slots
    where slot_name in ($1, $2) and slot_type = 'logical' order by slot_name = $1 desc limit 1),
  published as (select format('%I.%I', schemaname, tablename)::regclass as relid from pg_publication_tables
    where pubname = any ($3)),
  oldest as (select min(name) as name from pg_ls_waldir()
    where name ~ '^[0-9A-F]{24}$' and left(name, 8) = left(pg_walfile_name(pg_current_wal_lsn()), 8)),
  size as (select pg_size_bytes(current_setting('wal_segment_size')) as bytes),
  start as (select greatest(oldest.name, pg_walfile_name('0/0'::pg_lsn
      + greatest(($4::pg_lsn - '0/0'::pg_lsn) - back * size.bytes, size.bytes))) as name, back
    from oldest, size, unnest(array[1, 16, 256]) back
    where pg_walfile_name($4::pg_lsn) >= oldest.name)
select slot_name::text as slot, confirmed_flush_lsn::text as confirmed, streams, flush.lsn::text as "end",
  pg_walfile_name(flush.lsn) as last_segment,
  current_setting('data_directory') || '/pg_wal' as directory,
  (select coalesce(json_agg(name order by name desc), '[]') from (select distinct name from start) s) as segments,
  ${PUBLISHED_FILES} as tables
from slot, (select pg_current_wal_flush_lsn() as lsn) flush`

/** Begins near, and further back where it sees no record of the running transactions before the range. */
async function scan(host: HostReader, cluster: Cluster, at: Positions, { applied }: Params) {
  const program = `/usr/lib/postgresql/${cluster.version}/bin/pg_waldump`
  const range = [digits(applied), digits(at.confirmed)]
  let last = 'WAL from there on is no longer on the publisher'
  for (const segment of at.segments) {
    const argv = ['sh', '-c', GAP_SCRIPT, 'sh', program, at.directory, segment, at.last_segment]
    argv.push(at.end, ...range, at.tables)
    const { stdout } = await host.read(argv, { as: SERVER_USER, env: { LC_ALL: 'C' } })
    const lines = stdout.trim().split('\n')
    const error = lines.find((line) => line.startsWith('pg_waldump: error'))
    if (!error && lines.includes('base')) return { lost: lines.flatMap(readLost), unknown: null }
    last = error ?? `no record of running transactions was found before ${applied}`
  }
  return { lost: [], unknown: last }
}

function refuseLost({ host, slot, confirmed, lost, unknown }: State, { applied }: Params): void {
  if (lost.length === 0 && unknown === null) return
  const rows = lost.reduce((sum, one) => sum + one.rows, 0)
  throw new Refusal(
    unknown !== null
      ? `nobody can tell whether slot ${slot} on ${host} has confirmed changes that are not here: ${unknown}`
      : `slot ${slot} on ${host} has confirmed ${lost.length} transactions with ${rows} changed rows that are not here, and would never send them again`,
    'If the old server or its disk still lives, start it without its subscription workers (max_logical_replication_workers = 0), and let its standby catch up. Else copy the published tables anew: -e lost_changes=recopy of playbooks/failover.yaml and switchover.yaml.',
    [
      `confirmed up to ${confirmed}, applied here up to ${applied}`,
      ...lost.slice(0, 5).map((one) => `transaction ${one.xid} at ${one.lsn}: ${one.rows} rows`),
      ...(lost.length > 5 ? [`and ${lost.length - 5} more`] : []),
    ],
  )
}

const noteOn = ({ slot, lost, unknown }: State): string[] | undefined =>
  unknown !== null
    ? [`whether slot ${slot} has confirmed changes that are not here cannot be told: ${unknown}`]
    : lost.length > 0
      ? [`slot ${slot} has confirmed ${lost.length} transactions that are not here`]
      : undefined
