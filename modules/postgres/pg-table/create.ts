import { Refusal } from '../../../contract/errors.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import type { Acl } from '../../../postgres/catalog/acl.ts'
import { columnFact, columnText } from './columns.ts'
import type { Draft } from './draft.ts'
import type { TableParams } from './params.ts'

/** @param acl the rights on a table that is made now */
export function createTable(draft: Draft, params: TableParams, acl: Acl): void {
  const { columns, primary_key: key } = params
  if (!columns)
    throw new Refusal(
      `there is no table ${draft.plain} in database "${params.db}"`,
      'Give the task `columns` to create it.',
    )
  const stray = key?.filter((name) => !columns.some((column) => column.name === name)) ?? []
  if (stray.length > 0)
    throw new Refusal(
      `the primary key names ${stray.map(quoteIdent).join(', ')}, which is not among the columns`,
    )
  const parts = columns.map(columnText)
  if (key) parts.push(`PRIMARY KEY (${key.map(quoteIdent).join(', ')})`)
  draft.table = {
    name: draft.name,
    kind: 'r',
    persistence: 'p',
    columns: columns.map((column) => columnFact(column, key)),
    primary_key: key ?? null,
    replica_identity: 'd',
    on_columns: [],
    identity_columns: key ?? null,
    ...acl,
  }
  draft.add(
    { path: `table ${draft.plain}`, before: null, after: parts },
    `CREATE TABLE ${draft.quoted} (${parts.join(', ')})`,
  )
}
