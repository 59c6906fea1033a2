import type { HostReader } from '../../../contract/host.ts'
import { type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
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
  const plan = async (filter: string) => {
    const text = `explain (format json, verbose, costs off) select from only ${sqlName(table)} where (${filter}\n)`
    return JSON.stringify(await host.ask({ ...targetOf(cluster, database.name), words: 'mixed' }, text))
  }
  const [first, second] = await Promise.all([plan(a), plan(b)])
  return first === second
}

/** Without outer parentheses and doubled spaces, where that is plain to see. */
function bare(filter: string): string {
  let text = filter.trim()
  while (/^\([^()']*\)$/.test(text)) text = text.slice(1, -1).trim()
  return text.includes("'") ? text : text.replace(/\s+/g, ' ')
}
