import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UnknownError } from '../../../../contract/unknown.ts'
import { pgDatabaseModule } from '../../../../modules/postgres/pg-database/index.ts'
import { pgGrantModule } from '../../../../modules/postgres/pg-grant.ts'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { pgSchemaModule } from '../../../../modules/postgres/pg-schema/index.ts'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { sqlModule } from '../../../../modules/postgres/sql/index.ts'
import type { Target } from '../../../../postgres/grant/targets.ts'
import { Machine, type Run } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

const WEIRD = 'we"ird; drop'
const QUOTED = '"we""ird; drop"'

/** Every fact that was predicted and could be read afterwards is as predicted. */
const expectExact = ({ facts }: Run) => {
  const read = Object.values(facts).filter(({ real }) => real !== undefined)
  expect(read.map(({ real }) => real)).toEqual(read.map(({ predicted }) => predicted))
  expect(read.length).toBeGreaterThan(0)
}

describe.skipIf(!VERSION)('schemas and privileges on a real server', () => {
  let scratch: Scratch
  let host: Machine
  const can = (question: string) => scratch.psql(`select ${question}`) === 't'
  beforeAll(async () => {
    scratch = new Scratch('grants')
    host = await Machine.of('vm1', scratch)
    scratch.psql(`create role reader; create role writer; create role ${QUOTED}`)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  describe('pg_schema', () => {
    it('makes a schema of any name, and gives it another owner', async () => {
      expectExact(await host.converge(pgSchemaModule, { name: WEIRD }))
      const run = await host.converge(pgSchemaModule, { name: WEIRD, owner: WEIRD })
      expect(run.plan.changes).toEqual([{ path: `schema ${WEIRD} owner`, before: 'postgres', after: WEIRD }])
      expectExact(run)
      expectExact(await host.converge(pgSchemaModule, { name: 'app', owner: 'writer' }))
    })

    it('drops an empty one, and refuses one that holds something, saying what', async () => {
      scratch.psql(
        'create schema crowded; create table crowded.a (id int); create function crowded.f() returns int language sql as $$select 1$$',
      )
      await expect(host.check(pgSchemaModule, { name: 'crowded', state: 'absent' })).rejects.toMatchObject({
        message: 'schema "crowded" in database "postgres" is not empty: 2 objects',
        hint: expect.stringContaining('DROP SCHEMA "crowded" CASCADE'),
        details: ['function crowded.f()', 'table crowded.a'],
      })
      scratch.psql('drop table crowded.a; drop function crowded.f()')
      const { plan } = await host.converge(pgSchemaModule, { name: 'crowded', state: 'absent' })
      expect(plan.changes).toEqual([
        { path: 'schema crowded', before: 'present', after: null, destructive: true },
      ])
      expect((await host.check(pgSchemaModule, { name: 'crowded', state: 'absent' })).plan.steps).toEqual([])
    })

    it('refuses, also in a check, to drop what an earlier task plans to fill', async () => {
      const world = host.world()
      const plan = async (module: any, args: object) => {
        const found = await host.check(module, args as any, world)
        world.record(found.plan)
        return found
      }
      await plan(pgSchemaModule, { name: 'planned' })
      await plan(pgTableModule, { name: 'planned.t', columns: [{ name: 'id', type: 'int' }] })
      await expect(plan(pgSchemaModule, { name: 'planned', state: 'absent' })).rejects.toThrow(/not empty: 1/)
    })

    it('refuses an owner that is not there, and a reserved name', async () => {
      await expect(host.check(pgSchemaModule, { name: 'x', owner: 'nobody' })).rejects.toThrow(
        /no role "nobody"/,
      )
      expect(() => pgSchemaModule.params.parse({ version: 15, name: 'pg_x' })).toThrow(/begin with pg_/)
    })
  })

  describe('pg_grant', () => {
    it('revokes what is held on columns alone, as REVOKE does; so does a table whose rights are listed', async () => {
      scratch.psql('create table public.by_column (a int, b int, c int)')
      const grant =
        'grant select (b, c), update (c) on public.by_column to reader; grant select (a) on public.by_column to writer'
      const holds = (role: string, right: string) =>
        can(`has_any_column_privilege('${role}', 'public.by_column', '${right}')`)
      for (const [module, args, left] of [
        [pgGrantModule, { objects: ['public.by_column'], privileges: ['SELECT'], state: 'absent' }, true],
        [pgGrantModule, { objects: ['public.by_column'], privileges: ['ALL'], state: 'absent' }, false],
        [
          pgTableModule,
          { name: 'public.by_column', columns: [{ name: 'a', type: 'int' }], grants: { reader: [] } },
          false,
        ],
      ] as const) {
        scratch.psql(grant)
        const whole = module === pgGrantModule ? { ...args, roles: ['reader'] } : args
        const run = await host.converge(module as typeof pgGrantModule, whole)
        expectExact(run)
        expect(run.plan.changes).toEqual([
          {
            path: 'table public.by_column rights of reader',
            before: ['SELECT (b, c)', 'UPDATE (c)'],
            after: left ? ['UPDATE (c)'] : null,
          },
        ])
        expect([holds('reader', 'select'), holds('reader', 'update')]).toEqual([false, left])
        expect(holds('writer', 'select')).toBe(true)
      }
    })

    /** Converges; and the rights are then as they were predicted. */
    const converge = async (args: Record<string, unknown>) => {
      const run = await host.converge(pgGrantModule, args)
      const { targets } = (await host.check(pgGrantModule, args)).state
      for (const [key, { predicted }] of Object.entries(run.facts))
        expect(targets.find((one: Target) => one.predicts(one.fact).key.text === key)?.fact).toEqual(
          predicted,
        )
      return run
    }
    beforeAll(() => {
      scratch.psql(`create table public.plain (id int); create table ${QUOTED}.${QUOTED} (id int);
        create table app.one (id int generated always as identity); create view app.two as select 1 as a;
        create sequence app.counter;
        create function app.f(a int, b text) returns int language sql as $$select 1$$;
        create function app.f(a int) returns int language sql as $$select 1$$;
        create procedure app.p() language sql as $$select 1$$;
        create function app.${QUOTED}(a ${QUOTED}.${QUOTED}) returns int language sql as $$select 1$$`)
    })

    it.each([
      ['a table', { objects: 'plain', privileges: 'SELECT', roles: 'reader' }],
      [
        'names of any kind',
        { objects: [`${WEIRD}.${WEIRD}`], privileges: ['select', 'INSERT'], roles: [WEIRD] },
      ],
      ['everyone', { objects: ['public.plain'], privileges: ['INSERT'], roles: ['public'] }],
      ['all privileges', { objects: ['public.plain'], privileges: ['ALL'], roles: ['writer', 'reader'] }],
      ['a sequence', { type: 'sequence', objects: 'app.counter', privileges: ['USAGE'], roles: ['reader'] }],
      ['a schema', { type: 'schema', objects: [WEIRD, 'app'], privileges: ['USAGE'], roles: ['reader'] }],
      ['the database', { type: 'database', privileges: ['temp', 'CREATE'], roles: [WEIRD] }],
      [
        'a function',
        { type: 'function', objects: ['app.f(int, text)'], privileges: 'EXECUTE', roles: 'reader' },
      ],
      [
        'the only procedure of a name',
        { type: 'function', objects: ['app.p'], privileges: ['ALL'], roles: ['reader'] },
      ],
      [
        'a function of any name',
        {
          type: 'function',
          objects: [`app.${WEIRD}(${QUOTED}.${QUOTED})`],
          privileges: ['EXECUTE'],
          roles: [WEIRD],
        },
      ],
      ['all tables of a schema', { in_schema: 'app', privileges: ['SELECT'], roles: ['reader', WEIRD] }],
      [
        'all sequences of a schema',
        { type: 'sequence', in_schema: 'app', privileges: ['SELECT'], roles: ['reader'] },
      ],
      [
        'all functions of a schema',
        { type: 'function', in_schema: 'app', privileges: ['EXECUTE'], roles: [WEIRD] },
      ],
      ['tables to come', { default_for: ['writer'], privileges: ['SELECT'], roles: ['reader'] }],
      [
        'tables to come in a schema',
        {
          default_for: ['postgres', WEIRD],
          in_schema: 'app',
          privileges: ['SELECT'],
          roles: [WEIRD],
          grant_option: true,
        },
      ],
      [
        'schemas to come',
        { type: 'schema', default_for: 'postgres', privileges: ['USAGE'], roles: ['reader'] },
      ],
      [
        'functions to come',
        { type: 'function', default_for: WEIRD, privileges: ['EXECUTE'], roles: ['reader'] },
      ],
    ])('grants on %s, and revokes it again', async (_, args) => {
      const granted = await converge(args)
      expect(granted.plan.changes.length).toBeGreaterThan(0)
      const revoked = await converge({ ...args, state: 'absent' })
      expect(revoked.plan.changes.length).toBe(granted.plan.changes.length)
    })

    it('gives and takes the option to grant, and nothing else with it', async () => {
      const args = { objects: ['plain'], privileges: ['SELECT', 'UPDATE'], roles: ['reader'] }
      await converge({ ...args, privileges: ['SELECT'] })
      const given = await converge({ ...args, grant_option: true })
      expect(given.plan.changes).toEqual([
        {
          path: 'table public.plain rights of reader',
          before: ['SELECT'],
          after: ['SELECT (may grant it)', 'UPDATE (may grant it)'],
        },
      ])
      expectExact(await converge({ ...args, privileges: ['UPDATE'], grant_option: false }))
      expect(can(`has_table_privilege('reader', 'plain', 'SELECT WITH GRANT OPTION')`)).toBe(true)
      expect(can(`has_table_privilege('reader', 'plain', 'UPDATE WITH GRANT OPTION')`)).toBe(false)
      await converge({ ...args, state: 'absent', grant_option: true })
      expect(can(`has_table_privilege('reader', 'plain', 'SELECT')`)).toBe(true)
      await converge({ ...args, state: 'absent' })
      expect(can(`has_table_privilege('reader', 'plain', 'SELECT')`)).toBe(false)
    })

    it('leaves the privileges of others, and others of the same role, alone', async () => {
      scratch.psql('grant all on plain to writer; grant delete on plain to reader')
      const { plan } = await converge({
        objects: ['plain'],
        privileges: ['SELECT'],
        roles: ['reader'],
      })
      expect(plan.steps.map((step) => step.do === 'sql' && step.text)).toEqual([
        'GRANT SELECT ON TABLE "public"."plain" TO "reader"',
      ])
      expect(can(`has_table_privilege('reader', 'plain', 'DELETE')`)).toBe(true)
    })

    it('refuses to revoke what was passed on, naming who gave it', async () => {
      scratch.psql(`grant select on plain to writer with grant option;
        set session authorization writer; grant select on plain to ${QUOTED}`)
      for (const roles of [['writer'], [WEIRD]])
        await expect(
          host.check(pgGrantModule, { objects: ['plain'], privileges: ['SELECT'], roles, state: 'absent' }),
        ).rejects.toMatchObject({ details: [`writer gave SELECT to ${WEIRD}`] })
      await expect(
        host.check(pgTableModule, { name: 'plain', grants: { [WEIRD]: [] } }),
      ).rejects.toMatchObject({ details: [`writer gave SELECT to ${WEIRD}`] })
    })

    it('refuses to revoke in a schema what default privileges give in whatever schema', async () => {
      const args = {
        type: 'function',
        default_for: 'writer',
        privileges: 'EXECUTE',
        roles: 'public',
        state: 'absent',
      }
      await expect(host.check(pgGrantModule, { ...args, in_schema: 'app' })).rejects.toMatchObject({
        hint: expect.stringContaining('Leave `in_schema` out'),
        details: ['PUBLIC gets EXECUTE on what writer creates in whatever schema'],
      })
      await converge(args)
      expect((await host.check(pgGrantModule, { ...args, in_schema: 'app' })).plan.steps).toEqual([])
      await converge({ ...args, state: 'present' })
    })

    it('refuses what is not there, and what is something else', async () => {
      const check = (args: object) =>
        host.check(pgGrantModule, { privileges: ['SELECT'], roles: ['reader'], ...args })
      await expect(check({ objects: ['nowhere'] })).rejects.toThrow(/no table public.nowhere in database/)
      await expect(check({ objects: ['app.counter'] })).rejects.toMatchObject({
        hint: 'Say `type: sequence`.',
      })
      await expect(check({ in_schema: 'none' })).rejects.toThrow(/no schema "none"/)
      await expect(check({ objects: ['plain'], roles: ['nobody'] })).rejects.toThrow(/no role "nobody"/)
      await expect(check({ type: 'function', objects: ['app.f'], privileges: 'ALL' })).rejects.toMatchObject({
        details: ['app.f(a integer)', 'app.f(a integer, b text)'],
      })
      await expect(check({ type: 'function', objects: ['app.f(uuid)'], privileges: 'ALL' })).rejects.toThrow(
        /no function app.f\(uuid\)/,
      )
      await expect(check({ default_for: ['nobody'] })).rejects.toThrow(/no role "nobody"/)
      const gone = await check({ objects: ['plain'], roles: ['nobody'], state: 'absent' })
      expect(gone.plan.steps).toEqual([])
      if (Number(VERSION) < 17)
        await expect(check({ objects: ['plain'], privileges: ['MAINTAIN'] })).rejects.toThrow(
          /from PostgreSQL 17/,
        )
    })

    it('is exact upon tables, identity sequences and default privileges that are only planned', async () => {
      const world = host.world()
      const columns = [{ name: 'id', type: 'bigint', identity: 'always' }]
      const tasks: [any, Record<string, unknown>][] = [
        [pgRoleModule, { name: 'later' }],
        [pgDatabaseModule, { name: WEIRD, owner: 'later' }],
        [pgSchemaModule, { db: WEIRD, name: 's.1', owner: 'later' }],
        [
          pgGrantModule,
          {
            db: WEIRD,
            default_for: 'postgres',
            in_schema: 's.1',
            privileges: ['SELECT', 'DELETE'],
            roles: 'later',
          },
        ],
        [
          pgTableModule,
          { db: WEIRD, name: `"s.1".${WEIRD}`, columns, grants: { later: ['SELECT', 'INSERT'] } },
        ],
        [pgGrantModule, { db: WEIRD, in_schema: 's.1', privileges: ['UPDATE'], roles: ['later'] }],
        [
          pgGrantModule,
          { db: WEIRD, type: 'sequence', in_schema: 's.1', privileges: ['USAGE'], roles: ['later'] },
        ],
        [pgGrantModule, { db: WEIRD, type: 'database', privileges: ['CONNECT'], roles: ['later'] }],
        [pgGrantModule, { db: WEIRD, type: 'schema', objects: 's.1', privileges: ['ALL'], roles: ['later'] }],
      ]
      const foretold: unknown[] = []
      for (const [module, args] of tasks) {
        const { plan } = await host.check(module, args, world)
        world.record(plan)
        foretold.push(plan.changes)
        expect((await host.check(module, args, world)).plan.changes).toEqual([])
      }
      const done: unknown[] = []
      for (const [module, args] of tasks) done.push((await host.converge(module, args)).plan.changes)
      expect(done).toEqual(foretold)
      // The owner of a database or schema holds everything on it already.
      expect(done.slice(-2)).toEqual([[], []])
      expect(foretold[4]).toMatchObject([{}, { before: ['DELETE', 'SELECT'], after: ['INSERT', 'SELECT'] }])
    })

    it('does not know what an sql task will have made in a schema', async () => {
      const world = host.world()
      const args = { in_schema: 'app', privileges: ['SELECT'], roles: ['writer'] }
      await converge(args)
      world.record((await host.check(sqlModule, { query: 'create table app.more ()' }, world)).plan)
      await expect(host.check(pgGrantModule, args, world)).rejects.toThrow(UnknownError)
      const more = { ...args, privileges: ['DELETE'] }
      expect((await host.check(pgGrantModule, more, world)).plan.changes.length).toBeGreaterThan(0)
    })
  })
})
