import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgReplicationModule } from '../../../../modules/postgres/pg-replication.ts'
import { pgSubscriptionModule } from '../../../../modules/postgres/pg-subscription/index.ts'
import { Machine } from './machine.ts'
import { PSQL, Scratch, VERSION } from './scratch.ts'

const WEIRD = 'we"ird; drop'

describe.skipIf(!VERSION)('replication between real servers', () => {
  let one: Scratch
  let two: Scratch
  let vm1: Machine
  let vm2: Machine
  let passfile: string

  beforeAll(async () => {
    one = new Scratch('one')
    two = new Scratch('two')
    vm1 = await Machine.of('vm1', one)
    vm2 = await Machine.of('VM-2', two)
    const dir = mkdtempSync(join(tmpdir(), 'play-pass-'))
    chmodSync(dir, 0o755)
    passfile = join(dir, 'pass')
    writeFileSync(passfile, '*:*:*:repl:s:cret\\\\\n'.replace('s:cret\\\\', 's\\:cret'), { mode: 0o600 })
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }))
    chownSync(passfile, uid, uid)
    for (const scratch of [one, two])
      scratch.psql(`create role repl login replication password 's:cret';
        create table test (id int primary key); create table test2 (id int primary key);
        create table "${WEIRD.replace('"', '""')}" (id int primary key);
        grant select on all tables in schema public to repl;`)
    one.psql('create publication pub for table test')
    two.psql('create publication pub for table test2')
  }, 60_000)

  afterAll(async () => {
    await vm1?.close()
    await vm2?.close()
    for (const scratch of [one, two]) scratch?.remove()
    if (passfile) rmSync(join(passfile, '..'), { recursive: true })
  })

  const to = (publisher: Scratch, more = {}) => ({
    connection: { host: '127.0.0.1', port: publisher.port, user: 'repl', passfile },
    publications: ['pub'],
    ...more,
  })

  it('two servers subscribe to each other at the same time, again and again, without waiting for ever', async () => {
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([
        vm1.converge(pgSubscriptionModule, { name: 'from_two', ...to(two, { copy_data: false }) }),
        vm2.converge(pgSubscriptionModule, { name: 'from_one', ...to(one, { copy_data: false }) }),
      ])
      if (round === 19) break
      await Promise.all([
        vm1.converge(pgSubscriptionModule, { name: 'from_two', state: 'absent' }),
        vm2.converge(pgSubscriptionModule, { name: 'from_one', state: 'absent' }),
      ])
      for (const scratch of [one, two])
        expect(scratch.psql('select count(*) from pg_replication_slots')).toBe('0')
    }
    expect(one.psql('select slot_name from pg_replication_slots')).toBe('vm_2_from_one')
  }, 120_000)

  it('verifies rows that arrive, and says what is missing of those that do not', async () => {
    one.psql('insert into test values (1)')
    const { result } = await vm2.converge(pgReplicationModule, {
      subscriptions: ['from_one'],
      publications: ['pub'],
      rows: [
        { name: 'the row', query: 'select id from test -- all', expect: [{ id: 1 }] },
        { query: 'select count(*) from test;', expect: 1 },
      ],
      timeout: 20,
    })
    expect(result).toMatchObject({
      subscriptions: { from_one: { enabled: true, tables: { 'public.test': 'r' } } },
    })
    const failure = vm2.check(pgReplicationModule, {
      subscriptions: ['from_one', 'nothing'],
      publications: ['gone'],
      slots: ['vm_2_from_one'],
      rows: [
        { name: 'a row', query: 'select id from test', expect: 7 },
        { name: 'a table', query: 'select id from nowhere', expect: 7 },
      ],
      timeout: 0.2,
    })
    await expect(failure).rejects.toMatchObject({
      details: [
        'subscription nothing is not there',
        'publication gone is not in database postgres',
        'slot vm_2_from_one is not there',
        'a row: found 1, expected 7',
        'a table: relation "nowhere" does not exist',
      ],
    })
  })

  it('asks the publisher nothing when all is well', async () => {
    const { state } = await vm2.check(pgSubscriptionModule, { name: 'from_one', ...to(one) })
    expect(state.publisher).toBeNull()
  })

  it('goes on by itself after its publisher was restarted', async () => {
    one.stop()
    one.start()
    await vm2.check(pgReplicationModule, { subscriptions: ['from_one'], timeout: 20 })
    const { plan } = await vm2.check(pgSubscriptionModule, { name: 'from_one', ...to(one) })
    expect(plan.changes).toEqual([])
  }, 30_000)

  it('takes in again a table that was dropped here and made anew', async () => {
    two.psql('drop table test; create table test (id int primary key)')
    const { plan } = await vm2.converge(pgSubscriptionModule, { name: 'from_one', ...to(one) })
    expect(plan.changes).toMatchObject([
      { path: 'subscription from_one tables', before: [], after: ['public.test'] },
    ])
    await vm2.check(pgReplicationModule, { subscriptions: ['from_one'], timeout: 20 })
  })

  it('does not copy into a table that holds rows, unless told to', async () => {
    two.psql('insert into test values (4711) on conflict do nothing')
    const check = (more: object) => vm2.check(pgSubscriptionModule, { name: 'again', ...to(one, more) })
    await expect(check({})).rejects.toThrow(/^table public\.test .* holds rows already/)
    for (const more of [{ copy_data: false }, { filled_tables: 'copy' }])
      expect((await check(more)).plan.changes).toHaveLength(1)
    two.psql('delete from test where id = 4711')
  })

  it('replaces tables that foreign keys join, together, and one that is empty with those that it refers to', async () => {
    for (const scratch of [one, two])
      scratch.psql(`create table maker (id int primary key); create table part (id int primary key, by int references maker);
        create table use (part int references part, by int references maker) partition by list (part);
        create table use_1 partition of use for values in (1); grant select on maker, part, use to repl`)
    one.psql(`insert into maker values (1), (2); insert into part values (1, 1); insert into use values (1, 2);
      create publication joined for table maker, part, use with (publish_via_partition_root)`)
    two.psql('insert into maker values (3); insert into part values (3, 3)')
    const wish = { name: 'joined', ...to(one, { publications: ['joined'], filled_tables: 'replace' }) }
    two.psql('create table other (by int references maker)')
    await expect(vm2.check(pgSubscriptionModule, wish)).rejects.toThrow(
      /maker on VM-2 .*foreign keys of public.other refer/,
    )
    two.psql('drop table other')
    const { plan } = await vm2.converge(pgSubscriptionModule, wish)
    expect(plan.changes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['rows of public.maker', 'rows of public.part']),
    )
    await vm2.check(pgReplicationModule, { subscriptions: ['joined'], timeout: 20 })
    expect(
      two.psql(
        'select (select count(*) from maker), (select count(*) from part), (select count(*) from use)',
      ),
    ).toBe('2|1|1')
    const kept = two.psql(
      "select string_agg(tablename, ' ' order by 1) from pg_tables where schemaname = 'replaced_by_play'",
    )
    expect(kept).toMatch(/^maker_\d+_\d+ part_\d+_\d+$/)
    await vm2.converge(pgSubscriptionModule, { name: 'joined', state: 'absent' })
  }, 60_000)

  it('compares what the publisher sends: its filter and its columns, in whatever order', async () => {
    one.psql(`create table sent (id int primary key, note text, secret text);
      insert into sent select n, 'note ' || n, 'geheim' from generate_series(1, 20) n; grant select on sent to repl;
      create publication sent for table sent (id, note) where (id > 10)`)
    two.psql(`create table sent (own text default 'here', note text, id int primary key);
      insert into sent select 'x', 'note ' || n, n from generate_series(11, 19) n`)
    const wish = { name: 'sent', ...to(one, { publications: ['sent'], filled_tables: 'compare' }) }
    await expect(vm2.check(pgSubscriptionModule, wish)).rejects.toMatchObject({
      details: [expect.stringContaining('public.sent: 10 rows on the publisher, 9 here')],
    })
    two.psql("insert into sent values ('x', 'note 20', 20)")
    await vm2.converge(pgSubscriptionModule, wish)
    expect(
      two.psql(
        "select count(*) from pg_subscription_rel where srrelid = 'sent'::regclass and srsubstate = 'r'",
      ),
    ).toBe('1')
    await vm2.converge(pgSubscriptionModule, { name: 'sent', state: 'absent' })
  }, 60_000)

  it('changes in place what can change, and refuses what cannot', async () => {
    const { plan } = await vm2.converge(pgSubscriptionModule, {
      name: 'from_one',
      ...to(one, { synchronous_commit: 'local', binary: true, streaming: true, enabled: false }),
    })
    expect(plan.changes.map(({ path, after }) => [path, after])).toEqual([
      ['subscription from_one synchronous_commit', 'local'],
      ['subscription from_one binary', true],
      ['subscription from_one streaming', 'on'],
      ['subscription from_one enabled', false],
    ])
    await vm2.converge(pgSubscriptionModule, { name: 'from_one', ...to(one) })
    await expect(
      vm2.check(pgSubscriptionModule, { name: 'from_one', ...to(one, { two_phase: true }) }),
    ).rejects.toThrow(/two_phase/)
    await expect(
      vm2.check(pgSubscriptionModule, { name: 'from_one', ...to(one, { slot_name: 'other' }) }),
    ).rejects.toThrow(/uses slot vm_2_from_one, not other/)
  })

  it('follows the connection and the publications', async () => {
    one.psql(`create publication "${WEIRD.replace('"', '""')}" for table "${WEIRD.replace('"', '""')}"`)
    const args = {
      name: 'from_one',
      ...to(one, { publications: ['pub', WEIRD] }),
    }
    const changed = { ...args, connection: { ...args.connection, application_name: "it's me" } }
    const { plan } = await vm2.converge(pgSubscriptionModule, changed)
    expect(plan.changes.map(({ path }) => path)).toEqual([
      'subscription from_one connection',
      'subscription from_one publications',
    ])
    await vm2.check(pgReplicationModule, { subscriptions: ['from_one'], timeout: 20 })
    expect(two.psql(`select count(*) from pg_subscription_rel where srsubstate = 'r'`)).toBe('2')
  })

  it('refreshes when the publisher publishes another table', async () => {
    one.psql('alter publication pub add table test2')
    const args = {
      name: 'from_one',
      refresh: 'always',
      ...to(one, { publications: ['pub', WEIRD], copy_data: false }),
      connection: { ...to(one).connection, application_name: "it's me" },
    }
    const { plan } = await vm2.converge(pgSubscriptionModule, args)
    expect(plan.changes).toMatchObject([{ path: 'subscription from_one tables' }])
    one.psql('alter publication pub drop table test2')
    await vm2.converge(pgSubscriptionModule, args)
  })

  it('asks the publisher only where it has other tables than the task names, and takes in what joined', async () => {
    const { refresh: _, ...args } = {
      name: 'from_one',
      refresh: 'auto',
      ...to(one, { publications: ['pub', WEIRD], copy_data: false }),
      connection: { ...to(one).connection, application_name: "it's me" },
    }
    const tables = ['test', `public."${WEIRD.replace('"', '""')}"`]
    const asked = async (more: object) =>
      (await vm2.check(pgSubscriptionModule, { ...args, ...more })).state.publisher !== null
    expect(await asked({ tables })).toBe(false)
    one.psql('alter publication pub add table test2')
    expect(await asked({})).toBe(false)
    const { plan } = await vm2.converge(pgSubscriptionModule, {
      ...args,
      tables: [...tables, 'public.test2'],
    })
    expect(plan.changes).toMatchObject([{ path: 'subscription from_one tables' }])
    one.psql('alter publication pub drop table test2')
    await vm2.converge(pgSubscriptionModule, { ...args, tables })
  })

  it('makes a slot that is gone anew only when told to', async () => {
    two.psql('alter subscription from_one disable')
    const drop = `select pg_drop_replication_slot('vm_2_from_one') from pg_replication_slots where not active`
    for (let tries = 0; tries < 100 && one.psql(drop) !== ''; tries += 1);
    while (one.psql('select count(*) from pg_replication_slots') !== '0') one.psql(drop)
    const args = { name: 'from_one', ...to(one) }
    await expect(vm2.check(pgSubscriptionModule, args)).rejects.toThrow(/slot vm_2_from_one is gone/)
    const { plan } = await vm2.converge(pgSubscriptionModule, { ...args, on_lost_slot: 'recreate' })
    expect(plan.changes).toContainEqual(expect.objectContaining({ destructive: true, after: 'made anew' }))
    await vm2.check(pgReplicationModule, { subscriptions: ['from_one'], timeout: 20 })
  })

  it('is refused what the publisher cannot give, all of it at once', async () => {
    one.psql('create table closed (id int primary key); create publication closed for table closed')
    two.psql('create table closed (id int primary key)')
    const args = { name: 'more', ...to(one, { publications: ['closed', 'absent'] }) }
    await expect(vm2.check(pgSubscriptionModule, args)).rejects.toThrow(
      /no publication "absent".*may not read "public"."closed"/,
    )
    const { plan } = await vm2.check(pgSubscriptionModule, args, undefined, true)
    expect(plan.steps).toHaveLength(2)
    const wrong = { name: 'more', ...to(one), connection: { ...to(one).connection, port: 1 } }
    await expect(vm2.check(pgSubscriptionModule, wrong)).rejects.toThrow(/cannot reach the publisher/)
    const taken = { name: 'more', ...to(one, { copy_data: false, slot_name: 'vm_2_from_one' }) }
    await expect(vm2.check(pgSubscriptionModule, taken)).rejects.toThrow(/in use by process/)
    two.psql('drop table test')
    await expect(vm2.check(pgSubscriptionModule, { name: 'more', ...to(one) })).rejects.toThrow(
      /public.test are not in database/,
    )
    two.psql('create table test (id int primary key)')
  })

  it('waits for a transaction that is open on the publisher, says so, and leaves nothing behind', async () => {
    one.psql('create table if not exists busy (id int)')
    const open = await one.session('begin; insert into busy values (1)')
    const { plan } = await vm2.check(pgSubscriptionModule, {
      name: 'waits',
      ...to(one, { copy_data: false }),
    })
    const [make] = plan.steps as [any]
    expect(make.env).toEqual({ PGOPTIONS: '-c lock_timeout=60s' })
    const impatient = { ...make, env: { PGOPTIONS: '-c lock_timeout=1s' } }
    await expect(vm2.apply([impatient])).rejects.toMatchObject({
      fields: { command: { stderr: expect.stringContaining('one is open on the publisher') } },
    })
    open.end()
    expect(one.psql(`select count(*) from pg_replication_slots where slot_name ~ 'waits'`)).toBe('0')
  })

  it('is refused where a column that the publisher sends is not here, which is named', async () => {
    one.psql(
      'create table wide (id int primary key, a int, "B b" int); create publication wide for table wide',
    )
    two.psql('create table wide (id int primary key, a int)')
    one.psql('grant select on wide to repl')
    const args = { name: 'wide', ...to(one, { publications: ['wide'] }) }
    await expect(vm2.check(pgSubscriptionModule, args)).rejects.toThrow(/public\.wide lacks B b/)
    one.psql('alter publication wide set table wide (id, a)')
    expect((await vm2.check(pgSubscriptionModule, args)).plan.steps.length).toBeGreaterThan(0)
    one.psql('drop publication wide; drop table wide')
    two.psql('drop table wide')
  })

  it('a table in a schema whose name needs quotes is read', async () => {
    one.psql(
      'create schema "Sa.les"; create table "Sa.les".t (id int primary key); create publication sales for table "Sa.les".t',
    )
    one.psql('grant usage on schema "Sa.les" to repl; grant select on "Sa.les".t to repl')
    two.psql('create schema "Sa.les"; create table "Sa.les".t (id int primary key)')
    const args = { name: 'sales', ...to(one, { publications: ['sales'] }) }
    expect((await vm2.check(pgSubscriptionModule, args)).plan.steps.length).toBeGreaterThan(0)
    for (const scratch of [one, two]) scratch.psql('drop schema "Sa.les" cascade')
    one.psql('drop publication sales')
  })

  it('is dropped with its publisher down, and names the slot that stays', async () => {
    one.stop()
    const { plan } = await vm2.converge(pgSubscriptionModule, { name: 'from_one', state: 'absent' })
    expect(plan.notes?.[0]).toMatch(/slot vm_2_from_one stays on the publisher/)
    one.start()
  })

  it('verifies a standby by its upstream’s identity and position', async () => {
    const standby = new Scratch('three', one)
    const vm3 = await Machine.of('vm3', standby)
    try {
      const args = {
        standby: { upstream: { host: one.dir, port: one.port, user: 'postgres' }, slot: 'three' },
        rows: [{ query: 'select count(*) from test', expect: 1 }],
        timeout: 20,
      }
      const { result } = await vm3.converge(pgReplicationModule, args)
      expect(result).toMatchObject({ lag_bytes: 0, standby: { status: 'streaming', slot: 'three' } })
      standby.psql('select pg_wal_replay_pause()')
      one.psql('insert into test values (2)')
      await expect(vm3.check(pgReplicationModule, { ...args, timeout: 0.1 })).rejects.toMatchObject({
        details: ['replay is paused', expect.stringMatching(/^replayed up to/)],
      })
      const other = { ...args.standby, upstream: { host: two.dir, port: two.port, user: 'postgres' } }
      await expect(vm3.check(pgReplicationModule, { standby: other, timeout: 0 })).rejects.toMatchObject({
        details: expect.arrayContaining([expect.stringMatching(/^the upstream is another system/)]),
      })
      await expect(vm1.check(pgReplicationModule, { ...args, timeout: 0 })).rejects.toThrow(/no standby/)
      await expect(vm3.check(pgSubscriptionModule, { name: 'x', ...to(two) })).rejects.toThrow(/is a standby/)
    } finally {
      await vm3.close()
      standby.remove()
    }
  }, 30_000)

  it('a slot from which somebody else streams goes when that one does, and no session waits for it on the publisher', async () => {
    const args = { name: 'streamed', ...to(one, { copy_data: false }), slot_name: 'streamed' }
    await vm2.converge(pgSubscriptionModule, args)
    two.psql('alter subscription streamed disable')
    const active = () => one.psql("select active from pg_replication_slots where slot_name = 'streamed'")
    while (active() === 't') await new Promise((resolve) => setTimeout(resolve, 100))
    const other = spawn(
      join(dirname(PSQL), 'pg_recvlogical'),
      [
        '-d',
        `${one.conninfo} dbname=postgres`,
        '-S',
        'streamed',
        '--start',
        '-f',
        '/dev/null',
        '-o',
        'proto_version=1',
        '-o',
        'publication_names=pub',
      ],
      { stdio: 'ignore' },
    )
    while (active() !== 't') await new Promise((resolve) => setTimeout(resolve, 100))
    let over = false
    const dropped = vm2.converge(pgSubscriptionModule, { name: 'streamed', state: 'absent' }).finally(() => {
      over = true
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(over).toBe(false)
    expect(
      one.psql(
        "select count(*) from pg_stat_activity where query ilike 'drop_replication_slot%' and state = 'active'",
      ),
    ).toBe('0')
    other.kill()
    await dropped
    expect(one.psql("select count(*) from pg_replication_slots where slot_name = 'streamed'")).toBe('0')
  }, 60_000)
})
