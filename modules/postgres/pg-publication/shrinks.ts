import { plainName } from '../../../postgres/catalog/names.ts'
import type { Publication, PublishedTable } from '../../../postgres/catalog/publication.ts'

/** What is published now and will not be, in words; empty where nothing is taken away. Of the objects alone. */
export function lostObjects(has: Publication, wanted: Publication): string[] {
  const tables = has.tables.flatMap((table) => {
    const left = wanted.tables.find((one) => plainName(one) === plainName(table))
    if (!left) return wanted.schemas.includes(table.schema) ? [] : [plainName(table)]
    return narrower(table, left).map((what) => `${what} of ${plainName(table)}`)
  })
  const schemas = has.schemas.filter((schema) => !wanted.schemas.includes(schema))
  return [...tables, ...schemas.map((schema) => `schema ${schema}`)]
}

/** Two filters that differ are not compared further: which rows one lets through cannot be told from its text. */
function narrower(has: PublishedTable, wanted: PublishedTable): string[] {
  const columns = wanted.columns
    ? (has.columns ?? []).filter((column) => !wanted.columns!.includes(column))
    : []
  return [
    ...(wanted.where !== null && wanted.where !== has.where ? ['rows'] : []),
    ...(wanted.columns && !has.columns ? ['columns'] : columns.map((column) => `column ${column}`)),
  ]
}

/** The same of an option: the operations, or the generated columns, that are left out. */
export function lostByOption(
  option: 'publish' | 'publish_via_partition_root' | 'publish_generated_columns',
  has: Publication,
  wanted: Publication,
): string[] {
  if (option === 'publish') return has.publish.filter((operation) => !wanted.publish.includes(operation))
  if (option === 'publish_generated_columns')
    return has.publish_generated_columns === 'stored' ? ['generated columns'] : []
  return ['the names under which rows of partitions are sent']
}

/** Why that is destructive; undefined where nobody subscribes, or nothing is taken away. */
export function takenFrom(lost: readonly string[], subscribers: readonly string[]): string | undefined {
  if (lost.length === 0 || subscribers.length === 0) return undefined
  return `${lost.join(', ')}: what is written from now on does not reach those who stream through ${subscribers.join(', ')}, also not once it is published again`
}
