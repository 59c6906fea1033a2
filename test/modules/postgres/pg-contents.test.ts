import { describe, expect, it } from 'vitest'
import { pgContentsModule } from '../../../modules/postgres/pg-contents/index.ts'
import { plannedCluster } from '../../support/facts.ts'
import { running } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const RECORD = '/srv/contents.json'
type Tables = Record<string, [rows: string, checksum: string | null]>
const contents = (tables: Tables, system = '1') => ({
  system_identifier: system,
  lsn: '0/3000000',
  databases: {
    app: Object.fromEntries(
      Object.entries(tables).map(([name, [rows, checksum]]) => [name, { rows, checksum }]),
    ),
  },
})
async function look(tables: Tables, before?: object, after = before, system = '1', more = {}) {
  const options = await running({
    files: before ? { [RECORD]: JSON.stringify({ before, after }) } : {},
    sql: [
      ['as lsn', [{ system_identifier: system, lsn: '0/3000000' }]],
      ['from pg_database', [{ name: 'app' }]],
      ['relkind', Object.keys(tables).map((table) => ({ schema: 'public', name: table.slice(7) }))],
      [
        'lateral',
        Object.entries(tables).map(([table, [rows, checksum]]) => ({
          schema: 'public',
          name: table.slice(7),
          rows,
          checksum,
        })),
      ],
    ],
  })
  // The probe of the cluster asks for its position too.
  options.sql!.sort(([a], [b]) => Number(b === 'as lsn') - Number(a === 'as lsn'))
  return planWith(pgContentsModule, options, { version: 15, ...(before ? { compare: RECORD } : {}), ...more })
}

describe('pg_contents', () => {
  it('counts every table of every database, and changes nothing', async () => {
    const { plan, result } = await look({ 'public.test': ['3', null] })
    expect(plan).toMatchObject({ changes: [], steps: [] })
    expect(result).toEqual({ contents: contents({ 'public.test': ['3', null] }) })
  })

  it('is content with what nobody wrote and is the same', async () => {
    const was = contents({ 'public.a': ['3', '77'], 'public.b': ['0', '0'] })
    const { plan, result } = await look({ 'public.a': ['3', '77'], 'public.b': ['0', '0'] }, was)
    expect(plan.notes).toEqual(['2 tables are as they were'])
    expect(result).toMatchObject({ same: 2, written_meanwhile: [] })
  })

  it.each<[string, Tables, RegExp]>([
    ['lacks a row', { 'public.a': ['2', '70'] }, /app: public\.a has 2 rows, and the server had 3/],
    ['has another row', { 'public.a': ['3', '78'] }, /other rows .* checksums differ/],
    ['lacks a table', {}, /public\.a is missing/],
    [
      'has a table too many',
      { 'public.a': ['3', '77'], 'public.z': ['1', '1'] },
      /public\.z .* no such table/,
    ],
  ])('fails where the copy %s', async (_, found, words) => {
    await expect(look(found, contents({ 'public.a': ['3', '77'] }))).rejects.toThrow(words)
  })

  it('fails where it is another system', async () => {
    const was = contents({ 'public.a': ['3', '77'] })
    await expect(look({ 'public.a': ['3', '77'] }, was, was, '2')).rejects.toThrow('system identifier is 2')
    const { plan } = await look({ 'public.a': ['3', '77'] }, was, was, '2', { same_system: false })
    expect(plan.notes).toEqual(['1 tables are as they were'])
  })

  it('says of a table that was written meanwhile no more than can be known', async () => {
    const before = contents({ 'public.a': ['3', '77'] })
    const after = contents({ 'public.a': ['9', '99'] })
    const { plan } = await look({ 'public.a': ['5', '88'] }, before, after)
    expect(plan.notes).toEqual([
      '0 tables are as they were',
      'app: public.a was written while the backup was taken: 3 rows before, 9 after, 5 here',
    ])
    await expect(look({}, before, after)).rejects.toThrow('public.a is missing')
  })

  it('says what a record must be', async () => {
    await expect(look({}, { no: 'record' })).rejects.toThrow(`${RECORD} is no record of contents`)
    const options = await running({
      sql: [
        ['as lsn', [{}]],
        ['from pg_database', []],
      ],
    })
    await expect(planWith(pgContentsModule, options, { version: 15, compare: '/none' })).rejects.toThrow(
      'there is no /none on host',
    )
  })

  it('says in a check that a planned copy will be seen by the run', async () => {
    const facts = [plannedCluster({ copyOf: '/srv/0001' })]
    const { plan, result } = await planWith(pgContentsModule, { facts }, { version: 15 })
    expect(plan.notes).toEqual(['what is in it will be seen by the run'])
    expect(result).toEqual({ contents: null })
  })
})
