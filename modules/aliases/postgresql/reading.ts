import type { HostReader } from '../../../contract/host.ts'
import { requireDatabase, requireServer, targetOf } from '../../../postgres/cluster/cluster.ts'
import type { ClusterParams } from '../../../postgres/cluster/meant.ts'
import { isReading } from '../../../postgres/sql/one-query.ts'
import { wordsOf } from '../../../postgres/sql/statements.ts'

/** Words of a SELECT or WITH that writes or locks rows: SELECT … INTO, … FOR UPDATE, WITH … AS (DELETE …). */
const WRITING = ['into', 'update', 'share', 'insert', 'delete', 'merge']

/** Whether a statement, by its words, only reads; what its functions do is another question. */
export function readsByItsWords(statement: string): boolean {
  if (!isReading(statement)) return false
  const words = [...wordsOf(statement)]
  if (words[0] === 'explain') return !words.includes('analyze') && !words.includes('analyse')
  return !words.some((word) => WRITING.includes(word))
}

/** Names with an opening parenthesis behind them, of their last part. */
function calledIn(statement: string): string[] {
  const words = [...wordsOf(statement)]
  const before = words.filter((_, at) => words[at + 1] === '(')
  return [...new Set(before.map((word) => word.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"')))]
}

/**
 * Of PostgreSQL's volatile functions those that only look (pg_is_in_recovery(), pg_database_size()). Of the others a READ
 * ONLY transaction refuses what writes rows, and not pg_reload_conf(), pg_promote(), pg_terminate_backend() and so on.
 */
const LOOKS =
  '^(pg_is_|pg_last_|pg_current_|pg_ls_|pg_read_|pg_stat_get_|pg_stat_file|pg_get_|pg_control_|pg_show_|pg_lock_|pg_hba_|' +
  'pg_available_|pg_ident_|pg_mcv_|pg_timezone_|pg_cursor|pg_prepared_|pg_sleep|txid_current_if|txid_snapshot|random|' +
  'gen_random_uuid|clock_timestamp|timeofday|pg_(.+_)?size$|currval|lastval)'

const ACTING = `select 1 from pg_proc where lower(proname) = any($1) and provolatile = 'v'
  and not (pronamespace = 'pg_catalog'::regnamespace and proname ~ $2) limit 1`

/** Whether statements that read by their words call a function that may do something. */
export async function callsWhatActs(
  host: HostReader,
  where: ClusterParams,
  db: string,
  statements: readonly string[],
): Promise<boolean> {
  const called = statements.flatMap(calledIn)
  if (called.length === 0) return false
  const cluster = await requireServer(host, where)
  // Nobody can be asked yet; nor will the query be.
  if (cluster.fresh || cluster.copyOf || (await requireDatabase(host, cluster, db)).fresh) return false
  return (await host.sql(targetOf(cluster, db), ACTING, [called, LOOKS])).length > 0
}
