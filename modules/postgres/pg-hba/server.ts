import { type Prediction, predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Step } from '../../../contract/plan.ts'
import { type Cluster, clusterRow, targetOf } from '../../../postgres/cluster/cluster.ts'
import { filesReadKey, type HbaFact, hbaKey } from '../../../postgres/hba/fact.ts'

/** A pg_hba.conf and the server that reads it. */
export interface HbaState {
  cluster: Cluster
  path: string
  /** Null where no server can be asked. */
  fact: HbaFact | null
}

// A line that can never match (hostssl with ssl off) has an error text too, but is loaded: its type is not null.
const REFUSED = 'error is not null and type is null'
const HBA = `select (select json_agg(json_build_object('line', line_number, 'error', error) order by line_number)
    from pg_hba_file_rules where ${REFUSED}) as errors,
  coalesce((pg_stat_file(current_setting('hba_file'), true)).modification > pg_conf_load_time(), false) as stale,
  pg_conf_load_time()::text as loaded_at`
const VERIFY = `select 'line ' || line_number || ': ' || error from pg_hba_file_rules where ${REFUSED}`

/** Null where no server can be asked. */
export async function readHbaFact(host: HostReader, cluster: Cluster): Promise<HbaFact | null> {
  if (!cluster.running || cluster.notReady || cluster.peek || cluster.copyOf) return null
  return clusterRow(host, cluster, hbaKey(cluster), HBA, [])
}

/** The server has not read the file since it was written, as it is or as an earlier task of this check writes it. */
export function isUnread(host: HostReader, { cluster, path, fact }: HbaState): boolean {
  if (!fact) return false
  const read = filesReadKey(cluster)
  return host.writtenSince(path, read) || (fact.stale && !host.predicted(read))
}

export function writeSteps(state: HbaState, content: string): Step[] {
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
  const verify = { on: targetOf(state.cluster), text: VERIFY }
  return [{ do: 'guard', title: 'the new rules', steps: [write], verify }, ...reloadSteps(state)]
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
      message: 'the server was told to reload pg_hba.conf, but has not done so',
    },
  ]
}

export const predictHba = ({ cluster, fact }: HbaState): Prediction[] =>
  fact
    ? [
        predict(hbaKey(cluster), { ...fact, errors: null, stale: false }),
        predict(filesReadKey(cluster), true),
      ]
    : []
