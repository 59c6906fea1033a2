import { describe, expect, it } from 'vitest'
import { pgPublicationModule } from '../../../../modules/postgres/pg-publication/index.ts'
import { publicationParams } from '../../../../modules/postgres/pg-publication/params.ts'
import type { Publication } from '../../../../postgres/catalog/publication.ts'

const table = (name: string, more: Partial<Publication['tables'][number]> = {}) => ({
  schema: 'public',
  name,
  columns: null,
  where: null,
  ...more,
})
const HAS: Publication = {
  owner: 'postgres',
  all_tables: false,
  publish: ['insert', 'update', 'delete', 'truncate'],
  publish_via_partition_root: false,
  publish_generated_columns: null,
  tables: [table('a'), table('b', { columns: ['id', 'note'], where: '(id > 1)' })],
  schemas: ['sales'],
}
const CLUSTER = { version: '15', name: 'main', port: 5432 } as never
const PARAMS = publicationParams.parse({ version: '15', name: 'p' })
const change = (wanted: Partial<Publication> | null, subscribers = ['vm1_from_vm2'], has = HAS) => {
  const state = { cluster: CLUSTER, has, wanted: wanted && { ...has, ...wanted }, subscribers }
  return pgPublicationModule
    .plan(state, PARAMS)
    .changes.map(({ destructive, reason }) => [destructive, reason?.split(':')[0]])
}

describe('what is taken from those who subscribe is destructive', () => {
  it.each<[string, Partial<Publication>, string]>([
    ['a table', { tables: [table('b', { columns: ['id', 'note'], where: '(id > 1)' })] }, 'public.a'],
    ['a schema', { schemas: [] }, 'schema sales'],
    [
      'rows',
      { tables: [table('a'), table('b', { columns: ['id', 'note'], where: '(id > 2)' })] },
      'rows of public.b',
    ],
    [
      'a column',
      { tables: [table('a'), table('b', { columns: ['id'], where: '(id > 1)' })] },
      'column note of public.b',
    ],
    ['columns', { tables: [table('a', { columns: ['id'] }), HAS.tables[1]!] }, 'columns of public.a'],
    ['operations', { publish: ['insert'] }, 'update, delete, truncate'],
  ])('%s', (_, wanted, lost) => {
    expect(change(wanted)).toEqual([[true, lost]])
    expect(change(wanted, [])).toEqual([[undefined, undefined]])
  })

  it('the whole publication, with whom it is taken from', () => {
    expect(change(null)[0]).toEqual([true, expect.stringContaining('public.a, public.b')])
    expect(change(null, [])).toEqual([[true, undefined]])
  })
})

it('what is added is not', () => {
  const whole = { tables: [table('a'), table('b'), table('c')], schemas: ['other', 'sales'] }
  expect(change(whole)).toEqual([[undefined, undefined]])
  expect(change({ publish: HAS.publish }, ['s'], { ...HAS, publish: ['insert'] })).toEqual([
    [undefined, undefined],
  ])
  // Of a schema that is published whole.
  expect(change({ tables: [], schemas: ['public', 'sales'] })).toEqual([[undefined, undefined]])
})
