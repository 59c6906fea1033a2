import type { HostReader } from '../../../contract/host.ts'
import type { SqlTarget } from '../../../contract/plan.ts'
import { quoteQualified } from '../../../contract/quote.ts'
import type { ChangedFile, Commits } from '../../../postgres/rewind/commits.ts'

/** The tables of what was committed, and what can be read of it. */
export interface Tables {
  /** `database: schema.table`, or what stands for it, with what was done there. */
  changes: string[]
  /** Lines of JSON, a row each, `{"database":…,"table":…,"row":…}`; rows that were changed again are as they are now. */
  rows: string[]
  /** What cannot be told, in words. */
  untold: string[]
}

/** Rows that are kept in a file at most: they pass through this machine. */
const MOST_ROWS = 100_000
/** Places that are looked at in one query. */
const AT_ONCE = 1000

/**
 * Looks into the server, or a throw-away one over its files, for what its transactions have changed.
 * @param on any database of it
 * @param withRows also read what was inserted and updated, by its place
 */
export async function readTables(
  host: HostReader,
  on: SqlTarget,
  { files, xids, truncated }: Commits,
  withRows: boolean,
): Promise<Tables> {
  const found: Tables = { changes: [], rows: [], untold: [] }
  if (truncated > 0) found.untold.push('which rows were in tables that were emptied')
  const databases = await host.sql({ ...on, db: 'postgres' }, DATABASES)
  const of = (file: string) => file.split('/')[1]
  for (const oid of new Set(files.map(({ file }) => of(file)))) {
    const name = databases.find((one) => one.oid === oid)?.name as string | undefined
    const mine = files.filter(({ file }) => of(file) === oid)
    if (oid === '0') found.changes.push(`roles, databases or settings of the whole server: ${tally(mine)}`)
    else if (name === undefined) found.changes.push(`a database that is there no more: ${tally(mine)}`)
    else await readDatabase({ ...on, db: name }, mine)
  }
  return found

  async function readDatabase(target: SqlTarget, mine: readonly ChangedFile[]): Promise<void> {
    const tables = await host.sql(target, TABLES, [mine.map(({ file }) => file)])
    const catalogues: ChangedFile[] = []
    for (const changed of mine) {
      const table = tables.find(({ file }) => file === changed.file)
      const name = table && `${target.db}: ${table.schema}.${table.name}`
      if (!table) {
        found.changes.push(`${target.db}: a table that was replaced or dropped since: ${tally([changed])}`)
        found.untold.push(`what was in a table of database ${target.db} that was replaced or dropped since`)
      } else if (table.schema === 'pg_catalog') catalogues.push(changed)
      // Long values of a table's rows are told with these.
      else if (table.kind !== 't') {
        found.changes.push(`${name}: ${tally([changed])}`)
        if (changed.deleted > 0) found.untold.push(`which rows were deleted from ${name}`)
        if (withRows) await readRows(target, changed, quoteQualified(table.schema, table.name), name!)
      }
    }
    if (catalogues.length > 0)
      found.changes.push(`${target.db}: definitions (CREATE, ALTER, DROP, GRANT, …): ${tally(catalogues)}`)
  }

  async function readRows(target: SqlTarget, { blocks }: ChangedFile, table: string, name: string) {
    if (blocks === null)
      return void found.untold.push(`which rows were changed in ${name}: they are in too many places`)
    if (blocks.length === 0) return
    const rows: Record<string, any>[] = []
    const room = MOST_ROWS - found.rows.length
    for (let at = 0; at < blocks.length && rows.length <= room; at += AT_ONCE)
      rows.push(...(await host.sql(target, rowsOf(table), [blocks.slice(at, at + AT_ONCE), xids])))
    const fitting = rows.slice(0, room)
    if (fitting.length < rows.length)
      found.untold.push(`which rows were changed in ${name} beyond the first ${fitting.length}`)
    const [, what] = name.split(': ')
    for (const { row } of fitting)
      found.rows.push(
        `{"database":${JSON.stringify(target.db)},"table":${JSON.stringify(what)},"row":${row}}`,
      )
  }
}

const DATABASES = 'select oid::text, datname::text as name from pg_database'

const TABLES = `select f.file, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind
  from unnest($1::text[]) f (file)
  join pg_class c on c.oid = pg_filenode_relation(split_part(f.file, '/', 1)::oid, split_part(f.file, '/', 3)::oid)
  join pg_namespace n on n.oid = c.relnamespace`

/** By their place: what the transactions wrote into these blocks, as far as nobody wrote over it since. */
const rowsOf = (table: string): string => `select row_to_json(r.*)::text as row from only ${table} r
  where r.ctid = any (array(select format('(%s,%s)', block, line)::tid from unnest($1::bigint[]) block,
    generate_series(1, current_setting('block_size')::int / 28) line))
  and r.xmin::text = any ($2::text[])`

const tally = (files: readonly ChangedFile[]): string => {
  const sum = (kind: 'inserted' | 'updated' | 'deleted') => files.reduce((all, one) => all + one[kind], 0)
  return `${sum('inserted')} inserted, ${sum('updated')} updated, ${sum('deleted')} deleted`
}
