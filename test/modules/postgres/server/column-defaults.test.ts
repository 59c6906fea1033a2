import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

/** Each with what CREATE TABLE says to it. */
const REFUSED: readonly [type: string, value: string, why: RegExp][] = [
  ['integer', 'hello', /column "hello" does not exist/],
  ['integer', "'abc'", /invalid input syntax/],
  ['integer', 'true', /of type boolean/],
  ['integer', 'now()', /cannot cast type/],
  ['integer', "'1'::text", /of type text/],
  ['integer', '(select 1)', /holds a query/],
  ['integer', 'sum(1)', /aggregate/],
  ['integer', 'row_number() over ()', /window/],
  ['integer', 'generate_series(1, 2)', /set-returning/],
  ['integer', '0, more integer', /row|record|syntax|cast/],
  ['integer', '0 check (id > 1)', /syntax|there is no|does not exist/],
  ['bigin', '1', /type of column "b" is none: .*bigin/],
  ['text', 'no_such_function()', /no_such_function/],
  ['date', "'2026-13-01'", /out of range/],
]
const TAKEN: readonly [type: string, value: string][] = [
  ['integer', '0'],
  ['bigint', '-7'],
  ['integer', "'7'"],
  ['smallint', '7::bigint'],
  ['text', '7'],
  ['text', "'it''s'"],
  ['timestamptz', 'now()'],
  ['date', 'current_timestamp'],
  ['timestamptz', "now() + interval '1 day'"],
  ['boolean', 'true AND false'],
  ['text[]', "'{}'"],
  ['integer[]', 'array[1, 2]'],
  ['jsonb', "'{}'"],
  ['uuid', 'gen_random_uuid()'],
  ['numeric(4,1)', '1.25'],
  ['integer', 'null'],
  ['integer', '0 -- none yet'],
  ['bigint', "nextval('numbers')"],
  ['positive', '3'],
]

describe.skipIf(!VERSION)('defaults of columns on a real server', () => {
  let scratch: Scratch
  let host: Machine
  const table = (type: string, value: string) => ({
    name: 'public.t',
    columns: [
      { name: 'id', type: 'integer' },
      { name: 'b', type, default: value },
    ],
  })
  beforeAll(async () => {
    scratch = new Scratch('defaults')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create sequence numbers; create domain positive as integer check (value > 0)')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each(REFUSED)('%s default %s is refused in the check, as by CREATE TABLE', async (type, value, why) => {
    expect(() =>
      scratch.psql(`begin; create table t (id integer, b ${type} default ${value}); select 1/0`),
    ).toThrow()
    await expect(host.check(pgTableModule, table(type, value))).rejects.toThrow(why)
  })

  it.each(TAKEN)('%s default %s is taken, and is one default', async (type, value) => {
    const { facts } = await host.converge(pgTableModule, table(type, value))
    expect(Object.values(facts)[0]?.real.columns).toHaveLength(2)
    scratch.psql('drop table t')
  })

  it('nothing is computed to find that out', async () => {
    await host.check(pgTableModule, table('integer', '1 / (random() * 0)::integer'))
    const last = scratch.psql('select last_value from numbers')
    await host.check(pgTableModule, table('bigint', "nextval('numbers')"))
    expect(scratch.psql('select last_value from numbers')).toBe(last)
  })

  it('what an earlier task of the check makes is not missed', async () => {
    const world = host.world()
    await expect(host.check(pgTableModule, table('citext', "'x'"), world)).rejects.toThrow(/citext/)
    world.record({
      changes: [{ path: 'extension citext', before: null, after: '1.6' }],
      steps: [{ do: 'exec', argv: ['true'] }],
    })
    const { plan } = await host.check(pgTableModule, table('citext', "'x'"), world)
    expect(plan.changes).toHaveLength(1)
  })
})
