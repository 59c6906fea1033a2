import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgPromoteModule } from '../../../../modules/postgres/pg-promote.ts'
import { pgReplicationModule } from '../../../../modules/postgres/pg-replication.ts'
import { pgSlotModule } from '../../../../modules/postgres/pg-slot/index.ts'
import { pgSlotGapModule } from '../../../../modules/postgres/pg-slot-gap.ts'
import { pgSubscriptionModule } from '../../../../modules/postgres/pg-subscription/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('a standby of a subscriber takes its place', () => {
  let publisher: Scratch
  let subscriber: Scratch
  let standby: Scratch
  let vm1: Machine
  let vm3: Machine
  let vm4: Machine
  const to = (more = {}) => ({
    name: 'from_vm1',
    connection: { host: publisher.dir, port: publisher.port, user: 'postgres' },
    publications: ['pub'],
    ...more,
  })

  beforeAll(async () => {
    publisher = new Scratch('vm1')
    subscriber = new Scratch('vm3')
    for (const scratch of [publisher, subscriber])
      scratch.psql(`create table test (id int primary key, note text) partition by range (id);
        create table test_1 partition of test for values from (0) to (1000000); create table other (id int)`)
    publisher.psql('create publication pub for table test')
    vm1 = await Machine.of('vm1', publisher)
    vm3 = await Machine.of('vm3', subscriber)
    await vm3.converge(pgSubscriptionModule, to({ slot_name: 'vm3_from_vm1' }))
    await vm3.check(pgReplicationModule, { subscriptions: ['from_vm1'], timeout: 20 })
    standby = new Scratch('vm4', subscriber)
    vm4 = await Machine.of('vm4', standby)
  }, 60_000)

  afterAll(async () => {
    await Promise.all([vm1, vm3, vm4].map((machine) => machine?.close()))
    for (const scratch of [standby, subscriber, publisher]) scratch?.remove()
  })

  const position = () => publisher.psql('select pg_current_wal_lsn()')
  const confirmed = async (lsn: string): Promise<void> => {
    await vm1.check(pgReplicationModule, {
      rows: [
        {
          query: `select bool_and(confirmed_flush_lsn >= '${lsn}') from pg_replication_slots where slot_name = 'vm3_from_vm1'`,
          expect: true,
        },
      ],
      timeout: 30,
    })
  }
  const gap = async (applied: string, more = {}) => {
    const args = {
      slot: 'vm4_from_vm1',
      renamed_from: 'vm3_from_vm1',
      publications: ['pub'],
      applied,
      ...more,
    }
    const { plan, state, params } = await vm1.check(pgSlotGapModule, args)
    return pgSlotGapModule.result!({ state, params, plan, outputs: null }) as any
  }

  it('finds every confirmed transaction that changed a published table since a position, and no other', async () => {
    publisher.psql('checkpoint; insert into test values (1)')
    const before = position()
    publisher.psql('insert into other values (1); update other set id = 2')
    publisher.psql("insert into test values (2), (3), (4); update test set note = 'x' where id = 2")
    publisher.psql('begin; savepoint a; delete from test where id = 4; release a; commit')
    publisher.psql('begin; insert into test values (99); rollback')
    const after = position()
    publisher.psql('insert into other values (3)')
    await confirmed(after)
    const { lost, unknown, transactions, slot } = await gap(before, { lost_changes: 'report' })
    expect({ lost, unknown, slot }).toEqual({ lost: true, unknown: null, slot: 'vm3_from_vm1' })
    // psql sends each text as one transaction.
    expect(transactions.map(({ rows }: { rows: number }) => rows)).toEqual([4, 1])
    await expect(gap(before)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^slot vm3_from_vm1 on vm1 has confirmed 2 transactions with 5 changed rows/,
      ),
    })
  }, 60_000)

  it('is not misled by what was confirmed without being published', async () => {
    const before = position()
    publisher.psql('insert into other select generate_series(1, 100)')
    const after = position()
    await confirmed(after)
    expect(await gap(before)).toMatchObject({ lost: false, transactions: [] })
    expect(await gap(position())).toMatchObject({ lost: false })
  }, 60_000)

  it('does not promote a standby whose subscriptions would start by themselves', async () => {
    const promote = vm4.check(pgPromoteModule, { upstream: { host: 'localhost', port: 1 } })
    await expect(promote).rejects.toThrow(/from_vm1.* would start .* max_logical_replication_workers is 4/)
    standby.psql('alter system set max_logical_replication_workers = 0')
    standby.stop()
    standby.start()
  })

  it('does not promote a standby whose primary answers', async () => {
    const promote = vm4.check(pgPromoteModule, { upstream: { host: '127.0.0.1', port: subscriber.port } })
    await expect(promote).rejects.toThrow(
      /still answers \("accepting"\): a promotion would make two primaries/,
    )
  })

  it('becomes a primary, once', async () => {
    subscriber.stop()
    await vm4.converge(pgPromoteModule, { upstream: { host: '127.0.0.1', port: subscriber.port } })
    expect(standby.psql('select pg_is_in_recovery()')).toBe('f')
    expect(standby.psql('select timeline_id from pg_control_checkpoint()')).toBe('2')
  })

  it('takes a slot from whoever streams from it, at its position, and goes on with its subscription', async () => {
    // The old one comes back, and streams again.
    subscriber.start()
    const streams = [{ query: 'select active from pg_replication_slots', expect: true }]
    await vm1.check(pgReplicationModule, { rows: streams, timeout: 20 })
    const renaming = { name: 'vm4_from_vm1', renamed_from: 'vm3_from_vm1', type: 'logical' }
    const { plan } = await vm1.converge(pgSlotModule, renaming)
    expect(plan.changes).toMatchObject([{ path: 'slot vm4_from_vm1', before: 'named vm3_from_vm1' }])
    expect(publisher.psql('select slot_name, active from pg_replication_slots')).toBe('vm4_from_vm1|f')
    publisher.psql('insert into test values (10)')

    await expect(vm4.check(pgSubscriptionModule, to({ slot_name: 'vm4_from_vm1' }))).rejects.toThrow(
      /uses slot vm3_from_vm1, not vm4_from_vm1/,
    )
    await vm4.converge(pgSubscriptionModule, to({ slot_name: 'vm4_from_vm1', slot_renamed: true }))
    standby.psql('alter system set max_logical_replication_workers = 4')
    standby.stop()
    standby.start()
    await vm4.check(pgReplicationModule, {
      subscriptions: ['from_vm1'],
      rows: [{ query: 'select id from test', expect: [1, 2, 3, 10].map((id) => ({ id })) }],
      timeout: 30,
    })
    expect(subscriber.psql('select count(*) from test where id = 10')).toBe('0')
  }, 60_000)

  it('ends a renaming that was interrupted between copy and drop, where both stand at the same position', async () => {
    standby.stop()
    const waits = [{ query: 'select active from pg_replication_slots', expect: false }]
    await vm1.check(pgReplicationModule, { rows: waits, timeout: 20 })
    publisher.psql("select pg_copy_logical_replication_slot('vm4_from_vm1', 'vm5_from_vm1')")
    const renaming = { name: 'vm5_from_vm1', renamed_from: 'vm4_from_vm1', type: 'logical' }
    await vm1.converge(pgSlotModule, renaming)
    expect(publisher.psql('select slot_name from pg_replication_slots')).toBe('vm5_from_vm1')

    publisher.psql('insert into test values (11)')
    publisher.psql("select pg_create_logical_replication_slot('vm6_from_vm1', 'pgoutput')")
    const other = { name: 'vm6_from_vm1', renamed_from: 'vm5_from_vm1', type: 'logical' }
    await expect(vm1.check(pgSlotModule, other)).rejects.toThrow(/both there, at different positions/)
    const none = { name: 'a', renamed_from: 'b', type: 'logical' }
    await expect(vm1.check(pgSlotModule, none)).rejects.toThrow(/neither slot b nor slot a/)
    standby.start()
  })
})
