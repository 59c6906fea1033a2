import { describe, expect, it } from 'vitest'
import { SqlError } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { Module } from '../../../contract/module.ts'
import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import { pgDatabaseModule } from '../../../modules/postgres/pg-database/index.ts'
import { pgGrantModule } from '../../../modules/postgres/pg-grant.ts'
import { pgPublicationModule } from '../../../modules/postgres/pg-publication/index.ts'
import { pgReplicationModule } from '../../../modules/postgres/pg-replication.ts'
import { pgRoleModule } from '../../../modules/postgres/pg-role/index.ts'
import { pgSchemaModule } from '../../../modules/postgres/pg-schema/index.ts'
import { pgSettingModule } from '../../../modules/postgres/pg-setting/index.ts'
import { pgSlotModule } from '../../../modules/postgres/pg-slot/index.ts'
import { pgSubscriptionModule } from '../../../modules/postgres/pg-subscription/index.ts'
import { pgTableModule } from '../../../modules/postgres/pg-table/index.ts'
import { sqlModule } from '../../../modules/postgres/sql/index.ts'
import { type Database, databaseKey } from '../../../postgres/cluster/cluster.ts'
import { plannedCluster } from '../../support/facts.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { foldPlan, planAgain, planWith } from './fold-plan.ts'

const WEIRD = 'we"ird; drop'
const CLUSTER = {
  version: '15',
  name: 'main',
  port: 5432,
  dataDir: '/var/lib/postgresql/15/main',
  configDir: '/etc/postgresql/15/main',
  socketDir: '/var/run/postgresql',
  running: true,
  recovery: false,
}
/** A cluster that an earlier task of this check plans to make. It answers no query: the fake host would throw. */
const planned: FakeHostOptions = { name: 'vm2', facts: [plannedCluster({ ...CLUSTER, fresh: true })] }
const running = (sql: FakeHostOptions['sql'], facts: readonly Prediction[] = []): FakeHostOptions => ({
  name: 'vm2',
  facts: [
    plannedCluster({ ...CLUSTER, serverVersion: 150018 }),
    predict(databaseKey(CLUSTER, 'app'), {
      name: 'app',
      owner: 'postgres',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      connection_limit: -1,
    } as Database),
    ...facts,
  ],
  planned: false,
  sql,
})
const inMain = (args: object) => ({ version: 15, cluster: 'main', ...args })

describe('a check of a cluster that is only planned', () => {
  const tasks: [Module, object, string][] = [
    [
      pgRoleModule,
      { name: WEIRD, login: true, password: 'x', member_of: ['pg_monitor'] },
      'CREATE ROLE "we""ird; drop"',
    ],
    [
      pgDatabaseModule,
      { name: WEIRD, owner: WEIRD },
      'CREATE DATABASE "we""ird; drop" OWNER "we""ird; drop"',
    ],
    [
      pgSchemaModule,
      { name: WEIRD, db: WEIRD, owner: WEIRD },
      'CREATE SCHEMA "we""ird; drop" AUTHORIZATION "we""ird; drop"',
    ],
    [
      pgGrantModule,
      { type: 'schema', objects: ['public'], db: WEIRD, privileges: ['CREATE'], roles: [WEIRD] },
      'GRANT CREATE ON SCHEMA "public" TO "we""ird; drop"',
    ],
    [
      pgGrantModule,
      { default_for: 'postgres', in_schema: WEIRD, db: WEIRD, privileges: ['SELECT'], roles: [WEIRD] },
      'ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "we""ird; drop" GRANT SELECT ON TABLES TO "we""ird; drop"',
    ],
    [
      pgGrantModule,
      {
        type: 'function',
        objects: ['pg_catalog.pg_read_binary_file(text)'],
        db: WEIRD,
        privileges: ['EXECUTE'],
        roles: [WEIRD],
      },
      'GRANT EXECUTE ON ROUTINE "pg_catalog"."pg_read_binary_file"(text) TO "we""ird; drop"',
    ],
    [
      pgTableModule,
      {
        name: WEIRD,
        db: WEIRD,
        columns: [{ name: WEIRD, type: 'int' }],
        primary_key: [WEIRD],
        grants: { [WEIRD]: ['SELECT'] },
      },
      'CREATE TABLE "public"."we""ird; drop" ("we""ird; drop" int, PRIMARY KEY ("we""ird; drop"))',
    ],
    [
      pgPublicationModule,
      { name: WEIRD, db: WEIRD, tables: [WEIRD] },
      'CREATE PUBLICATION "we""ird; drop" FOR TABLE ONLY "public"."we""ird; drop"',
    ],
    [
      pgGrantModule,
      { in_schema: 'public', db: WEIRD, privileges: ['INSERT'], roles: ['PUBLIC'] },
      'GRANT INSERT ON ALL TABLES IN SCHEMA "public" TO PUBLIC',
    ],
    [
      pgSettingModule,
      { role: WEIRD, db: WEIRD, settings: { search_path: [WEIRD, 'public'] } },
      'ALTER ROLE "we""ird; drop" IN DATABASE "we""ird; drop" SET "search_path" TO \'we"ird; drop\', \'public\'',
    ],
    [
      pgSlotModule,
      { name: 'vm3', type: 'logical', db: WEIRD },
      "pg_create_logical_replication_slot('vm3', 'pgoutput')",
    ],
    [
      pgSubscriptionModule,
      { name: WEIRD, db: WEIRD, connection: { host: 'vm1', user: 'r' }, publications: [WEIRD] },
      'CREATE SUBSCRIPTION "we""ird; drop" CONNECTION \'host=vm1 dbname=\'\'we"ird; drop\'\' user=r\' PUBLICATION "we""ird; drop"',
    ],
  ]

  it('plans each object once, upon what earlier tasks plan', async () => {
    let world = planned
    for (const [module, args, statement] of tasks) {
      const { plan } = await planWith(module, world, inMain(args))
      expect(JSON.stringify(plan.steps.map((step) => (step.do === 'sql' ? step.text : step.do)))).toContain(
        JSON.stringify(statement).slice(1, -1),
      )
      expect((await planAgain(module, world, inMain(args))).steps).toEqual([])
      world = foldPlan(world, plan)
    }
    const { plan, result } = await planWith(
      pgReplicationModule,
      world,
      inMain({ db: WEIRD, subscriptions: [WEIRD] }),
    )
    expect(plan).toMatchObject({ steps: [], notes: ['this will be verified by the run'] })
    expect(result).toEqual({ waited: 0 })
  })

  it('refuses what nothing will bring, in the words of the real run', async () => {
    const check = (module: Module, args: object) => planWith(module, planned, inMain(args))
    await expect(check(pgTableModule, { name: 'a', db: 'nowhere' })).rejects.toThrow(/no database "nowhere"/)
    await expect(check(pgTableModule, { name: 's.a', columns: [] })).rejects.toThrow(/no schema "s"/)
    await expect(check(pgPublicationModule, { name: 'p', tables: ['a'] })).rejects.toThrow(
      /no table public.a/,
    )
    await expect(check(pgDatabaseModule, { name: 'd', owner: 'o' })).rejects.toThrow(/no role "o"/)
  })

  it('refuses memberships that lead back to where they begin, over planned roles too', async () => {
    let world = planned
    for (const args of [{ name: 'a' }, { name: 'b', member_of: ['a'] }, { name: 'c', member_of: ['b'] }])
      world = foldPlan(world, (await planWith(pgRoleModule, world, inMain(args))).plan)
    await expect(planWith(pgRoleModule, world, inMain({ name: 'a', member_of: ['c'] }))).rejects.toThrow(
      '"a" cannot be a member of "c": "c" is a member of "b" is a member of "a"',
    )
  })

  it('does not know what an sql task may have made', async () => {
    const { plan, result } = await planWith(sqlModule, planned, inMain({ query: 'create table a ()' }))
    expect(result?.rows).toBeInstanceOf(Unknown)
    const world = foldPlan(planned, plan)
    await expect(planWith(pgPublicationModule, world, inMain({ name: 'p', tables: ['a'] }))).rejects.toThrow(
      UnknownError,
    )
    await expect(
      planWith(sqlModule, planned, inMain({ query: 'select 1', read_only: true })),
    ).rejects.toThrow(UnknownError)
  })
})

describe('sql', () => {
  const args = inMain({ db: 'app', query: 'insert into a values (1)', unless: 'select from a' })

  it.each(['42P01', '3F000', '42704', '42703'])(
    'takes a guard whose objects are planned for unmet (%s)',
    async (code) => {
      const options = running([['select from a', new SqlError('gone', code)]])
      expect((await planWith(sqlModule, { ...options, planned: true }, args)).plan.steps).toHaveLength(1)
      await expect(planWith(sqlModule, options, args)).rejects.toThrow('gone')
    },
  )

  it('takes the guard of a role that is planned for unmet, and does not know what may be granted', async () => {
    const as = { ...args, as: 'app' }
    const noRole = running([['select from a', new SqlError('role "app" does not exist', '22023')]])
    const { plan } = await planWith(pgRoleModule, running([['pg_authid r', []]]), inMain({ name: 'app' }))
    expect((await planWith(sqlModule, foldPlan(noRole, plan), as)).plan.steps).toHaveLength(1)
    await expect(planWith(sqlModule, { ...noRole, planned: true }, as)).rejects.toThrow('does not exist')
    const closed = running([['select from a', new SqlError('permission denied', '42501')]])
    await expect(planWith(sqlModule, foldPlan(closed, plan), as)).rejects.toThrow(UnknownError)
    await expect(planWith(sqlModule, closed, as)).rejects.toThrow('permission denied')
  })

  it('does not know what a catalogue will hold that an earlier task changes', async () => {
    const { plan } = await planWith(pgRoleModule, running([['pg_authid r', []]]), inMain({ name: 'app' }))
    const world = foldPlan(running([['pg_', []]]), plan)
    const read = (query: string) => planWith(sqlModule, world, inMain({ db: 'app', query, read_only: true }))
    await expect(read('select from PG_ROLES')).rejects.toThrow(UnknownError)
    expect((await read("select 'pg_roles' from pg_class")).plan.steps).toEqual([])
    const guarded = { db: 'app', query: 'select f()', unless: 'select from pg_roles' }
    await expect(planWith(sqlModule, world, inMain(guarded))).rejects.toThrow(UnknownError)
  })

  it('asks a copy that is only planned for nothing', async () => {
    const copy: FakeHostOptions = { name: 'vm2', facts: [plannedCluster({ ...CLUSTER, copyOf: 'vm3:5432' })] }
    expect(
      (await planWith(sqlModule, copy, inMain({ query: 'do $$ begin end $$' }))).plan.steps,
    ).toHaveLength(1)
    const read = planWith(sqlModule, copy, inMain({ query: 'select 1', read_only: true }))
    await expect(read).rejects.toThrow(UnknownError)
  })

  it('does nothing where the guard answers a row, though it has no columns', async () => {
    const { plan, result } = await planWith(sqlModule, running([['select from a', [{}]]]), args)
    expect(plan.steps).toEqual([])
    expect(result).toEqual({ rows: [], row_count: 0, statusmessage: '' })
  })

  it('sends a script as one message, or each statement by itself', async () => {
    const file = async () => ({ content: Buffer.from('begin;a -- y\n; -- x\nb;'), path: '/x.sql' })
    const options = { ...running([]), controller: { file } }
    const texts = async (more: object) =>
      (await planWith(sqlModule, options, inMain({ db: 'app', script: 'x.sql', ...more }))).plan.steps.map(
        (step) => step.do === 'sql' && step.text,
      )
    expect(await texts({})).toEqual(['begin\n;\na -- y\n;\n-- x\nb'])
    expect(await texts({ transaction: false, timeout: 1.5 })).toEqual(
      ['begin', 'a -- y', '-- x\nb'].map((text) => `set statement_timeout = 1500;\n${text}`),
    )
  })

  it('says that a query without read_only counts as changed, and refuses read_only for what is none', async () => {
    const { plan } = await planWith(sqlModule, running([]), inMain({ db: 'app', query: 'select 1' }))
    expect(plan.notes?.[0]).toMatch(/read_only: true/)
    for (const query of ['set x = 1', 'select 1; select 2'])
      await expect(
        planWith(sqlModule, running([]), inMain({ db: 'app', query, read_only: true })),
      ).rejects.toThrow(/SET does more than read|2 statements/)
  })

  it.each([
    [{}, /either `query` or `script`/],
    [{ script: 'a', values: [1] }, /only a `query` has `values`/],
    [{ query: 'a', unless_values: [1] }, /no `unless`/],
  ])('refuses arguments that contradict each other: %j', (given, message) => {
    expect(sqlModule.params.safeParse(inMain(given)).error?.message).toMatch(message)
  })
})

describe('on a standby', () => {
  it('what writes catalogues is refused', async () => {
    const options = running([], [plannedCluster({ ...CLUSTER, recovery: true, serverVersion: 150018 })])
    for (const [module, args] of [
      [pgRoleModule, { name: 'a' }],
      [pgDatabaseModule, { name: 'a' }],
      [pgTableModule, { name: 'a' }],
      [pgSettingModule, { role: 'a', settings: {} }],
      [pgSchemaModule, { name: 'a' }],
      [pgGrantModule, { objects: ['a'], privileges: ['SELECT'], roles: ['PUBLIC'] }],
      [pgPublicationModule, { name: 'a' }],
      [pgSubscriptionModule, { name: 'a', state: 'absent' }],
    ] as [Module, object][])
      await expect(planWith(module, options, inMain(args))).rejects.toThrow(/is a standby/)
  })
})
