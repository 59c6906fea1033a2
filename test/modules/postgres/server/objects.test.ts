import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgDatabaseModule } from '../../../../modules/postgres/pg-database/index.ts'
import { pgPublicationModule } from '../../../../modules/postgres/pg-publication/index.ts'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { pgSlotModule } from '../../../../modules/postgres/pg-slot/index.ts'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { sqlModule } from '../../../../modules/postgres/sql/index.ts'
import { targetOf } from '../../../../postgres/cluster/cluster.ts'
import { eventually } from '../../../support/play.ts'
import { Machine } from './machine.ts'
import { PSQL, Scratch, VERSION } from './scratch.ts'

const WEIRD = 'we"ird; drop'

describe.skipIf(!VERSION)('database objects on a real server', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('objects')
    host = await Machine.of('vm1', scratch)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  describe('pg_role', () => {
    it('creates a role of any name, and what it predicts is what there is', async () => {
      const args = {
        name: WEIRD,
        login: true,
        replication: true,
        connection_limit: 7,
        valid_until: '2030-01-01T02:00:00+02:00',
        member_of: ['pg_monitor'],
        password: 's3cret €',
      }
      const { facts, plan } = await host.converge(pgRoleModule, args)
      const { predicted, real } = Object.values(facts)[0]!
      expect(real).toEqual(predicted)
      expect(JSON.stringify(plan.changes)).not.toContain('SCRAM')
      expect(plan.steps[0]).toMatchObject({ sensitive: true })
    })

    it('lets the role log in with the password whose secret the controller made', async () => {
      await host.converge(pgRoleModule, { name: 'loginner', login: true, password: 'pässwört ½' })
      const { execFileSync } = await import('node:child_process')
      const answer = execFileSync(
        PSQL,
        [
          '-XAtqw',
          '-d',
          `host=127.0.0.1 port=${scratch.port} user=loginner dbname=postgres`,
          '-c',
          'select 1',
        ],
        { env: { PGPASSWORD: 'pässwört ½' }, encoding: 'utf8' },
      )
      expect(answer.trim()).toBe('1')
    })

    it('leaves no password in clear in the server’s log, though it logs every statement', async () => {
      scratch.psql("alter system set log_statement = 'all'")
      scratch.psql('select pg_reload_conf()')
      await eventually('the server to log statements', async () => {
        scratch.psql("select 'logged?'")
        return scratch.log().includes("select 'logged?'")
      })
      await host.converge(pgRoleModule, { name: 'secretive', login: true, password: 'never-in-the-log' })
      await host.converge(pgRoleModule, { name: 'secretive', password: 'nor-this-one' })
      expect(scratch.log()).toContain('CREATE ROLE "secretive"')
      expect(scratch.log()).not.toMatch(/never-in-the-log|nor-this-one/)
      scratch.psql('alter system reset log_statement')
      scratch.psql('select pg_reload_conf()')
    })

    it('recognises a password that the server hashed, and sets another one', async () => {
      scratch.psql(`set password_encryption = 'scram-sha-256'; create role hashed password 'a\u00a0b\u00adc'`)
      const same = await host.check(pgRoleModule, { name: 'hashed', password: 'a\u00a0b\u00adc' })
      expect(same.plan.steps).toEqual([])
      const { plan } = await host.converge(pgRoleModule, { name: 'hashed', password: 'other' })
      expect(plan.changes).toMatchObject([{ path: 'role hashed password', sensitive: true }])
      await host.converge(pgRoleModule, { name: 'hashed', password: null })
      expect(scratch.psql(`select rolpassword is null from pg_authid where rolname = 'hashed'`)).toBe('t')
    })

    it('changes only the attributes that differ', async () => {
      scratch.psql('create role plain')
      const { plan } = await host.converge(pgRoleModule, {
        name: 'plain',
        login: true,
        inherit: true,
        createdb: false,
      })
      expect(plan.changes).toEqual([{ path: 'role plain login', before: false, after: true }])
    })

    it('refuses to drop a role that owns something, naming where; drops one that does not', async () => {
      scratch.psql('create role owner_of; create table owned (); alter table owned owner to owner_of')
      await expect(host.check(pgRoleModule, { name: 'owner_of', state: 'absent' })).rejects.toMatchObject({
        details: ['owns: objects in database "postgres" (1)'],
      })
      scratch.psql('drop table owned')
      await host.converge(pgRoleModule, { name: 'owner_of', state: 'absent' })
    })

    it('in a check it is nothing that keeps it, what an earlier task drops with its database', async () => {
      scratch.psql('create role leaver')
      scratch.psql('create database leaves owner leaver')
      const world = host.world()
      const drop = { name: 'leaver', state: 'absent' }
      await expect(host.check(pgRoleModule, drop, world)).rejects.toThrow(/cannot be dropped/)
      const gone = { name: 'leaves', state: 'absent', confirm: 'leaves' }
      world.record((await host.check(pgDatabaseModule, gone, world)).plan)
      expect((await host.check(pgRoleModule, drop, world)).plan.steps).toHaveLength(1)
      scratch.psql('drop database leaves')
      scratch.psql('drop role leaver')
    })

    it('makes it a member of roles and takes it out again, with the options that the version has', async () => {
      scratch.psql(`create role "team ""a"""; create role "team b"; create role other noinherit`)
      const has16 = Number(VERSION) >= 16
      const options = has16 ? { inherit: false, set: false } : {}
      const member_of: unknown[] = ['pg_monitor', { role: 'team "a"', admin: true, ...options }]
      const exact = async (args: object) => {
        const run = await host.converge(pgRoleModule, { name: 'other', ...args })
        const [first] = Object.values(run.facts)
        expect(first?.real).toEqual(first?.predicted)
        return run.plan.changes
      }
      const team = has16 ? 'team "a" (with admin, no inherit, no set)' : 'team "a" (with admin)'
      const monitor = has16 ? 'pg_monitor (no inherit)' : 'pg_monitor'
      expect(await exact({ member_of })).toEqual([
        { path: 'role other member_of', before: [], after: [monitor, team] },
      ])
      const named = await host.check(pgRoleModule, { name: 'other', member_of: ['team "a"'] })
      expect(named.plan.steps).toEqual([])
      scratch.psql('grant "team b" to other')
      expect((await host.check(pgRoleModule, { name: 'other', member_of })).plan.steps).toEqual([])
      const changed = await exact({
        member_of: [{ role: 'team "a"', admin: false, ...(has16 ? { set: true } : {}) }],
        member_of_exclusive: true,
      })
      expect(changed[0]).toMatchObject({
        before: [monitor, team, expect.stringContaining('team b')],
        after: [has16 ? 'team "a" (no inherit)' : 'team "a"'],
      })
      await exact({ member_of: [], member_of_exclusive: true })
    })

    it('revokes what another role granted', async () => {
      scratch.psql(`create role giver; create role held; create role taker; grant held to giver with admin option;
        set session authorization giver; grant held to taker`)
      await host.converge(pgRoleModule, { name: 'taker', member_of: [{ role: 'held', admin: true }] })
      const none = { name: 'taker', member_of: [], member_of_exclusive: true }
      const { plan } = await host.converge(pgRoleModule, none)
      expect(plan.steps).toHaveLength(Number(VERSION) >= 16 ? 2 : 1)
    })

    it('refuses a membership in a role that is not there', async () => {
      await expect(host.check(pgRoleModule, { name: 'x', member_of: ['nobody'] })).rejects.toThrow(
        /no role "nobody"/,
      )
    })
  })

  describe('pg_database', () => {
    it('creates, alters and drops a database of any name', async () => {
      const made = await host.converge(pgDatabaseModule, { name: WEIRD, encoding: 'utf-8', locale: 'C' })
      expect(Object.values(made.facts)[0]!.real).toMatchObject({ encoding: 'UTF8', collate: 'C', ctype: 'C' })
      const { plan } = await host.converge(pgDatabaseModule, {
        name: WEIRD,
        owner: WEIRD,
        connection_limit: 3,
      })
      expect(plan.changes.map(({ path }) => path)).toEqual([
        `database ${WEIRD} owner`,
        `database ${WEIRD} connection_limit`,
      ])
      await expect(host.check(pgDatabaseModule, { name: WEIRD, locale: 'C.UTF-8' })).rejects.toThrow(
        /lc_collate is C, not C.UTF-8/,
      )
      await host.converge(sqlModule, { query: 'create table inside ()', db: WEIRD })
      await host.converge(pgDatabaseModule, { name: WEIRD, state: 'absent', confirm: WEIRD })
    })

    it('changes who may connect, and whether it is a template; a template is dropped once it is none', async () => {
      const exact = async (args: object) => {
        const run = await host.converge(pgDatabaseModule, { name: 'flags', ...args })
        const [first] = Object.values(run.facts)
        const { fresh: _, ...predicted } = first?.predicted ?? {}
        expect(first?.real).toEqual(predicted)
        return run.plan.changes.map(({ path }) => path)
      }
      await exact({ is_template: true })
      expect(await exact({ is_template: true, allow_connections: false })).toEqual([
        'database flags allow_connections',
      ])
      const drop = { name: 'flags', state: 'absent', confirm: 'flags' }
      await expect(host.check(pgDatabaseModule, drop)).rejects.toMatchObject({
        details: ['template for new databases'],
      })
      const world = host.world()
      world.record((await host.check(pgDatabaseModule, { name: 'flags', is_template: false }, world)).plan)
      expect((await host.check(pgDatabaseModule, drop, world)).plan.steps).toHaveLength(1)
      await exact({ is_template: false })
      await host.converge(pgDatabaseModule, drop)
    })

    it('makes databases of the locale providers that the version has', async () => {
      const provided = async (args: object) => {
        const run = await host.converge(pgDatabaseModule, { name: 'provided', ...args })
        const [first] = Object.values(run.facts)
        expect(first?.real).toMatchObject({ provider: first?.predicted.provider })
        return first?.real
      }
      const icu = { locale_provider: 'icu', icu_locale: 'en-US', locale: 'C.UTF-8' }
      if (Number(VERSION) < 15)
        return expect(provided(icu)).rejects.toThrow(/locale_provider exists from PostgreSQL 15 on/)
      expect(await provided(icu)).toMatchObject({ provider: 'icu', provider_locale: 'en-US' })
      const other = { name: 'provided', icu_locale: 'de' }
      await expect(host.check(pgDatabaseModule, other)).rejects.toThrow('icu_locale is en-US, not de')
      await host.converge(pgDatabaseModule, { name: 'provided', state: 'absent', confirm: 'provided' })
      const builtin = { locale_provider: 'builtin', builtin_locale: 'C.UTF-8' }
      if (Number(VERSION) < 17)
        return expect(provided(builtin)).rejects.toThrow(
          /builtin locale provider exists from PostgreSQL 17 on/,
        )
      expect(await provided(builtin)).toMatchObject({ provider: 'builtin', provider_locale: 'C.UTF-8' })
    })

    it('refuses to drop what others use, unless forced', async () => {
      scratch.psql('create database busy')
      scratch.psql(`select pg_create_logical_replication_slot('in_busy', 'pgoutput')`, 'busy')
      await expect(
        host.check(pgDatabaseModule, { name: 'busy', state: 'absent', confirm: 'busy', force: true }),
      ).rejects.toMatchObject({ details: ['inactive logical slot in_busy'] })
      scratch.psql(`select pg_drop_replication_slot('in_busy')`)
      await host.converge(pgDatabaseModule, { name: 'busy', state: 'absent', confirm: 'busy' })
    })
  })

  describe('pg_table', () => {
    it('creates a table with names of any kind; predicted is what there is', async () => {
      scratch.psql(`create schema "${WEIRD.replace('"', '""')}"`)
      const args = {
        name: `${WEIRD}.${WEIRD}`,
        columns: [
          { name: 'id', type: 'bigint', identity: 'by_default' },
          { name: WEIRD, type: 'varchar( 10 )', nullable: false },
          { name: 'at', type: 'TIMESTAMPTZ(3)', default: 'now()' },
          { name: 'amounts', type: 'numeric(10, 2)[]' },
        ],
        primary_key: [WEIRD, 'id'],
        owner: WEIRD,
        grants: { loginner: ['select', 'insert'], PUBLIC: ['SELECT'] },
      }
      const { facts } = await host.converge(pgTableModule, args)
      const { predicted, real } = Object.values(facts)[0]!
      expect(real).toEqual(predicted)
    })

    it('adds columns and brings rights to exactly what is listed', async () => {
      scratch.psql('create table grows (id int primary key); grant all on grows to loginner')
      const { plan, facts } = await host.converge(pgTableModule, {
        name: 'grows',
        columns: [
          { name: 'id', type: 'int' },
          { name: 'more', type: 'text', nullable: false, default: "'x'::text" },
        ],
        grants: { loginner: ['SELECT'] },
      })
      expect(plan.changes.map(({ path }) => path)).toEqual([
        'table public.grows column more',
        'table public.grows rights of loginner',
      ])
      expect(Object.values(facts)[0]!.real).toEqual(Object.values(facts)[0]!.predicted)
    })

    it('refuses to rewrite what is there, with the statement to type', async () => {
      await expect(
        host.check(pgTableModule, {
          name: 'grows',
          columns: [{ name: 'id', type: 'bigint' }],
          primary_key: ['more'],
        }),
      ).rejects.toMatchObject({
        hint: expect.stringContaining(
          'ALTER TABLE "public"."grows" ALTER COLUMN "id" TYPE bigint, DROP CONSTRAINT …, ADD PRIMARY KEY ("more")',
        ),
      })
    })

    it('refuses a new NOT NULL column without default only where there are rows', async () => {
      const args = { name: 'grows', columns: [{ name: 'must', type: 'int', nullable: false }] }
      await host.check(pgTableModule, args)
      scratch.psql('insert into grows values (1)')
      await expect(host.check(pgTableModule, args)).rejects.toThrow(/has rows/)
    })
  })

  describe('pg_publication', () => {
    beforeAll(() => {
      scratch.psql(`create table orders (id int primary key, city text, total int);
        create table plain_table (id int primary key)`)
    })

    it.skipIf(Number(VERSION) < 15)(
      'publishes tables with columns and filters, and recognises its own filter in the server’s words (only with PostgreSQL 15 or newer)',
      async () => {
        const args = {
          name: WEIRD,
          tables: [
            'plain_table',
            { name: 'public.orders', columns: ['id', 'city'], where: 'id > 10 and id <> 12' },
          ],
        }
        const { facts } = await host.converge(pgPublicationModule, args)
        const { predicted, real } = Object.values(facts)[0]!
        expect({ ...real, tables: real.tables.map((t: any) => ({ ...t, where: null })) }).toEqual({
          ...predicted,
          tables: predicted.tables.map((t: any) => ({ ...t, where: null })),
        })
      },
    )

    it('changes tables, operations and owner in place', async () => {
      await host.converge(pgPublicationModule, { name: WEIRD, tables: ['plain_table'] })
      const { plan } = await host.converge(pgPublicationModule, {
        name: WEIRD,
        tables: ['plain_table', 'orders'],
        publish: ['insert', 'delete'],
        publish_via_partition_root: true,
      })
      expect(plan.changes.map(({ path }) => path.slice(`publication ${WEIRD} `.length))).toEqual([
        'tables',
        'publish',
        'publish_via_partition_root',
      ])
      if (Number(VERSION) >= 15) {
        const schemas = { name: WEIRD, tables: [], schemas: [WEIRD], publish: ['insert'] }
        await host.converge(pgPublicationModule, schemas)
        await host.converge(pgPublicationModule, { name: WEIRD, tables: ['orders'], schemas: [] })
      }
      await host.converge(pgPublicationModule, { name: WEIRD, tables: [] })
      await host.converge(pgPublicationModule, { name: WEIRD, state: 'absent' })
    })

    it('refuses a table whose UPDATEs would fail once published', async () => {
      scratch.psql('create table keyless (a int)')
      const args = { name: 'p', tables: ['keyless'] }
      await expect(host.check(pgPublicationModule, args)).rejects.toThrow(/neither a primary key/)
      await expect(host.check(pgPublicationModule, { name: 'p', all_tables: true })).rejects.toThrow(
        /1 table/,
      )
      await host.converge(pgPublicationModule, { ...args, publish: ['insert'] })
      scratch.psql('alter table keyless replica identity full')
      await host.converge(pgPublicationModule, { ...args, publish: ['insert', 'update'] })
      if (Number(VERSION) >= 15) {
        const columns = { name: 'q', tables: [{ name: 'orders', columns: ['city'] }] }
        await expect(host.check(pgPublicationModule, columns)).rejects.toThrow(/leave out "id"/)
        const filter = (where: string, more = {}) =>
          host.check(pgPublicationModule, { name: 'q', tables: [{ name: 'orders', where }], ...more })
        await expect(filter("lower(CITY) <> 'id'")).rejects.toThrow(
          /asks for "city", which its replica identity lacks/,
        )
        await filter("lower(city) <> 'id'", { publish: ['insert'] })
        await filter("id > 1 and id::text <> 'city'")
      }
      scratch.psql(`create table parted (id int primary key) partition by range (id);
        create table part1 partition of parted for values from (0) to (9);
        alter table part1 replica identity nothing`)
      await expect(host.check(pgPublicationModule, { name: 'q', tables: ['parted'] })).rejects.toThrow(
        /1 table/,
      )
      scratch.psql('drop table parted')
      scratch.psql(`create table by_index (id int not null); create unique index by_it on by_index (id);
        alter table by_index replica identity using index by_it; drop index by_it`)
      await expect(host.check(pgPublicationModule, { name: 'q', all_tables: true })).rejects.toThrow(
        /1 table/,
      )
      scratch.psql('drop table by_index')
      await host.converge(pgPublicationModule, { name: 'all', all_tables: true })
      await expect(host.check(pgPublicationModule, { name: 'all', tables: ['orders'] })).rejects.toThrow(
        /FOR ALL TABLES/,
      )
    })

    it('refuses a table that is not there', async () => {
      await expect(host.check(pgPublicationModule, { name: 'n', tables: ['nowhere'] })).rejects.toThrow(
        /no table public.nowhere/,
      )
    })
  })

  describe('pg_slot', () => {
    it('makes, keeps and drops slots of both types', async () => {
      const physical = await host.converge(pgSlotModule, { name: 'phys' })
      expect(Object.values(physical.facts)[0]!.real).toMatchObject({
        type: 'physical',
        reserved: true,
        wal_status: 'reserved',
      })
      await host.converge(pgSlotModule, { name: 'logi', type: 'logical' })
      await expect(host.check(pgSlotModule, { name: 'logi' })).rejects.toThrow(
        /another kind: logical, pgoutput/,
      )
      for (const name of ['phys', 'logi']) await host.converge(pgSlotModule, { name, state: 'absent' })
    })
  })

  describe('pg_slot, while a transaction is open that writes', () => {
    it('gives up, and names who is waited for; a transaction that only reads holds up nothing', async () => {
      scratch.psql('create table busy_table (id int)')
      const open = await scratch.session('begin; insert into busy_table values (1)')
      await expect(
        host.converge(pgSlotModule, { name: 'waits', type: 'logical', timeout: 1 }),
      ).rejects.toMatchObject({
        message: expect.stringContaining('open for more than 1 s'),
        fields: {
          details: expect.arrayContaining([
            expect.stringMatching(/^DETAIL: process \d+ of postgres, idle in transaction, since /),
          ]),
        },
      })
      expect(scratch.psql(`select count(*) from pg_replication_slots where slot_name = 'waits'`)).toBe('0')
      open.end()
      const reads = await scratch.session('begin isolation level repeatable read; select * from busy_table')
      await host.converge(pgSlotModule, { name: 'waits', type: 'logical', timeout: 20 })
      reads.end()
      await host.converge(pgSlotModule, { name: 'waits', state: 'absent' })
    })
  })

  describe('sql', () => {
    it('runs a guarded statement with values once', async () => {
      scratch.psql('create table notes (id int primary key, note text)')
      const args = {
        query: 'insert into notes values ($1, $2) returning id',
        values: [1, "it's"],
        unless: 'select from notes where id = 1',
      }
      const { result, plan } = await host.converge(sqlModule, args)
      expect(plan.changes).toHaveLength(1)
      expect(result).toEqual({ rows: [{ id: 1 }], row_count: 1, statusmessage: 'INSERT 1' })
      expect((await host.check(sqlModule, args)).plan.steps).toEqual([])
    })

    it('reads in a READ ONLY transaction, and never counts as changed', async () => {
      const { result, plan } = await host.converge(sqlModule, {
        query: 'select * from notes',
        read_only: true,
      })
      expect(plan.changes).toEqual([])
      expect(result.rows).toEqual([{ id: 1, note: "it's" }])
      await expect(
        host.check(sqlModule, {
          query: 'with x as (delete from notes returning 1) select * from x',
          read_only: true,
        }),
      ).rejects.toMatchObject({ code: '25006' })
    })

    it('what a check asks with the words of a task cannot write, nor change what is read after it', async () => {
      scratch.psql('create role climber')
      const isSuper = () => scratch.psql("select rolsuper from pg_roles where rolname = 'climber'")
      const climb = 'commit; begin read write; alter role climber superuser; commit'
      const check = (args: object) => host.check(sqlModule, { query: 'select 1', ...args })
      await expect(check({ unless: `select 1; ${climb}` })).rejects.toThrow(/`unless` holds 5 statements/)
      await expect(check({ unless: 'alter role climber superuser' })).rejects.toThrow(/does more than read/)
      await expect(
        check({ unless: 'with x as (delete from notes returning 1) select * from x' }),
      ).rejects.toMatchObject({ code: '25006' })
      // The text alone, as if a module forgot to look at it.
      const reader = host.reader()
      const on = targetOf(scratch.cluster)
      await expect(reader.sql(on, `select 1; ${climb}`)).rejects.toMatchObject({ code: '42601' })
      await expect(reader.ask(on, `select 1; ${climb}`)).rejects.toMatchObject({ code: '42601' })
      await reader.ask(
        on,
        "select set_config('default_transaction_read_only', 'off', false), set_config('search_path', 'nowhere', false)",
      )
      const [later] = await reader.ask(
        on,
        "select current_setting('transaction_read_only') as ro, current_setting('search_path') as path",
      )
      expect(later).toEqual({ ro: 'on', path: '"$user", public' })
      expect(isSuper()).toBe('f')
    })

    it('ends a statement that takes too long', async () => {
      await expect(host.converge(sqlModule, { query: 'select pg_sleep(5)', timeout: 0.1 })).rejects.toThrow(
        /statement timeout/,
      )
    })

    it('acts as another role', async () => {
      const { result } = await host.converge(sqlModule, {
        query: 'select current_user as me',
        as: WEIRD,
        read_only: true,
      })
      expect(result.rows).toEqual([{ me: WEIRD }])
    })

    it('does what cannot be in a transaction', async () => {
      await host.converge(sqlModule, { query: 'vacuum notes' })
    })
  })
})
