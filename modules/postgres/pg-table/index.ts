import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Plan } from '../../../contract/plan.ts'
import type { Acl } from '../../../postgres/catalog/acl.ts'
import { aclOfNew, type DefaultsOf } from '../../../postgres/catalog/default-acl.ts'
import { parseQualified, plainName, sqlName } from '../../../postgres/catalog/names.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import { requireSchema } from '../../../postgres/catalog/schema.ts'
import { isEmpty, readTable, type Table, tableKey } from '../../../postgres/catalog/table.ts'
import { majorOf, sinceVersion } from '../../../postgres/catalog/version.ts'
import { type Cluster, requireDatabase, requirePrimary, targetOf } from '../../../postgres/cluster/cluster.ts'
import { addColumns, changeOwner } from './alter.ts'
import { missingColumns, refuseDifferences } from './columns.ts'
import { createTable } from './create.ts'
import { type Draft, draftOf } from './draft.ts'
import { grantChanges } from './grants.ts'
import { type TableParams, tableParams } from './params.ts'
import { refuseBound, requireColumn } from './parse.ts'
import { identitySequences } from './sequences.ts'

interface State {
  cluster: Cluster
  table: Table | null
  /** The rights on a table, and on a sequence, that is made now. */
  newAcl: { table: Acl; sequence: Acl } | null
}

export const pgTableModule = defineModule<TableParams, State>({
  name: 'pg_table',
  summary: 'Creates tables, adds columns, and grants rights on them; never drops or rewrites anything',
  params: tableParams,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const wantsMaintain = Object.values(params.grants ?? {}).some((rights) => rights.includes('MAINTAIN'))
    sinceVersion(cluster, 17, 'the right MAINTAIN', wantsMaintain)
    const database = await requireDatabase(host, cluster, params.db)
    const name = parseQualified(params.name)
    const table = await readTable(host, cluster, database, name)
    if (!table) await requireSchema(host, cluster, database, name.schema)
    const missing = table ? missingColumns(table, params) : (params.columns ?? [])
    if (table && missing.length > 0) await refuseBound(host, cluster, database, name)
    const missingIdentity = missing.some(({ identity }) => identity !== undefined)
    await Promise.all(missing.map((column) => requireColumn(host, cluster, database, column)))
    const aclOf = (kind: DefaultsOf['kind']) =>
      aclOfNew(host, cluster, database, { kind, creator: 'postgres', schema: name.schema })
    const newAcl =
      table && !missingIdentity ? null : { table: await aclOf('table'), sequence: await aclOf('sequence') }
    const newcomers = Object.entries(params.grants ?? {})
      .filter(([role, rights]) => role !== 'PUBLIC' && rights.length > 0 && !table?.grants[role])
      .map(([role]) => role)
    if (params.owner !== undefined && params.owner !== table?.owner) newcomers.push(params.owner)
    await Promise.all(newcomers.map((role) => requireRole(host, cluster, role)))
    const demanding = table
      ? missing.filter(
          (column) => column.nullable === false && column.default === undefined && !column.identity,
        )
      : []
    if (demanding.length > 0 && !(await isEmpty(host, cluster, database, sqlName(name))))
      throw new Refusal(
        `table ${plainName(name)} has rows, so a new column that may not be NULL needs a default`,
        `Give ${demanding.map((column) => `"${column.name}"`).join(', ')} a \`default\`, or leave \`nullable: false\` out.`,
      )
    return { cluster, table, newAcl }
  },
  plan({ cluster, table, newAcl }, params): Plan {
    const name = parseQualified(params.name)
    const draft: Draft = draftOf({ ...targetOf(cluster, params.db), words: 'mixed' }, name, table)
    const newColumns = table ? missingColumns(table, params) : (params.columns ?? [])
    if (!draft.table) createTable(draft, params, newAcl!.table)
    else {
      refuseDifferences(draft, params)
      addColumns(draft, params)
    }
    changeOwner(draft, params)
    grantChanges(draft, params, majorOf(cluster))
    const { changes, steps } = draft
    if (steps.length === 0) return { changes, steps }
    const sequences = newAcl
      ? identitySequences(cluster, params.db, name, draft.table!.owner, newColumns, newAcl.sequence)
      : []
    return {
      changes,
      steps,
      predicts: [predict(tableKey(cluster, params.db, name.schema, name.name), draft.table), ...sequences],
    }
  },
})
