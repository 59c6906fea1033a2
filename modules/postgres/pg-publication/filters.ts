import { Refusal, SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

/**
 * Whether two row filters mean the same. The catalogue holds PostgreSQL's own rewriting (`(id > 10)`,
 * `(city = 'x'::text)`), so where the texts differ the server is asked to plan a scan with each: equal plans, equal
 * filters.
 */
export async function sameFilter(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  table: Qualified,
  a: string | null,
  b: string | null,
): Promise<boolean> {
  if (a === null || b === null || bare(a) === bare(b)) return (a === null) === (b === null)
  const [first, second] = await Promise.all([a, b].map((one) => planOf(host, cluster, database, table, one)))
  return first === second
}

/** @throws {Refusal} where the server does not take it, with its words */
export async function refuseBadFilter(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  table: Qualified,
  filter: string,
): Promise<void> {
  try {
    await planOf(host, cluster, database, table, filter)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw new Refusal(`the row filter of ${plainName(table)} is none: ${error.message}`, error.hint, [filter])
  }
}

/** How the server would read the table's rows by a filter. */
async function planOf(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  table: Qualified,
  filter: string,
): Promise<string> {
  const text = `explain (format json, verbose, costs off) select from only ${sqlName(table)} where (${filter}\n)`
  return JSON.stringify(await host.ask({ ...targetOf(cluster, database.name), words: 'mixed' }, text))
}

/** Without outer parentheses and doubled spaces, where that is plain to see. */
function bare(filter: string): string {
  let text = filter.trim()
  while (/^\([^()']*\)$/.test(text)) text = text.slice(1, -1).trim()
  return text.includes("'") ? text : text.replace(/\s+/g, ' ')
}
