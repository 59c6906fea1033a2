import { type Prediction, predict } from '../../../contract/facts.ts'
import { type Acl, reown } from '../../../postgres/catalog/acl.ts'
import type { Qualified } from '../../../postgres/catalog/names.ts'
import { type Table, tableKey } from '../../../postgres/catalog/table.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import type { ColumnParams } from './params.ts'

/** The sequences that come with new identity columns. @param acl of a sequence that is made now */
export function identitySequences(
  cluster: Cluster,
  db: string,
  table: Qualified,
  owner: string,
  columns: readonly ColumnParams[],
  acl: Acl,
): Prediction[] {
  const column = (name: string, type: string) => ({
    name,
    type,
    nullable: false,
    default: null,
    identity: null,
  })
  return columns
    .filter(({ identity }) => identity !== undefined)
    .map((of) => {
      const name = sequenceName(table.name, of.name)
      const columns = [
        column('last_value', 'bigint'),
        column('log_cnt', 'bigint'),
        column('is_called', 'boolean'),
      ]
      const fact: Table = {
        name,
        kind: 'S',
        persistence: 'p',
        columns,
        primary_key: null,
        replica_identity: 'n',
        on_columns: [],
        identity_columns: null,
        ...reown(acl, owner),
      }
      return predict(tableKey(cluster, db, table.schema, name), fact)
    })
}

/** `table_column_seq`, the longer of the two cut until it has at most 63 bytes (makeObjectName in indexcmds.c). */
export function sequenceName(table: string, column: string): string {
  let [a, b]: [Buffer, Buffer] = [Buffer.from(table), Buffer.from(column)]
  const room = 63 - '__seq'.length
  while (a.length + b.length > room) {
    if (a.length > b.length) a = clip(a)
    else b = clip(b)
  }
  return `${a}_${b}_seq`
}

/** One byte shorter; never within a character. */
function clip(text: Buffer): Buffer {
  let end = text.length - 1
  while (end > 0 && (text[end]! & 0xc0) === 0x80) end -= 1
  return text.subarray(0, end)
}
