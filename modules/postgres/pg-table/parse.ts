import { Refusal, SqlError } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { plainName, type Qualified } from '../../../postgres/catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'
import { wordsOf } from '../../../postgres/sql/statements.ts'
import type { ColumnParams } from './params.ts'

/** What is not there (yet): an earlier task of a check may plan to make it. */
const MISSING = new Set(['42704', '42883', '42P01', '3F000'])

/**
 * That the server takes type and default of a new column. It parses them, and computes nothing: where it would refuse CREATE
 * TABLE in the run, the check refuses. @throws {Refusal} with its words
 */
export async function requireColumn(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  column: ColumnParams,
): Promise<void> {
  if (cluster.fresh || database.fresh) return
  const on = { ...targetOf(cluster, database.name), words: 'mixed' } as const
  const parse = async (what: string, given: string, text: string) => {
    try {
      return await host.parse(on, text)
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      if (host.planned() && MISSING.has(error.code)) return []
      throw new Refusal(`the ${what} of column "${column.name}" is none: ${error.message}`, error.hint, [
        given,
      ])
    }
  }
  const { type, default: value } = column
  // A parameter that is cast is of the type that it is cast to.
  const [wanted] = await parse('type', type, `select cast($1 as ${type})`)
  if (value === undefined) return
  if ([...wordsOf(value)].includes('select'))
    throw new Refusal(
      `the default of column "${column.name}" holds a query, which PostgreSQL takes in no default`,
      undefined,
      [value],
    )
  // Where rows are chosen no column, aggregate, window or set of rows may stand, as in a default.
  await parse('default', value, `select where cast((${value}\n) as ${type}) is null`)
  if (isLiteral(value) || wanted === undefined) return
  // A parameter beside a value is of the value's type. A cast takes more than a default may be.
  const [is] = await parse('default', value, `select coalesce((${value}\n), $1)`)
  if (is === undefined) return
  const [wrong] = await host.sql(targetOf(cluster, database.name), NOT_ASSIGNABLE, [is, wanted])
  if (wrong)
    throw new Refusal(
      `the default of column "${column.name}" is of type ${wrong.is}, and the column of type ${wrong.wanted}`,
      `Write it as one: \`default: CAST(${value} AS ${type})\`.`,
      [value],
    )
}

/** It takes the column's type, and has shown that it can. */
const isLiteral = (value: string): boolean => /^\s*(?:'(?:[^']|'')*'|null)\s*$/i.test(value)

/** Between plain types alone: of arrays, domains and the like the server is to judge (CREATE CAST, assignment). */
const NOT_ASSIGNABLE = `select format_type(s.oid, null) as is, format_type(t.oid, null) as wanted
  from pg_type s, pg_type t
  where s.oid = $1::oid and t.oid = $2::oid and s.oid <> t.oid and s.typtype = 'b' and t.typtype = 'b'
    and s.typcategory <> 'A' and t.typcategory not in ('A', 'S')
    and not exists (select from pg_cast where castsource = s.oid and casttarget = t.oid and castcontext <> 'e')`

/** The columns of a partition and of a typed table are those of what it is bound to. @throws {Refusal} */
export async function refuseBound(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: Qualified,
): Promise<void> {
  if (cluster.fresh || database.fresh) return
  const [bound] = await host.sql(targetOf(cluster, database.name), BOUND, [name.schema, name.name])
  if (!bound) return
  throw new Refusal(
    bound.type === null
      ? `${plainName(name)} is a partition of ${bound.parent}, whose columns it has: it gets none of its own`
      : `${plainName(name)} is a table of type ${bound.type}, whose columns it has: it gets none of its own`,
    bound.type === null
      ? `Name ${bound.parent} instead, whose partitions all get the column.`
      : `ALTER TYPE ${bound.type} ADD ATTRIBUTE … CASCADE adds one to the type and its tables.`,
  )
}

const BOUND = `select (select inhparent::regclass::text from pg_inherits where inhrelid = c.oid) as parent,
    case when c.reloftype <> 0 then format_type(c.reloftype, null) end as type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and (c.relispartition or c.reloftype <> 0)`
