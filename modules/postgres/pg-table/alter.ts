import { quoteIdent } from '../../../contract/quote.ts'
import { reown } from '../../../postgres/catalog/acl.ts'
import { columnFact, columnText, missingColumns } from './columns.ts'
import type { Draft } from './draft.ts'
import type { TableParams } from './params.ts'

export function addColumns(draft: Draft, params: TableParams): void {
  for (const column of missingColumns(draft.table!, params)) {
    draft.add(
      { path: `table ${draft.plain} column ${column.name}`, before: null, after: columnText(column) },
      `ALTER TABLE ${draft.quoted} ADD COLUMN ${columnText(column)}`,
    )
    draft.table!.columns.push(columnFact(column))
  }
}

export function changeOwner(draft: Draft, { owner }: TableParams): void {
  const table = draft.table!
  if (owner === undefined || owner === table.owner) return
  draft.add(
    { path: `table ${draft.plain} owner`, before: table.owner, after: owner },
    `ALTER TABLE ${draft.quoted} OWNER TO ${quoteIdent(owner)}`,
  )
  draft.table = reown(table, owner)
}
