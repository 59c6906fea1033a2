import { describe, expect, it } from 'vitest'
import { judge } from '../../../postgres/replication/judge.ts'
import { lagBytes } from '../../../postgres/replication/judge-standby.ts'
import type { Look } from '../../../postgres/replication/look.ts'
import { verificationParams } from '../../../postgres/replication/params.ts'
import { lsnBytes } from '../../../postgres/replication/upstream.ts'

const cluster = { version: '15', name: 'main' } as never
const SUBSCRIPTION = {
  enabled: true,
  slot: 'vm2_s',
  pid: 77,
  age: 100,
  received: '0/1',
  errors: 0,
  sync_errors: 0,
  tables: { 'public.test': 'r' },
}
const LOOK: Look = {
  now: 0,
  recovery: true,
  most_workers: 4,
  subscriptions: { s: SUBSCRIPTION },
  publications: ['p'],
  slots: { one: { active: true, wal_status: 'reserved' } },
  standby: {
    status: 'streaming',
    host: 'vm3',
    port: 5432,
    slot: 'vm4',
    received: '1/10',
    replayed: '1/10',
    paused: false,
    system: '42',
  },
  rows: [],
}
const problems = (args: object, look: Partial<Look> = {}, upstream: Parameters<typeof judge>[3] = null) =>
  judge(verificationParams.parse({ version: '15', ...args }), cluster, { ...LOOK, ...look }, upstream)
const subscription = (
  more: Partial<typeof SUBSCRIPTION> | { pid: null; age: null },
  look: Partial<Look> = {},
) => problems({ subscriptions: ['s'] }, { ...look, subscriptions: { s: { ...SUBSCRIPTION, ...more } } })

describe('a subscription', () => {
  it('is well when it runs and every table is ready', () => {
    expect(subscription({})).toEqual([])
  })

  it('is well after errors of the past, once its worker has lived for a while', () => {
    expect(subscription({ errors: 9 })).toEqual([])
    expect(subscription({ errors: 9, age: 0.2 })[0]!.what).toMatch(/just been started again, after 9 error/)
  })

  it('says what it lacks, and where to look', () => {
    expect(subscription({ enabled: false })[0]).toMatchObject({ hint: 'Enable it with pg_subscription.' })
    expect(subscription({ enabled: false, errors: 1 })[0]!.hint).toMatch(/postgresql-15-main\.log.*LSN/)
    expect(subscription({ pid: null, age: null })[0]!.what).toMatch(/no worker runs/)
    expect(subscription({ pid: null, age: null }, { most_workers: 0 })[0]!.what).toMatch(/no worker may run/)
    expect(subscription({ tables: { 'public.test': 'd' }, errors: 3, sync_errors: 3 })[0]).toMatchObject({
      what: 'subscription s: public.test is being copied (state d), after 3 error(s)',
      hint: expect.stringMatching(/SELECT/),
    })
    expect(problems({ subscriptions: ['other'] })[0]!.what).toMatch(/is not there/)
  })
})

describe('slots and publications', () => {
  it('must be there, and slots streamed from', () => {
    expect(problems({ slots: ['one'], publications: ['p'] })).toEqual([])
    expect(problems({ slots: ['two'], publications: ['q'] })).toHaveLength(2)
    for (const slot of [
      { active: false, wal_status: 'reserved' },
      { active: false, wal_status: 'lost' },
    ])
      expect(problems({ slots: ['one'] }, { slots: { one: slot } })).toHaveLength(1)
  })
})

describe('a standby', () => {
  const standby = { standby: { upstream: { host: 'vm3' }, slot: 'vm4' } }
  const upstream = { system: '42', lsn: '1/10' }
  const whats = (look: Partial<Look>, from: Parameters<typeof judge>[3] = upstream) =>
    problems(standby, look, from).map(({ what }) => what)
  const receiving = (more: Partial<Look['standby']>) => whats({ standby: { ...LOOK.standby, ...more } })

  it('is well when it has replayed what its upstream had written', () => {
    expect(whats({})).toEqual([])
    expect(whats({}, { system: '42', lsn: '0/FFFFFFFF' })).toEqual([])
  })

  it('is not when it streams from elsewhere, is paused, behind, or a copy of another server', () => {
    expect(receiving({ status: null })).toEqual([
      'the standby does not stream: its WAL receiver does not run',
    ])
    expect(receiving({ host: 'vm1' })[0]).toMatch(/from vm1:5432, not from vm3:5432/)
    expect(receiving({ slot: null })[0]).toMatch(/without a slot, not through vm4/)
    expect(receiving({ paused: true, replayed: '1/0' })).toEqual([
      'replay is paused',
      'replayed up to 1/0, and the upstream had written up to 1/10',
    ])
    expect(whats({}, { system: '43', lsn: '1/10' })[0]).toMatch(/another system/)
    expect(whats({}, { unreachable: 'refused' })[0]).toMatch(/does not answer this host: refused/)
    expect(whats({ recovery: false })[0]).toMatch(/no standby/)
  })

  it('lags by bytes', () => {
    expect(lsnBytes('16/B374D848')).toBe(97_500_059_720n)
    expect(lagBytes({ system: '', lsn: '1/10' }, '0/FFFFFFFF')).toBe(17n)
    expect(lagBytes({ system: '', lsn: '1/10' }, '1/20')).toBe(0n)
  })
})

describe('rows', () => {
  const rows = (expect: unknown, found: Look['rows'][number]) =>
    problems({ rows: [{ name: 'it', query: 'q', expect }] }, { rows: [found] }).map(({ what }) => what)

  it('fit a value whatever its type, or rows in any order', () => {
    expect(rows('1', [{ count: 1 }])).toEqual([])
    expect(rows(null, [{ a: null }])).toEqual([])
    expect(
      rows(
        [
          { a: 1, b: 'x' },
          { a: 2, b: 'y' },
        ],
        [
          { b: 'y', a: '2' },
          { a: 1, b: 'x' },
        ],
      ),
    ).toEqual([])
    expect(rows([], [])).toEqual([])
  })

  it('that do not fit are shown beside what was expected', () => {
    expect(rows(1, [])).toEqual(['it: found no row, expected 1'])
    expect(rows(1, [{ a: 1 }, { a: 1 }])).toEqual(['it: found 1, 1, expected 1'])
    expect(rows([{ a: 1 }], [{ a: 2 }])).toEqual(['it: found {a: 2}, expected {a: 1}'])
    expect(rows(1, { error: 'relation "t" does not exist' })).toEqual(['it: relation "t" does not exist'])
  })
})
