import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SqlTarget } from '../../../contract/plan.ts'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import type { Connection } from '../../../runner/hosts/types.ts'
import { startPostgres, type TestPostgres, withoutPostgres } from './postgres.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

describe.skipIf(withoutPostgres)(
  `a real server${withoutPostgres ? ` (skipped: ${withoutPostgres})` : ''}`,
  () => {
    let server: TestPostgres
    let host: Connection
    let on: SqlTarget

    beforeAll(async () => {
      server = startPostgres()
      // As psql would read it.
      on = { ...server.target, words: 'users' }
      host = await connect(connectionSpec('localhost', {}, {}))
      await host.sql(on, 'CREATE TABLE numbers (n int PRIMARY KEY); INSERT INTO numbers VALUES (1), (2)')
    })
    afterAll(async () => {
      await host?.close()
      server?.remove()
    })

    const rows = async (text: string, values?: unknown[], more: Partial<SqlTarget> = {}) =>
      (await host.sql({ ...on, ...more }, text, values)).rows
    const failure = (text: string, values?: unknown[], more: Partial<SqlTarget> = {}) =>
      rows(text, values, more).catch((error) => error)

    test('values become what JavaScript holds exactly, else stay text', async () => {
      const [row] =
        await rows(`SELECT 7::int8 AS big, 9007199254740993::int8 AS bigger, 1.50::numeric AS exact,
      true AS yes, '{"a": [1, 9007199254740993]}'::jsonb AS doc, ARRAY[1, NULL, 3]::int8[] AS list, ARRAY[[1, 2], [3, 4]] AS nested,
      ARRAY['a"b', 'c,d'] AS words, NULL::int AS nothing, '2024-02-03 04:05:06.7'::timestamp AS at,
      '\\x00ff'::bytea AS bytes, 1.5::float8 AS float, ARRAY['NaN', '-Infinity', 2]::float8[] AS odd, 'abc'::name AS name, '0/16B3748'::pg_lsn AS lsn`)
      expect(row).toEqual({
        big: 7,
        bigger: '9007199254740993',
        exact: '1.50',
        yes: true,
        doc: { a: [1, 9007199254740993n] },
        list: [1, null, 3],
        nested: [
          [1, 2],
          [3, 4],
        ],
        words: ['a"b', 'c,d'],
        nothing: null,
        at: '2024-02-03 04:05:06.7',
        bytes: '\\x00ff',
        float: 1.5,
        odd: ['NaN', '-Infinity', 2],
        name: 'abc',
        lsn: '0/16B3748',
      })
    })

    test('values travel as parameters', async () => {
      const [row] = await rows(
        'SELECT $1::text AS text, $2::int[] AS list, $3::jsonb AS doc, $4::int AS none',
        [`'; DROP TABLE numbers; --`, [1, 2], { a: 1 }, null],
      )
      expect(row).toEqual({ text: `'; DROP TABLE numbers; --`, list: [1, 2], doc: { a: 1 }, none: null })
    })

    test('a list is what its parameter is: an array, JSON, or an array of JSON; empty ones too', async () => {
      await rows('create domain doc as jsonb; create domain docs as doc')
      for (const more of [{}, { as: 'postgres' }]) {
        const [row] = await rows(
          `select $1::text[]::text as a, $2::json::text as b, $3::jsonb::text as c, $4::docs::text as d, $5::jsonb[]::text as e,
            $6::int[]::text as f, $7::jsonb::text as g, $8::text as h, $9::jsonb::text as i`,
          [
            [],
            [],
            [],
            [],
            [[1], { a: 1 }],
            [
              [1, 2],
              [3, 4],
            ],
            {},
            'x',
            [{ id: 9007199254740993n }],
          ],
          more,
        )
        expect(row).toEqual({
          a: '{}',
          b: '[]',
          c: '[]',
          d: '[]',
          e: '{[1],"{\\"a\\": 1}"}',
          f: '{{1,2},{3,4}}',
          g: '{}',
          h: 'x',
          i: '[{"id": 9007199254740993}]',
        })
      }
      const read = (text: string, values: unknown[]) => host.sql(on, text, values, { readOnly: true })
      const both = await Promise.all([
        read('select $1::jsonb::text as one', [[]]),
        read('select $1::text[]::text as one', [[]]),
        host.sql(on, 'select $1::jsonb::text as one', [[]], { readOnly: true, how: 'apart' }),
      ])
      expect(both.map((one) => one.rows[0])).toEqual([{ one: '[]' }, { one: '{}' }, { one: '[]' }])
      expect(await rows('select from pg_prepared_statements')).toEqual([])
      await rows('drop domain doc cascade')
    })

    test('what a list or a mapping is meant as is refused where the server cannot say, or takes no such thing', async () => {
      expect(await failure('select $1::text[]', [{}])).toMatchObject({
        message: '$1 is an array, and a mapping was given for it',
      })
      expect(await failure('select $1::text[', [[]])).toMatchObject({ code: '42601', position: 17 })
      expect(await failure('create table later as select $1::jsonb as one', [[]])).toMatchObject({
        name: 'SqlError',
        hint: expect.stringContaining('an empty list among the values is {} for an array and [] for JSON'),
      })
      expect(await failure('select $1::jsonb; drop table nothing', [[]])).toMatchObject({ code: '42601' })
      expect(await failure('select $1::jsonb as one', [[Number.POSITIVE_INFINITY]])).toMatchObject({
        code: '22P02',
      })
    })

    test('several statements without values: the rows of the last that has any', async () => {
      expect(await host.sql(on, 'SELECT 1 AS a; SELECT 2 AS b; CREATE TEMP TABLE x ()')).toMatchObject({
        rows: [{ b: 2 }],
        rowCount: 1,
      })
      expect(await host.sql(on, 'UPDATE numbers SET n = n; UPDATE numbers SET n = n')).toMatchObject({
        rowCount: 4,
      })
    })

    test("the server's notices and warnings are kept", async () => {
      const { notices } = await host.sql(on, `DO $$ BEGIN RAISE WARNING 'w'; RAISE NOTICE 'n'; END $$`)
      expect(notices).toEqual(['WARNING: w', 'NOTICE: n'])
      expect((await host.sql(on, 'SELECT 1')).notices).toEqual([])
    })

    test("errors carry the server's own fields", async () => {
      expect(await failure('INSERT INTO numbers VALUES (1)')).toMatchObject({
        name: 'SqlError',
        code: '23505',
        detail: expect.stringContaining('already exists'),
        statement: 'INSERT INTO numbers VALUES (1)',
      })
      expect(await failure('SELECT * FORM numbers')).toMatchObject({ code: '42601', position: 10 })
      expect(await rows('SELECT 1 AS after')).toEqual([{ after: 1 }])
    })

    test('a reading session refuses to write; queries made together each get their own answer', async () => {
      const read = (text: string, values?: unknown[]) => host.sql(on, text, values, { readOnly: true })
      await expect(read('INSERT INTO numbers VALUES (9)')).rejects.toMatchObject({ code: '25006' })
      const settled = await Promise.allSettled([
        read('SELECT $1::int AS n', [1]),
        read('SELECT 1/0'),
        read(`DO $$ BEGIN RAISE NOTICE 'mine'; END $$`),
        read('SELECT $1::int AS n', [4]),
      ])
      expect(settled).toMatchObject([
        { value: { rows: [{ n: 1 }], notices: [] } },
        { reason: { code: '22012' } },
        { value: { notices: ['NOTICE: mine'] } },
        { value: { rows: [{ n: 4 }], notices: [] } },
      ])
    })

    test('a transaction left open is rolled back and refused', async () => {
      expect(await failure('BEGIN; INSERT INTO numbers VALUES (20)')).toMatchObject({ code: '25001' })
      expect(await failure('BEGIN; INSERT INTO numbers VALUES (21); SELECT 1/0; COMMIT')).toMatchObject({
        code: '22012',
      })
      expect(await rows('SELECT n FROM numbers WHERE n >= 20')).toEqual([])
      await host.sql(on, 'BEGIN; INSERT INTO numbers VALUES (22); COMMIT')
      expect(await rows('DELETE FROM numbers WHERE n >= 20 RETURNING n')).toEqual([{ n: 22 }])
    })

    test('a setting of one task is not there for the next', async () => {
      await host.sql(on, 'SET search_path = pg_catalog')
      expect(await rows('SHOW search_path')).toEqual([{ search_path: '"$user", public' }])
    })

    test('one session serves many queries, and names itself', async () => {
      const [one] = await rows("SELECT pg_backend_pid() AS pid, current_setting('application_name') AS name")
      const [two] = await rows("SELECT pg_backend_pid() AS pid, current_setting('application_name') AS name")
      expect(one).toEqual(two)
      expect(one!.name).toBe('play')
    })

    test('as another role, whatever its name', async () => {
      await host.sql(on, 'CREATE ROLE "we""ird; drop"')
      expect(await rows('SELECT session_user AS who', [], { as: 'we"ird; drop' })).toEqual([
        { who: 'we"ird; drop' },
      ])
      expect(await failure('SELECT 1', [], { as: 'nobody' })).toMatchObject({ code: '22023' })
    })

    test('a database or server that is not there', async () => {
      expect(await failure('SELECT 1', [], { db: 'none' })).toMatchObject({ code: '3D000' })
      expect(await failure('SELECT 1', [], { port: 1 })).toMatchObject({
        code: '08006',
        message: expect.stringContaining('not running'),
      })
    })

    test('large queries and answers pass whole', async () => {
      const text = 'ü'.repeat(1_000_000)
      expect(await rows('SELECT length($1::text) AS n', [text])).toEqual([{ n: 1_000_000 }])
      expect((await rows(`SELECT repeat('x', 100000) AS x FROM generate_series(1, 50)`)).length).toBe(50)
    })

    const inSeconds = (seconds: number) => performance.now() + seconds * 1000
    const eventually = async (text: string) => {
      while ((await host.sql(on, text, [], { readOnly: true })).rowCount === 0);
    }

    test("a statement is ended at its task's timeout, and who was in its way is named", async () => {
      const holder = await connect(connectionSpec('localhost', {}, {}))
      const held = holder
        .sql(on, 'BEGIN; LOCK TABLE numbers; SELECT pg_sleep(30); COMMIT')
        .catch(() => undefined)
      await eventually("SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")
      const late = (text: string, readOnly: boolean) =>
        host
          .sql(on, text, undefined, { readOnly, limits: { deadline: inSeconds(1) } })
          .catch((error) => error)
      const [read, written] = await Promise.all([
        late('SELECT * FROM numbers', true),
        late('INSERT INTO numbers VALUES (30)', false),
      ])
      for (const error of [read, written]) {
        expect(error).toMatchObject({ name: 'SqlError', code: '57014' })
        expect(error.message).toMatch(/^it was ended at the task's timeout, after \d+ s$/)
        expect(error.detail).toMatch(/^it waited for process \d+, play, postgres, active, transaction since /)
      }
      await host.sql(on, "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock'")
      await held
      await holder.close()
      expect(await rows('SELECT n FROM numbers WHERE n = 30')).toEqual([])
    })

    test('a statement that takes its cancellation for an error of its own ends with its session', async () => {
      const stubborn = `do $$ begin loop begin perform pg_sleep(30);
        exception when query_canceled then null; end; end loop; end $$`
      const began = performance.now()
      const error = await host
        .sql(on, stubborn, undefined, { limits: { deadline: performance.now() + 1000 } })
        .catch((thrown) => thrown)
      expect(error).toMatchObject({
        code: '57014',
        message: expect.stringContaining("ended at the task's timeout"),
      })
      expect(performance.now() - began).toBeLessThan(20_000)
      expect(await rows('select 1 as one')).toEqual([{ one: 1 }])
      expect(await rows("select from pg_stat_activity where query like 'do %'")).toEqual([])
    })

    test('a lock that others queue behind is not waited for long, and who holds it is told while it waits', async () => {
      const holder = await connect(connectionSpec('localhost', {}, {}))
      const held = holder.sql(
        { ...on, db: 'postgres' },
        'begin; lock table numbers in access share mode; select pg_sleep(8); commit',
      )
      const isHeld = async () =>
        (await rows("select from pg_locks where relation = 'numbers'::regclass and granted")).length > 0
      await vi.waitFor(async () => expect(await isHeld()).toBe(true), 5000)
      const said: string[] = []
      const error = await host
        .sql(on, 'alter table numbers add column more int', undefined, {
          limits: { lockWait: 3, onWait: (line) => said.push(line) },
        })
        .catch((e) => e)
      expect(error).toMatchObject({
        code: '55P03',
        detail: expect.stringMatching(/process \d+.*transaction since/),
      })
      expect(said[0]).toMatch(/^waits for process \d+/)
      await held
      await holder.close()
      await host.sql(on, 'alter table numbers add column more int; alter table numbers drop column more')
    })

    test('one that waits for its turn is given up at the deadline too, and is never begun', async () => {
      const slow = rows('SELECT pg_sleep(3)')
      const limits = { deadline: inSeconds(0.5) }
      await expect(host.sql(on, 'INSERT INTO numbers VALUES (31)', [], { limits })).rejects.toMatchObject({
        code: '57014',
        message: expect.stringContaining('not begun'),
      })
      await slow
      expect(await rows('SELECT n FROM numbers WHERE n = 31')).toEqual([])
    })

    describe('with a synchronous standby that is not there', () => {
      const set = async (names: string) => {
        await host.sql(on, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
        await host.sql(on, 'SELECT pg_reload_conf()')
        await eventually(`SELECT WHERE current_setting('synchronous_standby_names') = '${names}'`)
      }
      // Sessions know of it before the checkpointer does, which tells those that commit to wait.
      const commitsWait = async () => {
        const limits = { syncWait: 0.1, onWait: () => {} }
        const probe = () => host.sql(on, 'INSERT INTO probes VALUES (1)', [], { limits })
        await vi.waitUntil(async () => (await probe()).unconfirmed !== undefined, { timeout: 20_000 })
      }
      beforeAll(async () => {
        await host.sql(on, 'CREATE TABLE probes (n int)')
        await set('nobody')
        await commitsWait()
      })
      afterAll(() => set(''))

      test('a commit succeeds at the end of its time, and says that no standby is known to have it', async () => {
        const said: string[] = []
        const limits = { syncWait: 1, onWait: (line: string) => void said.push(line) }
        const started = performance.now()
        const done = await host.sql(on, 'INSERT INTO numbers VALUES ($1)', [40], { limits })
        expect(performance.now() - started).toBeLessThan(5000)
        expect(done).toMatchObject({ rowCount: 1 })
        expect(done.unconfirmed).toMatch(
          /^this is committed on the server, .*\(synchronous_standby_names = 'nobody'\) had confirmed it after 1 s$/,
        )
        expect(said).toEqual([
          expect.stringMatching(/^committed, and waits for a synchronous standby .*nobody.*process \d+/),
        ])
        expect(await rows('DELETE FROM numbers WHERE n = 40 RETURNING n', [], { db: 'postgres' })).toEqual([
          { n: 40 },
        ])
      })

      test('all commits of a script have the time of one, and the session goes on', async () => {
        const script = `DO $$ BEGIN FOR n IN 41..44 LOOP INSERT INTO numbers VALUES (n); COMMIT; END LOOP; END $$`
        const started = performance.now()
        const done = await host.sql(on, script, undefined, { limits: { deadline: inSeconds(2) } })
        expect(done.unconfirmed).toContain('not known to be on a standby')
        expect(performance.now() - started).toBeLessThan(10_000)
        expect((await host.sql(on, 'SELECT 1')).unconfirmed).toBeUndefined()
        expect(await rows('SELECT count(*) AS n FROM numbers WHERE n > 40')).toEqual([{ n: 4 }])
      })

      test('a session whose play is gone ends on the server, in the wait for a standby too', async () => {
        const gone = await connect(connectionSpec('localhost', {}, {}))
        const mine = 'INSERT INTO numbers SELECT 50'
        gone.sql(on, mine).catch(() => {})
        const waits = `FROM pg_stat_activity WHERE query = '${mine}' AND state = 'active'`
        await eventually(`SELECT ${waits} AND wait_event = 'SyncRep'`)
        await gone.close()
        await eventually(`SELECT WHERE NOT EXISTS (SELECT ${waits})`)
        expect(await rows('SELECT n FROM numbers WHERE n = 50')).toEqual([{ n: 50 }])
      })
    })

    test('a statement whose server goes away fails with 08006 or 57P01, and the next finds the new server', async () => {
      await host.sql(on, 'SELECT 1', [], { readOnly: true })
      const slow = failure('SELECT pg_sleep(60)')
      const asleep = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid()`
      while ((await host.sql(on, asleep, [], { readOnly: true })).rowCount === 0);
      server.stop()
      expect((await slow).code).toMatch(/08006|57P01/)
      expect(await failure('SELECT 1')).toMatchObject({ code: '08006' })
      server.start()
      expect(await host.sql(on, 'SELECT 1 AS a', [], { readOnly: true })).toMatchObject({ rows: [{ a: 1 }] })
      expect(await rows('SELECT 1 AS a')).toEqual([{ a: 1 }])
    })

    test('closing forgets the sessions of the cluster, on the server too', async () => {
      await Promise.all([rows('SELECT 1'), host.sql(on, 'SELECT 1', [], { readOnly: true })])
      await host.closeSql(on.version, on.cluster)
      const left = await rows(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'play' AND pid <> pg_backend_pid()`,
      )
      expect(left).toEqual([])
    })
  },
)
