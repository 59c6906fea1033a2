import { Refusal, SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { SqlTarget } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

/**
 * Whether two row filters mean the same. The catalogue holds PostgreSQL's own rewriting (`(id > 10)`,
 * `(city = 'x'::text)`), so where the texts differ the server is asked to plan a choice by each: equal plans, equal filters.
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
  const on = targetOf(cluster, database.name)
  const rows = await rowsOf(host, on, table)
  const [first, second] = await Promise.all([a, b].map((one) => planOf(host, on, rows, one)))
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
    const on = targetOf(cluster, database.name)
    await planOf(host, on, await rowsOf(host, on, table), filter)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw new Refusal(`the row filter of ${plainName(table)} is none: ${error.message}`, error.hint, [filter])
  }
}

/**
 * A set of rows with the table's columns, as FROM names it. Of the table itself the server knows more (what is never null, that
 * a partitioned one has no rows of its own), and different filters may come to the same.
 */
async function rowsOf(host: HostReader, on: SqlTarget, { schema, name }: Qualified): Promise<string> {
  const [row] = await host.sql(on, COLUMNS, [schema, name])
  const columns = row?.columns as string | null | undefined
  return columns ? `json_to_recordset('[]') as ${quoteIdent(name)} (${columns})` : sqlName({ schema, name })
}

const COLUMNS = `select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) as columns
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped`

/**
 * How the server would choose rows by a filter, whose functions are the server's own (CREATE PUBLICATION, WHERE): none of
 * anybody else's is computed here.
 */
async function planOf(host: HostReader, on: SqlTarget, rows: string, filter: string): Promise<string> {
  const text = `explain (format json, verbose, costs off) select from ${rows} where (${filter}\n)`
  return JSON.stringify(await host.ask({ ...on, words: 'ours' }, text))
}

/** Without outer parentheses and doubled spaces, where that is plain to see. */
function bare(filter: string): string {
  let text = filter.trim()
  while (/^\([^()']*\)$/.test(text)) text = text.slice(1, -1).trim()
  return text.includes("'") ? text : text.replace(/\s+/g, ' ')
}
