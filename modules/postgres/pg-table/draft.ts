import type { Change, SqlTarget, Step } from '../../../contract/plan.ts'
import { plainName, type Qualified, sqlName } from '../../../postgres/catalog/names.ts'
import type { Table } from '../../../postgres/catalog/table.ts'

/** A plan that grows: `table` is the table as the steps so far will leave it. */
export interface Draft {
  /** Without its schema. */
  name: string
  /** schema.table, for people and keys */
  plain: string
  /** "schema"."table", for statements */
  quoted: string
  table: Table | null
  changes: Change[]
  steps: Step[]
  add(change: Change, ...statements: string[]): void
}

export function draftOf(on: SqlTarget, name: Qualified, table: Table | null): Draft {
  const draft: Draft = {
    name: name.name,
    plain: plainName(name),
    quoted: sqlName(name),
    table: table && structuredClone(table),
    changes: [],
    steps: [],
    add(change, ...statements) {
      draft.changes.push(change)
      for (const text of statements) draft.steps.push({ do: 'sql', title: `table ${draft.plain}`, on, text })
    },
  }
  return draft
}
