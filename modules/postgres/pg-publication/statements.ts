import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { plainName, sqlName } from '../../../postgres/catalog/names.ts'
import type { Publication, PublishedTable } from '../../../postgres/catalog/publication.ts'

/** For people: `public.orders (id, total) where total > 0`, `schema sales`. */
export const objectNames = ({ tables, schemas, all_tables }: Publication): string[] => [
  ...(all_tables ? ['all tables'] : []),
  ...tables.map(
    (table) =>
      plainName(table) +
      (table.columns ? ` (${table.columns.join(', ')})` : '') +
      (table.where ? ` where ${table.where}` : ''),
  ),
  ...schemas.map((schema) => `schema ${schema}`),
]

export function createStatement(name: string, wanted: Publication, options: readonly string[]): string {
  const objects = wanted.all_tables ? 'ALL TABLES' : objectList(wanted)
  return [
    `CREATE PUBLICATION ${quoteIdent(name)}`,
    ...(objects ? [`FOR ${objects}`] : []),
    ...(options.length > 0 ? [`WITH (${options.join(', ')})`] : []),
  ].join(' ')
}

/** SET replaces tables and schemas in one step; an empty list it does not know, so what is there is dropped. */
export function setObjects(name: string, has: Publication, wanted: Publication): string {
  const objects = objectList(wanted)
  const publication = `ALTER PUBLICATION ${quoteIdent(name)}`
  return objects
    ? `${publication} SET ${objects}`
    : `${publication} DROP ${objectList({ ...has, tables: has.tables.map((table) => ({ ...table, columns: null, where: null })) })}`
}

/**
 * ONLY, so that tables that inherit are published when they are named, not unseen. TABLE stands once: up to 14 it may
 * not be said again.
 */
function objectList({ tables, schemas }: Publication): string {
  const tableText = (table: PublishedTable): string =>
    `ONLY ${sqlName(table)}` +
    (table.columns ? ` (${table.columns.map(quoteIdent).join(', ')})` : '') +
    (table.where ? ` WHERE (${table.where}\n)` : '')
  return [
    ...(tables.length > 0 ? [`TABLE ${tables.map(tableText).join(', ')}`] : []),
    ...schemas.map((schema) => `TABLES IN SCHEMA ${quoteIdent(schema)}`),
  ].join(', ')
}

export const OPTIONS = ['publish', 'publish_via_partition_root', 'publish_generated_columns'] as const

export function optionText(option: (typeof OPTIONS)[number], wanted: Publication): string {
  const value = wanted[option]
  return `${option} = ${quoteLiteral(Array.isArray(value) ? value.join(', ') : String(value))}`
}
