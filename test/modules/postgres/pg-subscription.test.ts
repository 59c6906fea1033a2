import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import type { Step } from '../../../contract/plan.ts'
import { alterSubscription, refuseFixed } from '../../../modules/postgres/pg-subscription/alter.ts'
import { asPlanned } from '../../../modules/postgres/pg-subscription/as-planned.ts'
import { pgSubscriptionModule } from '../../../modules/postgres/pg-subscription/index.ts'
import { judgePublisher } from '../../../modules/postgres/pg-subscription/judge.ts'
import { subscriptionParams } from '../../../modules/postgres/pg-subscription/params.ts'
import { removeSubscription } from '../../../modules/postgres/pg-subscription/remove.ts'
import { makeSlot } from '../../../modules/postgres/pg-subscription/slot-steps.ts'
import { judgeSuccession } from '../../../modules/postgres/pg-subscription/succession.ts'
import { refuseNewer, wantedSubscription } from '../../../modules/postgres/pg-subscription/wanted.ts'
import { type Publication, publicationKey } from '../../../postgres/catalog/publication.ts'
import { type Slot, slotKey } from '../../../postgres/catalog/slot.ts'
import { defaultOptions, type Subscription, subscriptionKey } from '../../../postgres/catalog/subscription.ts'
import { type Column, type Table, tableKey } from '../../../postgres/catalog/table.ts'
import { type Database, databaseKey } from '../../../postgres/cluster/cluster.ts'
import type { Publisher } from '../../../postgres/subscription/publisher.ts'
import { plannedCluster } from '../../support/facts.ts'
import { fakeHost } from '../../support/fake-host.ts'

const given = {
  version: '15',
  name: 'from_vm1',
  db: 'app',
  connection: { host: 'vm1', port: 5432, user: 'repl', passfile: '/p' },
  publications: ['pub'],
}
const params = subscriptionParams.parse(given)
const cluster = (serverVersion: number) => ({ version: '15', name: 'main', serverVersion }) as never
const wanted = wantedSubscription(cluster(150018), 'vm2', null, params)
const has: Subscription = { ...wanted, oid: 16400, tables: { 'public.test': 'r' } }
const SLOT = {
  type: 'logical',
  plugin: 'pgoutput',
  db: 'app',
  active: false,
  active_pid: null,
  wal_status: 'reserved',
}
const PUBLISHER: Publisher = {
  version: 150018,
  recovery: false,
  publications: ['pub'],
  tables: [{ schema: 'public', table: 'test', readable: true }],
  slot: null,
  user: 'repl',
  db: 'app',
  sync_slots: [],
}
const judge = (more: Partial<Parameters<typeof judgePublisher>[0]> & { answer?: Partial<Publisher> }) =>
  judgePublisher({
    has: null,
    wanted,
    params,
    planned: false,
    isOurs: true,
    publisher: { ...PUBLISHER, ...more.answer },
    ...more,
  })

describe('the arguments of pg_subscription', () => {
  it('hold no password, and say why', () => {
    const { error } = subscriptionParams.safeParse({ ...given, connection: { password: 'x', hots: 'y' } })
    expect(error?.message).toMatch(/passfile with pg_passfile/)
    expect(error?.message).toMatch(/no such connection keyword/)
  })

  it('need a connection and publications, unless it shall be absent', () => {
    const { version, name } = given
    expect(subscriptionParams.safeParse({ version, name }).error?.issues.map(({ path }) => path[0])).toEqual([
      'connection',
      'publications',
    ])
    expect(subscriptionParams.safeParse({ version, name, state: 'absent' }).success).toBe(true)
  })

  it('are refused where the server is too old for them', () => {
    const newer = subscriptionParams.parse({ ...given, origin: 'none' })
    expect(() => refuseNewer(cluster(150018), newer)).toThrow(/origin exists from PostgreSQL 16/)
    refuseNewer(cluster(160000), newer)
    const parallel = subscriptionParams.parse({ ...given, streaming: 'parallel' })
    expect(() => refuseNewer(cluster(150018), parallel)).toThrow(/parallel/)
  })
})

describe('what a subscription shall be', () => {
  it('has a slot of its own, named after subscriber and subscription', () => {
    expect(wanted).toMatchObject({ slot_name: 'vm2_from_vm1', publications: ['pub'], enabled: true })
  })

  it('keeps what the task does not speak of, and a connection that means the same', () => {
    const present: Subscription = {
      ...has,
      ...defaultOptions(15),
      binary: true,
      slot_name: 'by_hand',
      conninfo: "user=repl host='vm1' dbname=app passfile=/p",
    }
    expect(wantedSubscription(cluster(150018), 'vm2', present, params)).toMatchObject({
      binary: true,
      slot_name: 'by_hand',
      conninfo: present.conninfo,
    })
  })
})

describe('a publisher that took over from the one it streams from', () => {
  const judged = (applied: string, confirmed: string | null) =>
    judgeSuccession({ applied, fork: '0/5000', confirmed }, 'from_vm1', 'host=vm2')

  it('is refused by a subscriber that has more of the old one', () => {
    expect(() => judged('0/5001', '0/4000')).toThrow(/applied up to 0\/5001.*took over at 0\/5000/)
    expect(judged('0/5000', '0/4000')).toEqual({})
  })

  it('has a slot that begins where the subscriber is, or what is left out is told', () => {
    expect(judged('0/4000', '0/6000')).toMatchObject({
      destructive: true,
      reason: expect.stringContaining('0/6000'),
    })
    expect(judged('0/4000', null)).toEqual({})
  })
})

describe('the publisher', () => {
  it('gets a slot where there is none, and keeps one that waits', () => {
    expect(judge({}).slot).toBe('make')
    expect(judge({ answer: { slot: SLOT } })).toMatchObject({
      slot: 'keep',
      notes: ['slot vm2_from_vm1 was there already and is used'],
    })
    expect(judge({ answer: { slot: { ...SLOT, wal_status: 'lost' } } }).slot).toBe('replace')
  })

  it('is refused where its slot is another’s', () => {
    const used = { ...SLOT, active: true, active_pid: 7, subscriber: 'from_vm1 from 10.0.0.3' }
    expect(() => judge({ answer: { slot: used } })).toThrow(/process 7.*, from_vm1 from 10.0.0.3/)
    expect(() => judge({ answer: { slot: { ...SLOT, db: 'other' } } })).toThrow(/another kind/)
  })

  it('is refused where its slot has sent to another, and not where that was a lost one of this name', () => {
    const slot = { ...SLOT, sent: 3 }
    expect(() => judge({ answer: { slot }, isOurs: false })).toThrow(/has sent 3 transactions to another/)
    expect(judge({ answer: { slot } }).slot).toBe('keep')
    for (const sent of [0, null])
      expect(judge({ answer: { slot: { ...SLOT, sent } }, isOurs: false }).slot).toBe('keep')
  })

  it('may lack what is planned, and nothing else', () => {
    const answer = { publications: [], tables: [{ schema: 'public', table: 'test', readable: false }] }
    expect(() => judge({ answer })).toThrow(
      /no publication "pub".*; role "repl" may not read "public"."test"/,
    )
    expect(judge({ answer, planned: true }).notes).toHaveLength(2)
    expect(
      judge({ answer: { ...answer, publications: ['pub'] }, params: { ...params, copy_data: false } }).notes,
    ).toEqual([])
    expect(() => judge({ publisher: { unreachable: 'refused' } })).toThrow(/cannot reach.*refused/)
    expect(judge({ publisher: { unreachable: 'refused' }, planned: true }).slot).toBe('make')
  })

  it('need not answer where nothing is to be asked of it', () => {
    expect(judge({ has, publisher: { unreachable: 'refused' } })).toMatchObject({
      slot: 'keep',
      refresh: false,
    })
  })

  it('has lost rows with a slot, which is refused unless told', () => {
    for (const slot of [null, { ...SLOT, wal_status: 'lost' }])
      expect(() => judge({ has, answer: { slot } })).toThrow(/(gone|lost).*may never be/)
    const recreate = { ...params, on_lost_slot: 'recreate' as const }
    expect(judge({ has, params: recreate }).slot).toBe('make')
    expect(judge({ has, params: recreate, answer: { slot: { ...SLOT, wal_status: 'lost' } } }).slot).toBe(
      'replace',
    )
  })

  it('publishes another table: the subscription is refreshed', () => {
    const tables = [...PUBLISHER.tables, { schema: 'public', table: 'more', readable: true }]
    expect(judge({ has, answer: { slot: SLOT, tables } }).refresh).toBe(true)
    expect(judge({ has, answer: { slot: SLOT } }).refresh).toBe(false)
  })
})

describe('a slot', () => {
  it('is made in a statement of its own, over a replication connection without a password', () => {
    const { argv, as } = makeSlot(cluster(150018), { host: 'vm1', passfile: '/p' }, 's', { twoPhase: true })
    expect(as).toBe('postgres')
    expect(argv.slice(-3)).toEqual([
      'host=vm1 passfile=/p connect_timeout=10 replication=database',
      '-c',
      'CREATE_REPLICATION_SLOT "s" LOGICAL pgoutput NOEXPORT_SNAPSHOT TWO_PHASE',
    ])
  })
})

/** A cluster that earlier tasks plan. */
const here = {
  version: '15',
  name: 'main',
  port: 5432,
  running: true,
  recovery: false,
  serverVersion: 150018,
}

describe('pg_subscription in a check', () => {
  it('does not ask the cluster that gives its port to the publisher only later', async () => {
    const inspect = (port: number) => {
      const host = fakeHost({
        facts: [
          plannedCluster(here),
          predict(databaseKey(here, 'app'), { name: 'app' } as Database),
          predict(subscriptionKey(here, 'app', 'from_vm1'), null),
        ],
        elsewhere: { vm1: [plannedCluster({ ...here, port })] },
        reads: { 'sh -c *': { code: 2, stderr: 'asked' } },
      })
      host.sql = async () => []
      return pgSubscriptionModule.inspect(host, params)
    }
    expect(await inspect(5433)).toMatchObject({ publisher: null })
    expect(await inspect(5432)).toMatchObject({ publisher: { unreachable: 'asked' } })
  })
})

describe('a publisher that cannot be asked yet', () => {
  it('refuses the check where a table that is planned there has a column that is not here', async () => {
    const test = (...names: string[]) =>
      predict(tableKey(here, 'app', 'public', 'test'), { columns: names.map((name) => ({ name })) } as Table)
    const published = { schema: 'public', name: 'test', columns: null, where: null }
    const inspect = (...columns: string[]) =>
      pgSubscriptionModule.inspect(
        fakeHost({
          planned: true,
          facts: [
            plannedCluster({ ...here, fresh: true }),
            predict(databaseKey(here, 'app'), { name: 'app' } as Database),
            test(...columns),
          ],
          elsewhere: {
            vm1: [
              predict(publicationKey(here, 'app', 'pub'), {
                tables: [published],
                schemas: [] as string[],
              } as Publication),
              test('id', 'more'),
            ],
          },
        }),
        params,
      )
    await expect(inspect('id')).rejects.toThrow('public.test lacks more')
    expect(await inspect('id', 'more')).toMatchObject({ publisher: null })
  })
})

describe('the slot that a subscription claims in its run', () => {
  const claimed = (more: object) =>
    pgSubscriptionModule.claims!(subscriptionParams.parse({ ...given, ...more }))
  it('is the one of its name on that publisher, and given back with the subscription', () => {
    const by = 'subscription from_vm1 of database app in 15/main'
    expect(claimed({ slot_name: 's' })).toEqual([{ what: 'slot s of vm1:5432', by }])
    expect(claimed({ state: 'absent' })).toEqual([{ what: null, by }])
    expect(claimed({})).toEqual([])
    expect(claimed({ slot_name: 's', connection: { host: '/run/postgresql' } })).toEqual([])
  })
})

describe('a subscription that is taken away', () => {
  it('still knows its slots until the publisher has dropped them: cut short anywhere, nothing is left that nobody knows', () => {
    const step = (what: string): Step => ({ do: 'exec', title: what, argv: ['true'] })
    const tools = { sql: step, dropSlot: (slot: string) => step(`drop slot ${slot}`) }
    const there = { ...PUBLISHER, slot: SLOT as unknown as Slot, sync_slots: ['pg_1_sync_2_3'] }
    const steps = (one: Subscription, publisher: Publisher) =>
      removeSubscription(one, 'from_vm1', publisher, tools).steps.map(({ title }) => title)
    expect(steps({ ...has, slot_name: 's', enabled: true }, there)).toEqual([
      'ALTER SUBSCRIPTION "from_vm1" DISABLE',
      'drop slot s',
      'drop slot pg_1_sync_2_3',
      'ALTER SUBSCRIPTION "from_vm1" SET (slot_name = NONE)',
      'DROP SUBSCRIPTION "from_vm1"',
    ])
    // As it is found when that was cut short behind the slots.
    expect(steps({ ...has, slot_name: 's', enabled: false }, PUBLISHER)).toEqual([
      'ALTER SUBSCRIPTION "from_vm1" SET (slot_name = NONE)',
      'DROP SUBSCRIPTION "from_vm1"',
    ])
  })
})

describe('what a check knows of the publisher', () => {
  it('is the slot that earlier tasks make anew or take away, whoever used one of its name before', () => {
    const here = { version: '15', name: 'main' }
    const used = { ...PUBLISHER, slot: { ...SLOT, sent: 9 } }
    const known = (slot: Slot | null) =>
      asPlanned(
        fakeHost({ elsewhere: { vm1: [predict(slotKey(here, wanted.slot_name!), slot)] } }),
        here,
        { host: 'vm1', dbname: 'app' },
        wanted,
        used,
      ).slot
    expect(known({ ...SLOT, active: true, active_pid: 7 } as unknown as Slot)).toMatchObject({
      active: false,
      sent: 0,
    })
    expect(known(null)).toBeNull()
  })

  it('are the publication and the columns that earlier tasks make there, in the cluster that answers', () => {
    const there = { version: '15', name: 'other' }
    const columns = [{ name: 'id' }, { name: 'more' }] as Column[]
    const published = { schema: 'public', name: 'test', columns: null, where: null }
    const host = fakeHost({
      elsewhere: {
        vm1: [
          predict(publicationKey(there, 'app', 'pub'), {
            tables: [published],
            schemas: [] as string[],
          } as Publication),
          predict(tableKey(there, 'app', 'public', 'test'), { columns } as Table),
        ],
      },
    })
    const answer = { ...PUBLISHER, cluster_name: '15/other', publications: [], tables: [] }
    const known = asPlanned(
      host,
      { version: '15', name: 'main' },
      { host: 'vm1', dbname: 'app' },
      wanted,
      answer,
    )
    expect(known).toMatchObject({
      publications: ['pub'],
      tables: [{ table: 'test', columns: ['id', 'more'] }],
    })
  })
})

describe('what changes only while the subscription is disabled', () => {
  const step = (text: string) => ({ do: 'sql' as const, on: {} as never, text })
  const how = { name: 'from_vm1', copy: true, place: {}, replaced: [], before: [] }
  const tools = {
    sql: step,
    join: step,
    makeSlot: () => step('make'),
    dropSlot: () => step('drop'),
    workerGone: () => step('the worker ends'),
  }
  const old = { ...has, two_phase: false, failover: false }
  const statements = (wish: Subscription) =>
    alterSubscription(old, wish, how, { slot: 'keep', refresh: false, notes: [] }, tools).steps.map(
      (one) => (one as { text: string }).text,
    )

  it('changes in place where its server can: disabled, changed, enabled again', () => {
    const alter = 'ALTER SUBSCRIPTION "from_vm1"'
    expect(statements({ ...old, failover: true, synchronous_commit: 'local' })).toEqual([
      `${alter} SET (synchronous_commit = 'local')`,
      `${alter} DISABLE`,
      'the worker ends',
      `${alter} SET (failover = 'true')`,
      `${alter} ENABLE`,
    ])
    expect(statements({ ...old, enabled: false, two_phase: true })).toEqual([
      `${alter} DISABLE`,
      'the worker ends',
      `${alter} SET (two_phase = 'true')`,
    ])
  })

  it('is refused where its server cannot, with the first version that can', () => {
    const wish = { ...old, two_phase: true }
    const named = { name: 'from_vm1', slot_renamed: false }
    expect(() => refuseFixed(old, wish, named, 17)).toThrow(/does not change.*before PostgreSQL 18/)
    refuseFixed(old, wish, named, 18)
    refuseFixed(old, { ...old, failover: true }, named, 17)
  })
})
