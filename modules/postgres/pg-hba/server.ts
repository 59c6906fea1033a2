import { type Prediction, predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Step } from '../../../contract/plan.ts'
import { type Cluster, clusterRow, targetOf } from '../../../postgres/cluster/cluster.ts'
import { filesReadKey, type HbaFact, hbaKey, identKey } from '../../../postgres/hba/fact.ts'

/** A file that says who may log in, and what its server says about it. */
interface AccessFile {
  key: typeof hbaKey
  query: string
  /** A query whose rows are complaints. */
  verify: string
}

/** A pg_hba.conf and the server that reads it. */
export interface HbaState {
  cluster: Cluster
  path: string
  /** Null where no server can be asked. */
  fact: HbaFact | null
}

// A line that can never match (hostssl with ssl off) has an error text too, but is loaded: its type is not null.
const REFUSED = 'error is not null and type is null'
const read = (setting: string, errors: string): string => `select ${errors} as errors,
  coalesce((pg_stat_file(current_setting('${setting}'), true)).modification > pg_conf_load_time(), false) as stale,
  pg_conf_load_time()::text as loaded_at`

const hbaFile: AccessFile = {
  key: hbaKey,
  query: read(
    'hba_file',
    `(select json_agg(json_build_object('line', line_number, 'error', error) order by line_number)
    from pg_hba_file_rules where ${REFUSED})`,
  ),
  verify: `select 'line ' || line_number || ': ' || error from pg_hba_file_rules where ${REFUSED}`,
}

/** What `verify` asks there is from PostgreSQL 15 on. */
export const identFile: AccessFile = {
  key: identKey,
  query: read('ident_file', 'null'),
  verify:
    "select 'line ' || line_number || ': ' || error from pg_ident_file_mappings where error is not null",
}

/** Null where no server can be asked. */
export async function readHbaFact(
  host: HostReader,
  cluster: Cluster,
  { key, query }: AccessFile = hbaFile,
): Promise<HbaFact | null> {
  if (!cluster.running || cluster.notReady || cluster.peek || cluster.copyOf) return null
  return clusterRow(host, cluster, key(cluster), query, [])
}

/** The server has not read the file since it was written, as it is or as an earlier task of this check writes it. */
export function isUnread(host: HostReader, { cluster, path, fact }: HbaState): boolean {
  if (!fact) return false
  const read = filesReadKey(cluster)
  return host.writtenSince(path, read) || (fact.stale && !host.predicted(read))
}

export function writeSteps(state: HbaState, content: string, complaints = hbaFile.verify): Step[] {
  const write: Step = {
    do: 'write_file',
    path: state.path,
    content,
    keeps: true,
    // One that is there keeps who may read it.
    ...(state.cluster.fresh || state.cluster.copyOf
      ? { owner: 'postgres', group: 'postgres', mode: '0640' }
      : {}),
  }
  if (!state.cluster.running || state.cluster.notReady) return [write]
  const verify = { on: targetOf(state.cluster), text: complaints }
  return [{ do: 'guard', title: 'the new lines', steps: [write], verify }, ...reloadSteps(state)]
}

/** pg_reload_conf() only sends a signal: the rules are in force once the server has read its files anew. */
export function reloadSteps({ cluster, fact }: HbaState): Step[] {
  const on = targetOf(cluster)
  const ready = {
    on,
    text: 'select 1 where pg_conf_load_time() > $1::timestamptz',
    values: [fact?.loaded_at ?? '-infinity'],
  }
  return [
    { do: 'sql', on, text: 'select pg_reload_conf()', title: 'the reload' },
    {
      do: 'wait',
      ready,
      timeout: 10,
      message: 'the server was told to read its files anew, but has not done so',
    },
  ]
}

export const predictHba = ({ cluster, fact }: HbaState, { key }: AccessFile = hbaFile): Prediction[] =>
  fact
    ? [predict(key(cluster), { ...fact, errors: null, stale: false }), predict(filesReadKey(cluster), true)]
    : []
