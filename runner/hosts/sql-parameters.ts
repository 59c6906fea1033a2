import { SqlError } from '../../contract/errors.ts'
import { jsonText } from '../../contract/exact-json.ts'
import type { SqlResult } from './types.ts'

/** One statement alone, by the extended protocol. */
type Ask = (text: string, values?: readonly unknown[]) => Promise<SqlResult>

/**
 * How many statements of this process have asked for their types: sessions that read have several under way, and the name of
 * a prepared statement is its session's.
 */
let asked = 0

/** Types as they are stored: a domain is what it is made of (8.18). */
const TYPES = `with recursive base (number, type) as (
    select u.number, u.type::pg_catalog.oid from pg_catalog.pg_prepared_statements p,
        pg_catalog.unnest(p.parameter_types) with ordinality as u (type, number)
      where p.name operator(pg_catalog.=) $1
    union all
    select b.number, t.typbasetype from base b
      join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) b.type where t.typtype operator(pg_catalog.=) 'd')
  select b.number::pg_catalog.int4 as number, t.typname::pg_catalog.text as name,
      t.typcategory operator(pg_catalog.=) 'A' as is_array from base b
    join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) b.type where t.typtype operator(pg_catalog.<>) 'd'`

/** A list or a mapping, as YAML has them. */
const isCompound = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date)
const isEmpty = (value: object): boolean => Object.keys(value).length === 0

/**
 * Lists and mappings as the type of their parameter has them: nothing in a list is `{}` for an array and `[]` for JSON, and
 * which of them is meant only the server knows. It is asked only where there is one of them.
 * @throws {SqlError} where it cannot say, or a mapping stands for an array
 */
export async function asParameters(
  ask: Ask,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<readonly unknown[] | undefined> {
  if (!values?.some(isCompound)) return values
  const types = await typesOf(ask, text, values)
  return values.map((value, index) =>
    isCompound(value) ? asParameter(value, types.get(index + 1), index + 1) : value,
  )
}

interface Type {
  name: string
  isArray: boolean
}

function asParameter(value: object, type: Type | undefined, number: number): unknown {
  if (!Array.isArray(value)) {
    if (type?.isArray)
      throw new SqlError(
        `$${number} is an array, and a mapping was given for it`,
        '22P02',
        undefined,
        'give a list: [] where it is empty',
      )
    return jsonText(value)
  }
  if (type && JSON_TYPES.has(type.name)) return jsonText(value)
  const isOfJson = type?.isArray === true && JSON_TYPES.has(type.name.slice(1))
  return isOfJson ? value.map((one) => (isCompound(one) ? jsonText(one) : one)) : asArray(value)
}

const JSON_TYPES = new Set(['json', 'jsonb'])

/** Lists in it are its dimensions. */
const asArray = (list: readonly unknown[]): unknown[] =>
  list.map((one) => (Array.isArray(one) ? asArray(one) : isCompound(one) ? jsonText(one) : one))

const PARSED = `select u.type::pg_catalog.oid::pg_catalog.text as type
  from pg_catalog.pg_prepared_statements p, pg_catalog.unnest(p.parameter_types) with ordinality as u (type, number)
  where p.name operator(pg_catalog.=) $1 order by u.number`

/** Has the server parse a statement, and plan nothing. @returns the types of its parameters, as oids @throws {SqlError} */
export const parsed = (ask: Ask, text: string): Promise<SqlResult> => prepared(ask, text, PARSED)

/** What a query says of a statement as PREPARE has it. @throws {SqlError} where it cannot be prepared */
async function prepared(ask: Ask, text: string, query: string): Promise<SqlResult> {
  asked += 1
  const name = `play_prepared_${asked}`
  const prefix = `prepare ${name} as `
  try {
    await ask(prefix + text)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    const { message, code, detail, hint, position } = error
    const at = position === undefined ? undefined : Math.max(1, position - prefix.length)
    throw new SqlError(message, code, detail, hint, text, at)
  }
  const [said] = await Promise.all([ask(query, [name]), ask(`deallocate ${name}`)])
  return said
}

async function typesOf(
  ask: Ask,
  text: string,
  values: readonly unknown[],
): Promise<ReadonlyMap<number, Type>> {
  try {
    const { rows } = await prepared(ask, text, TYPES)
    return new Map(rows.map(({ number, name, is_array }) => [number, { name, isArray: is_array }]))
  } catch (error) {
    // What is not empty the server refuses itself where it is of another kind.
    if (!(error instanceof SqlError) || !values.some((value) => isCompound(value) && isEmpty(value)))
      return new Map()
    const hint = `${error.hint === undefined ? '' : `${error.hint}; `}an empty list among the values is {} for an array and [] for JSON, and PREPARE tells which; a text needs no telling: '{}' or '[]'`
    throw new SqlError(error.message, error.code, error.detail, hint, text, error.position)
  }
}
