import { parseQualified, writeQualified } from '../../postgres/catalog/names.ts'
import { publicationArguments } from './fleet-of-clusters.ts'
import type { TopologyVariables } from './schema.ts'

type TableArgument = string | { name: string }
/** As an argument: plain names cannot be taken apart again where there are dots in them. */
const nameOf = (table: TableArgument): string =>
  writeQualified(parseQualified(typeof table === 'string' ? table : table.name))

/** What initial copies read: the tables, and the schemas that they are in. */
export function readableOf(own: TopologyVariables): Record<string, unknown>[] {
  const published = publicationArguments(own)
  const tables = published.flatMap(({ tables }) =>
    ((tables as TableArgument[] | undefined) ?? []).map(nameOf),
  )
  const whole = published.flatMap(({ schemas }) => (schemas as string[] | undefined) ?? [])
  const schemas = [...new Set([...tables.map((table) => parseQualified(table).schema), ...whole])].sort()
  return [
    ...(schemas.length > 0 ? [{ type: 'schema', objects: schemas, privileges: ['USAGE'] }] : []),
    ...(tables.length > 0
      ? [{ type: 'table', objects: [...new Set(tables)].sort(), privileges: ['SELECT'] }]
      : []),
    ...whole.map((schema) => ({ type: 'table', in_schema: schema, privileges: ['SELECT'] })),
  ]
}
