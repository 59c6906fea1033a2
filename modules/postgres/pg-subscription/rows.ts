import type { HostReader } from '../../../contract/host.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'
import { buildConninfo, type Conninfo } from '../../../postgres/conninfo.ts'
import { localConninfo, psqlOf, SERVER_USER } from '../../../postgres/subscription/publisher.ts'
import { MOST_ROWS, ROWS_SCRIPT } from './rows-script.ts'

/** A table of the publisher's, and what of it is sent. */
export interface Sent extends Qualified {
  /** All where left out. */
  columns?: readonly string[]
  /** An SQL condition, of the publisher's own; all rows where there is none. */
  filter?: string | null
}

/** Tables as the script takes them. What is not sent does not count there, and what is here counts whole. */
export const tablesHere = (tables: readonly Sent[]): string =>
  JSON.stringify(tables.map(({ schema, name, columns }) => ({ schema, name, columns })))
export const tablesThere = (tables: readonly Sent[]): string =>
  JSON.stringify(tables.map(({ schema, name, columns, filter }) => ({ schema, name, columns, filter })))

/** Rows of a table on both sides, counted up to MOST_ROWS + 1 unless compared; null: nobody can tell. */
export interface Held extends Sent {
  here: number | null
  there: number | null
  /** Where it was asked for: both hold the same rows. */
  same?: boolean
}

/** @throws {UnknownError} in a check that cannot compare with what is here only later */
export async function readHeld(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  conninfo: Conninfo,
  tables: readonly Sent[],
  compare: boolean,
): Promise<Held[]> {
  if (tables.length === 0) return []
  if (compare && cluster.peek) throw new UnknownError('the rows of both sides will be compared by the run')
  const remote = buildConninfo({ connect_timeout: '5', ...conninfo })
  const [mine, theirs] = await Promise.all([
    compare && !cluster.fresh && !database.fresh
      ? ask(host, cluster, localConninfo(cluster, database.name), tablesHere(tables), true)
      : count(host, cluster, database, tables),
    ask(host, cluster, remote, tablesThere(tables), compare),
  ])
  return tables.map((table) => {
    const { schema, name } = table
    const is = (row: Row): boolean => row.schema === schema && row.name === name
    const [here, there] = [mine?.find(is), theirs?.find(is)]
    const held = { ...table, here: rowsIn(mine, here), there: rowsIn(theirs, there) }
    const same = here?.checksum !== undefined && JSON.stringify(here) === JSON.stringify(there)
    return compare ? { ...held, same } : held
  })
}

/** What the script prints of a table. */
interface Row extends Qualified {
  rows: string | null
  checksum?: string
}

/** A table that is not there, because it is only planned, holds none. */
const rowsIn = (all: readonly Row[] | null, row: Row | undefined): number | null =>
  all === null || row?.rows === null ? null : Number(row?.rows ?? 0)

/** null: there is no answer. */
async function ask(
  host: HostReader,
  cluster: Cluster,
  conninfo: string,
  names: string,
  compare: boolean,
): Promise<Row[] | null> {
  const words = [psqlOf(cluster), conninfo, names, compare ? 'compare' : 'count']
  const { code, stdout } = await host.read(['sh', '-c', ROWS_SCRIPT, 'sh', ...words], { as: SERVER_USER })
  if (code !== 0) return null
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line))
}

/** Here, also in a server that runs only for this check. */
async function count(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  tables: readonly Qualified[],
): Promise<Row[]> {
  if (cluster.fresh || database.fresh) return []
  const on = targetOf(cluster, database.name)
  const there = await host.sql(
    on,
    'select name from unnest($1::text[]) name where to_regclass(name) is not null',
    [tables.map(sqlName)],
  )
  const names = new Set(there.map(({ name }) => name))
  return Promise.all(
    tables
      .filter((table) => names.has(sqlName(table)))
      .map(async ({ schema, name }) => {
        const text = `select count(*)::text as rows from (select from ${sqlName({ schema, name })} limit ${MOST_ROWS + 1}) found`
        const [row] = await host.sql(on, text)
        return { schema, name, rows: String(row!.rows) }
      }),
  )
}
