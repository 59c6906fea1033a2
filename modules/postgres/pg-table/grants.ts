import { quoteIdent } from '../../../contract/quote.ts'
import {
  allRights,
  columnsWithout,
  heldAnywhere,
  shownOnColumns,
  without,
  withRights,
} from '../../../postgres/catalog/acl.ts'
import { refuseEntangled } from '../../../postgres/grant/change.ts'
import type { Draft } from './draft.ts'
import type { TableParams } from './params.ts'

/** Makes the rights of each role that the task names exactly those it lists. */
export function grantChanges(draft: Draft, { grants = {} }: TableParams, major: number): void {
  const table = draft.table!
  for (const [role, listed] of Object.entries(grants)) {
    const wanted = listed.includes('ALL') ? allRights('table', major) : [...new Set<string>(listed)].sort()
    const has = table.grants[role] ?? []
    const given = wanted.filter((right) => !has.includes(right))
    const taken = without(heldAnywhere(table, role), wanted)
    const to = role === 'PUBLIC' ? role : quoteIdent(role)
    const statements = [
      ...(given.length > 0 ? [`GRANT ${given.join(', ')} ON TABLE ${draft.quoted} TO ${to}`] : []),
      ...(taken.length > 0 ? [`REVOKE ${taken.join(', ')} ON TABLE ${draft.quoted} FROM ${to}`] : []),
    ]
    if (statements.length === 0) continue
    refuseEntangled(table, `table ${draft.plain}`, role, taken)
    const left = columnsWithout(table, role, taken)
    const shown = (rights: string[]) => (rights.length > 0 ? rights : null)
    draft.add(
      {
        path: `table ${draft.plain} rights of ${role}`,
        before: shown([...has, ...shownOnColumns(table, role)]),
        after: shown([...wanted, ...shownOnColumns({ ...table, on_columns: left }, role)]),
      },
      ...statements,
    )
    if (table.on_columns) table.on_columns = left
    table.grants = withRights(table.grants, role, wanted)
    table.grantable = withRights(table.grantable, role, without(table.grantable[role], taken))
  }
}
