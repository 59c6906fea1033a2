import { expect, it } from 'vitest'
import { sequenceName } from '../../../../modules/postgres/pg-table/sequences.ts'

// As PostgreSQL 15 named them.
it.each([
  ['t', 'id', 't_id_seq'],
  ['t'.repeat(60), 'id', `${'t'.repeat(56)}_id_seq`],
  ['t'.repeat(60), 'c'.repeat(60), `${'t'.repeat(29)}_${'c'.repeat(29)}_seq`],
  ['ü'.repeat(31), 'i', `${'ü'.repeat(28)}_i_seq`],
])('names the sequence of %s.%s', (table, column, name) => {
  expect(sequenceName(table, column)).toBe(name)
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
})
