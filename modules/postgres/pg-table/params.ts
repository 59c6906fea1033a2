import * as z from 'zod'
import { choice, flag, list, mapping, nonEmpty, scalar } from '../../../contract/params.ts'
import { identifier, qualifiedName } from '../../../postgres/catalog/names.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { requireExpression } from '../../../postgres/sql/expression.ts'
import { isOneType } from './types.ts'

/** PostgreSQL keeps no default that is NULL, of whichever type: it is none. */
const unlessNull = (value: string): string | undefined =>
  value.length < MOST && isNull(value.trim()) ? undefined : value
/** Characters. What is longer is no NULL that somebody wrote. */
const MOST = 1000

/** NULL, cast or not, in any number of parentheses. */
function isNull(text: string): boolean {
  if (/^null$/i.test(text)) return true
  if (isWrapped(text)) return isNull(text.slice(1, -1).trim())
  const cast = /^cast\s*(?=\()/i.exec(text)
  if (cast && isWrapped(text.slice(cast[0].length))) {
    const [what, type] = text.slice(cast[0].length + 1, -1).split(/\sas\s/i)
    return type !== undefined && isNull(what!.trim())
  }
  const at = text.lastIndexOf('::')
  return at > 0 && /^[\w\s".,()[\]]+$/.test(text.slice(at + 2)) && isNull(text.slice(0, at).trim())
}

/** Its first parenthesis is closed by its last character. */
function isWrapped(text: string): boolean {
  if (!text.startsWith('(')) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth += 1
    else if (text[at] === ')') depth -= 1
    if (depth === 0) return at === text.length - 1
  }
  return false
}

const column = z
  .strictObject({
    name: identifier.meta({ description: 'Name of the column.' }),
    type: nonEmpty()
      .refine(
        (type) => !/^(small|big)?serial$/i.test(type.trim()),
        'serial is no type: say `type: bigint` (or integer, smallint) and `identity: by_default`',
      )
      .refine(isOneType, 'expected one type and nothing more, like numeric(10,2), timestamptz or text[]')
      .meta({ description: 'Its type, as in CREATE TABLE. It is SQL: one type.' }),
    nullable: flag().optional().meta({
      unset: 'left as it is; true for a new column',
      description: 'Whether it may be NULL; a new column may.',
    }),
    default: scalar().transform(String).superRefine(requireExpression).transform(unlessNull).optional().meta({
      unset: 'none',
      description: 'For new rows, as in DEFAULT; used where the column is made. It is SQL: one expression.',
    }),
    identity: choice('always', 'by_default')
      .optional()
      .meta({ unset: 'left as it is', description: 'GENERATED … AS IDENTITY.' }),
  })
  .refine(({ default: value, identity }) => value === undefined || identity === undefined, {
    error: 'a column has a default or an identity, not both',
    path: ['default'],
  })
export type ColumnParams = z.infer<typeof column>

const RIGHTS = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
  'ALL',
] as const
const right = z.preprocess((word) => (typeof word === 'string' ? word.toUpperCase() : word), z.enum(RIGHTS))

export const tableParams = z.strictObject({
  ...clusterParams,
  name: qualifiedName.meta({
    description: 'The table, as `schema.table`; in schema public where there is no dot.',
    example: 'public.test',
    aliases: ['table'],
  }),
  db: identifier.default('postgres').meta({
    description: 'Database it is in.',
    example: 'app',
    aliases: ['database'],
  }),
  columns: list(column)
    .optional()
    .meta({
      unset: 'left as they are',
      description:
        'Its columns. Missing ones are added; one that is there with another type, nullability or identity is refused, with the ALTER TABLE to type. Columns not named are left alone.',
      example: [
        { name: 'id', type: 'bigint', identity: 'always' },
        { name: 'note', type: 'text' },
      ],
    }),
  primary_key: list(identifier, { min: 1 })
    .optional()
    .meta({ unset: 'left as it is', description: 'Columns of its primary key, in order.', example: ['id'] }),
  owner: identifier.optional().meta({
    unset: 'left as it is; postgres for a new one',
    description: 'Role that owns it.',
    example: 'app',
  }),
  grants: mapping(identifier, list(right))
    .optional()
    .meta({
      unset: 'left as they are',
      description:
        'Role (or PUBLIC) → exactly the rights it shall have on the table. Roles not named keep theirs.',
      example: { replicator: ['SELECT'] },
    }),
})
export type TableParams = z.infer<typeof tableParams>
