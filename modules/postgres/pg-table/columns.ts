import { Refusal } from '../../../contract/errors.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { same } from '../../../postgres/catalog/same.ts'
import type { Column, Table } from '../../../postgres/catalog/table.ts'
import type { Draft } from './draft.ts'
import type { ColumnParams, TableParams } from './params.ts'
import { formatType, sameType } from './types.ts'

/** The column as CREATE TABLE and ADD COLUMN spell it. */
export function columnText(column: ColumnParams): string {
  const identity =
    column.identity && `GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`
  return [
    quoteIdent(column.name),
    column.type,
    column.nullable === false && 'NOT NULL',
    column.default !== undefined && `DEFAULT ${closed(column.default)}`,
    identity,
  ]
    .filter((part) => part)
    .join(' ')
}

/** One expression, which cannot go on as another column or a constraint; a comment at its end swallows nothing. */
const closed = (expression: string): string =>
  /^(?:[\w.]+(?:\(\))?|'(?:[^']|'')*')$/.test(expression)
    ? expression
    : `(${expression}${/--/.test(expression) ? '\n' : ''})`

/** What the catalogue will hold of it. */
export const columnFact = (column: ColumnParams, primaryKey: readonly string[] = []): Column => ({
  name: column.name,
  type: formatType(column.type),
  nullable: column.nullable !== false && !column.identity && !primaryKey.includes(column.name),
  default: column.default ?? null,
  identity: column.identity ?? null,
})

export const missingColumns = (table: Table, params: TableParams): ColumnParams[] =>
  (params.columns ?? []).filter((column) => !table.columns.some(({ name }) => name === column.name))

/**
 * What is there stays as it is: changing a type or a key rewrites the table under a lock, which is for its owner to
 * decide. @throws {Refusal} with the statements
 */
export function refuseDifferences(draft: Draft, params: TableParams): void {
  const table = draft.table!
  if (!['r', 'p'].includes(table.kind))
    throw new Refusal(`${draft.plain} is ${KINDS[table.kind] ?? 'no table'}, not a table`)
  const differences: [found: string, alter: string][] = []
  for (const wanted of params.columns ?? []) {
    const has = table.columns.find(({ name }) => name === wanted.name)
    if (has) differences.push(...columnDifferences(has, wanted, params.primary_key))
  }
  const key = params.primary_key
  if (key && !same(key, table.primary_key))
    differences.push([
      table.primary_key ? `its primary key is (${table.primary_key.join(', ')})` : 'it has no primary key',
      `${table.primary_key ? 'DROP CONSTRAINT …, ' : ''}ADD PRIMARY KEY (${key.map(quoteIdent).join(', ')})`,
    ])
  if (differences.length === 0) return
  throw new Refusal(
    `table ${draft.plain} differs from what the task wants: ${differences.map(([found]) => found).join('; ')}`,
    `Nothing that is there is rewritten by this module. Correct the task, or type: ALTER TABLE ${draft.quoted} ${differences.map(([, alter]) => alter).join(', ')}`,
  )
}

const KINDS: Record<string, string> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
}

function columnDifferences(has: Column, wanted: ColumnParams, primaryKey?: string[]): [string, string][] {
  const name = quoteIdent(wanted.name)
  const found: [string, string][] = []
  const type = formatType(wanted.type)
  if (!sameType(has.type, type))
    found.push([`column ${name} is ${has.type}, not ${type}`, `ALTER COLUMN ${name} TYPE ${wanted.type}`])
  const mustBeSet = wanted.identity !== undefined || primaryKey?.includes(wanted.name)
  if (wanted.nullable !== undefined && wanted.nullable !== has.nullable && !(mustBeSet && wanted.nullable))
    found.push(
      has.nullable
        ? [`column ${name} may be NULL`, `ALTER COLUMN ${name} SET NOT NULL`]
        : [`column ${name} may not be NULL`, `ALTER COLUMN ${name} DROP NOT NULL`],
    )
  if (wanted.identity !== undefined && wanted.identity !== has.identity)
    found.push([
      `column ${name} is ${has.identity ? `an identity column, ${has.identity}` : 'no identity column'}`,
      `ALTER COLUMN ${name} ${has.identity ? 'SET' : 'ADD'} GENERATED ${wanted.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'}${has.identity ? '' : ' AS IDENTITY'}`,
    ])
  if (wanted.default !== undefined && has.default === null)
    found.push([
      `column ${name} has no default`,
      `ALTER COLUMN ${name} SET DEFAULT ${closed(wanted.default)}`,
    ])
  return found
}
