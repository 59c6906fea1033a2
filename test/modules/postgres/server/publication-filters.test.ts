import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgPublicationModule } from '../../../../modules/postgres/pg-publication/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('row filters', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('filters')
    host = await Machine.of('vm1', scratch)
    const columns = `(id int not null, "Region" text not null, n numeric(6,2), at timestamptz, tags text[])`
    scratch.psql(`create table plain ${columns}`)
    scratch.psql(`create table parted ${columns} partition by list ("Region")`)
    scratch.psql(`create table parted_eu partition of parted for values in ('eu')`)
    scratch.psql(`create table no_parts ${columns} partition by list ("Region")`)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  const task = (name: string, where: string) => ({
    name: 'p',
    tables: [{ name, where }],
    publish: ['insert'],
    publish_via_partition_root: true,
  })
  const stored = () => scratch.psql("select rowfilter from pg_publication_tables where pubname = 'p'")

  /** Pairs that mean different things, though the server may come to the same rows by both. */
  const DIFFERENT = [
    [`"Region" = 'eu'`, `"Region" = 'us'`],
    ['id > 5', 'id < 3'],
    ['id is not null', '"Region" is not null'],
    ['n > 1', 'n > 2'],
    [`at > '2026-01-01'`, `at > '2026-01-02'`],
  ]
  describe.each(['plain', 'parted', 'no_parts'])('of table %s', (table) => {
    it.each(DIFFERENT)('%s becomes %s', async (first, second) => {
      await host.converge(pgPublicationModule, task(table, first))
      const before = stored()
      const { plan } = await host.converge(pgPublicationModule, task(table, second))
      expect(plan.changes).toHaveLength(1)
      expect(stored()).not.toBe(before)
    })
    it.each([
      ['id>5 and n>1.5', '(id > 5) AND (n > 1.5)'],
      [`"Region" in ('a','b')`, `"Region" = any (array['a', 'b'])`],
      [`${table}.id = 1`, 'id = 1'],
    ])('%s is %s', async (first, second) => {
      await host.converge(pgPublicationModule, task(table, first))
      const { plan } = await host.converge(pgPublicationModule, task(table, second))
      expect(plan.changes).toEqual([])
    })
  })

  it('a table that two lists name is one table', async () => {
    const twice = (tables: unknown[]) => ({ name: 'q', publish: ['insert'], tables })
    await host.converge(pgPublicationModule, twice(['public.plain', 'plain', { name: 'plain' }]))
    const columns = ['id', 'Region']
    const same = [
      { name: 'plain', columns },
      { name: 'public.plain', columns: columns.toReversed() },
    ]
    await host.converge(pgPublicationModule, twice(same))
    const other = twice(['plain', { name: 'public.plain', where: 'id > 1' }])
    await expect(host.check(pgPublicationModule, other)).rejects.toThrow('public.plain is named twice')
  })
})
