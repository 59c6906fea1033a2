import { describe, expect, it } from 'vitest'
import { predict } from '../../contract/facts.ts'
import type { Module } from '../../contract/module.ts'
import { canonical } from '../../contract/parse-params.ts'
import { numbered } from '../../modules/aliases/postgresql/placeholders.ts'
import { readsByItsWords } from '../../modules/aliases/postgresql/reading.ts'
import { modules } from '../../modules/registry.ts'
import { clusterKey } from '../../postgres/cluster/key.ts'
import { plannedCluster } from '../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../support/fake-host.ts'
import { runLocally } from '../support/local-run.ts'

const FRESH: FakeHostOptions = {
  name: 'db1',
  facts: [plannedCluster({ fresh: true, recovery: false, serverVersion: 150008 })],
}
const moduleOf = (name: string) => modules.get(`postgresql_${name}`) as Module
async function planOf(name: string, args: object, options = FRESH) {
  const module = moduleOf(name)
  const params = module.params.parse(canonical(args as Record<string, unknown>, module.params))
  const host = fakeHost(options)
  const state = await module.inspect(host, params)
  const plan = module.plan(state, params)
  return { plan, result: module.result?.({ state, params, plan, outputs: null }) ?? {} }
}
const problems = (name: string, args: object) =>
  moduleOf(name)
    .params.safeParse(canonical(args as Record<string, unknown>, moduleOf(name).params))
    .error?.issues.map(({ message, path }) => `${path.join('.')}: ${message}`) ?? []

describe("community.postgresql's arguments, on a new cluster", () => {
  it.each<[string, object, string[]]>([
    ['user', { name: 'app' }, ['CREATE ROLE "app" LOGIN']],
    [
      'user',
      { name: 'app', role_attr_flags: 'NOLOGIN,createdb', conn_limit: '5', login_host: 'localhost' },
      ['CREATE ROLE "app" NOLOGIN CREATEDB CONNECTION LIMIT 5'],
    ],
    ['user', { name: 'app', password: '', login_password: '' }, ['CREATE ROLE "app" LOGIN']],
    ['user', { name: 'app', state: 'absent', password: 'x' }, []],
    [
      'db',
      { name: 'shop', owner: '', encoding: 'UTF-8', template: 'template0', login_port: 5432 },
      [`CREATE DATABASE "shop" TEMPLATE "template0" ENCODING 'UTF-8'`],
    ],
    ['db', { name: 'shop', state: 'absent' }, []],
    [
      'schema',
      { name: 'data', owner: 'postgres', login_unix_socket: '/run/postgresql' },
      ['CREATE SCHEMA "data" AUTHORIZATION "postgres"'],
    ],
    ['slot', { name: 's1' }, ['select pg_create_physical_replication_slot($1, $2)']],
    ['publication', { name: 'p' }, ['CREATE PUBLICATION "p" FOR ALL TABLES']],
    [
      'table',
      { name: 't', columns: ["note text DEFAULT 'not null' NOT NULL", 'id bigint not null primary key'] },
      [
        `CREATE TABLE "public"."t" ("note" text NOT NULL DEFAULT 'not null', "id" bigint NOT NULL, PRIMARY KEY ("id"))`,
      ],
    ],
    [
      'privs',
      { db: 'postgres', type: 'schema', objs: 'public', privs: 'USAGE,CREATE', roles: 'public' },
      ['GRANT CREATE ON SCHEMA "public" TO PUBLIC'],
    ],
    [
      'privs',
      {
        db: 'postgres',
        type: 'default_privs',
        objs: 'TABLES,SEQUENCES',
        privs: 'SELECT',
        roles: 'pg_monitor',
      },
      [
        'ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT SELECT ON TABLES TO "pg_monitor"',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT SELECT ON SEQUENCES TO "pg_monitor"',
      ],
    ],
    [
      'privs',
      { db: 'postgres', type: 'group', objs: 'pg_monitor', roles: 'postgres', admin_option: true },
      ['GRANT "pg_monitor" TO "postgres" WITH ADMIN OPTION'],
    ],
    [
      'membership',
      { groups: 'pg_monitor,pg_read_all_data', target_role: 'postgres' },
      ['GRANT "pg_monitor" TO "postgres"', 'GRANT "pg_read_all_data" TO "postgres"'],
    ],
    ['membership', { group: 'nobody', target_roles: ['postgres', 'no'], fail_on_role: false }, []],
    [
      'owner',
      { new_owner: 'pg_monitor', obj_name: 'public', obj_type: 'schema' },
      ['ALTER SCHEMA "public" OWNER TO "pg_monitor"'],
    ],
    [
      'query',
      { query: 'insert into t values (%s, %s)', positional_args: [1, 'a'] },
      ['insert into t values ($1, $2)'],
    ],
  ])('%s %j sends %j', async (name, args, expected) => {
    const { plan, result } = await planOf(name, args)
    const sent = plan.steps.map((step) => (step.do === 'sql' ? step.text.replace(/\s+/g, ' ') : step.do))
    expect(sent).toEqual(expected)
    expect(result.queries).toHaveLength(expected.length)
  })

  it('a role that is there keeps whether it may log in, and its password where that is wanted', async () => {
    const sql: FakeHostOptions['sql'] = [
      [/from pg_authid/, [{ name: 'app', login: false, password: 'SCRAM-SHA-256$1', member_of: [] }]],
    ]
    const facts = [plannedCluster({ recovery: false, serverVersion: 150008 })]
    const args = { name: 'app', password: 'another', no_password_changes: true }
    expect((await planOf('user', args, { facts, sql })).plan.steps).toEqual([])
  })

  it('memberships that are taken away are these alone', async () => {
    const member = (role: string) => ({ role, admin: false, inherit: null, set: null, grantor: null })
    const sql: FakeHostOptions['sql'] = [
      [/from pg_authid/, [{ name: 'app', login: true, member_of: [member('a'), member('b')] }]],
    ]
    const facts = [plannedCluster({ recovery: false, serverVersion: 150008 })]
    const { plan } = await planOf(
      'membership',
      { groups: ['a'], target_roles: ['app'], state: 'absent' },
      { facts, sql },
    )
    expect(plan.steps).toMatchObject([{ text: 'REVOKE "a" FROM "app"' }])
  })

  it('the password never shows in what is told of the queries', async () => {
    const { plan, result } = await planOf('user', { name: 'app', password: 'hush-hush' })
    expect(JSON.stringify([plan.changes, result])).not.toContain('hush')
    expect(result.queries).toEqual([])
  })
})

describe('which cluster', () => {
  const two: FakeHostOptions = {
    name: 'db1',
    facts: [
      plannedCluster({ fresh: true, recovery: false }),
      plannedCluster({ name: 'other', port: 5433, fresh: true, recovery: false }),
    ],
  }
  it('is that of the port, and of several none is guessed', async () => {
    const { plan } = await planOf('user', { name: 'app', port: '5433' }, two)
    expect(plan.steps).toMatchObject([{ on: { cluster: 'other' } }])
    await expect(planOf('user', { name: 'app' }, two)).rejects.toThrow(
      /db1 has several clusters: 15\/main \(port 5432/,
    )
  })
  it('is of the host that the task is done on', async () => {
    await expect(planOf('user', { name: 'app', login_host: 'db2' })).rejects.toThrow(
      'login_host is db2, and this task is done on db1',
    )
    expect((await planOf('user', { name: 'app', login_host: 'db1' })).plan.steps).toHaveLength(1)
  })
  it('is told by ping, which does not fail where there is none', async () => {
    expect((await planOf('ping', {}, { name: 'db1' })).result).toEqual({
      is_available: false,
      server_version: {},
      conn_err_msg: 'there is no cluster on db1',
    })
    const gone = { ...FRESH, facts: [predict(clusterKey('15', 'main'), null)] }
    expect((await planOf('ping', {}, gone)).result).toMatchObject({ is_available: false })
    expect((await planOf('ping', {})).result).toMatchObject({ is_available: true })
  })
})

describe('what does not fit', () => {
  it.each<[string, object, string]>([
    [
      'user',
      { name: 'a', priv: 'ALL' },
      'priv: expected nothing, but found ALL: privileges are granted by postgresql_privs',
    ],
    [
      'user',
      { name: 'a', login_user: 'boss' },
      "login_user: expected postgres: the cluster's owner does it; who shall own what is made, `owner` says",
    ],
    [
      'user',
      { name: 'a', role_attr_flags: 'LOGIN,SUPERB' },
      'role_attr_flags: expected flags with commas between: SUPERUSER, CREATEROLE, CREATEDB, INHERIT, LOGIN, REPLICATION, BYPASSRLS, each also with NO before it',
    ],
    [
      'user',
      { name: 'a', password: `md5${'0'.repeat(32)}` },
      'password: expected the password itself in quotes, or its SCRAM-SHA-256 secret; hashes of md5 are not taken',
    ],
    ['user', { name: 'a', expires: 'Jan 31 2020' }, "expires: expected a time with its zone, or 'infinity'"],
    [
      'user',
      { name: 'a', encrypted: false },
      'encrypted: expected true: PostgreSQL stores no password in clear',
    ],
    [
      'user',
      { name: 'a', connect_params: { options: '-c x=1' } },
      'connect_params: expected none: play goes through the socket of the server itself, as its owner; settings of a session go into the query (SET), or to pg_setting',
    ],
    [
      'db',
      { name: 'a', state: 'dump' },
      'state: expected present or absent, but found dump: use shell: pg_dump … as postgres for one database, or pg_backup for the cluster',
    ],
    [
      'privs',
      { db: 'a', type: 'language', objs: 'c', privs: 'ALL', roles: 'a' },
      'type: expected table, sequence, function, procedure, database, schema, default_privs, group, but found language: say it with postgresql_query: GRANT …, and a guard (sql: unless)',
    ],
    [
      'privs',
      { db: 'a', objs: 't', privs: 'SELEKT', roles: 'a' },
      'privs: SELEKT is no privilege on a table: SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN, ALL are',
    ],
    [
      'query',
      { query: 'select %s', positional_args: [1, 2] },
      'positional_args: expected 1 values, one for each %s, but found 2',
    ],
    ['query', { query: 'select %(a)s', named_args: { b: 1 } }, 'named_args: expected a value for %(a)s'],
    [
      'query',
      { query: "select '%(a)s', %(a)s, '100%%s'", named_args: { a: 1 } },
      'named_args: expected %(a)s outside of quotes: in them it is no value',
    ],
    [
      'query',
      { query: 'do $f$ begin perform %s; end $f$', positional_args: [1] },
      'positional_args: expected %s outside of quotes: in them it is no value',
    ],
    [
      'query',
      { query: 'select 1', search_path: ['app'] },
      'search_path: expected nothing, but found a list: name the schema in the statement: schema.table; or SET search_path before it',
    ],
    [
      'table',
      { name: 't', columns: ['id serial'] },
      'columns.0: expected `name type`, with NOT NULL, DEFAULT, PRIMARY KEY and GENERATED … AS IDENTITY (in place of serial); more by postgresql_query: CREATE TABLE IF NOT EXISTS …',
    ],
    [
      'table',
      { name: 't', columns: ['id integer integer'] },
      'columns.0: expected one type and nothing more, like numeric(10,2), timestamptz or text[]',
    ],
    [
      'owner',
      { new_owner: 'a', obj_type: 'view', obj_name: 'v' },
      'obj_type: expected database, schema or table; others by postgresql_query: ALTER … OWNER TO …, with a guard (sql: unless)',
    ],
    [
      'subscription',
      { name: 's', db: 'a', publications: ['p'], connparams: { host: 'h', password: 'x' } },
      'connparams.password: a password here would be stored in clear in the catalogue, in its backups and on its standbys: put it into a passfile with pg_passfile, and say `passfile` here',
    ],
    [
      'subscription',
      { name: 's', db: 'a', state: 'absent', subsparams: { create_slot: false } },
      'subsparams.create_slot: expected enabled, copy_data, slot_name, synchronous_commit, binary, streaming, two_phase, disable_on_error, origin, password_required, run_as_owner, failover, but found create_slot: false',
    ],
    [
      'pg_hba',
      { dest: '/x', contype: 'host', order: 'sdu', mode: '0600' },
      'mode: expected nothing, but found 0600: the file keeps its mode; the module file changes it',
    ],
    ['pg_hba', { dest: '/x' }, 'contype: expected contype, or rules'],
  ])('%s %j says what to write instead', (name, args, expected) => {
    expect(problems(name, args)).toEqual([expected])
  })

  it('is told where it stands, before any host, also under the name of the collection', async () => {
    const tasks = `
    - community.postgresql.postgresql_db: { name: a, tablespace: fast }
    - community.general.postgresql_user: name=a role_attr_flags=LOGON
    - postgresql_idx: { name: i }`
    const ran = runLocally(`- hosts: all\n  tasks:${tasks}\n`)
    await expect(ran).rejects.toMatchObject({
      errors: [
        { pos: { line: 3, col: 66 } },
        { pos: { line: 4, col: 65 } },
        { pos: { line: 5, col: 7 }, hint: expect.stringMatching(/sql/) },
      ],
    })
  })
})

describe('a rule of pg_hba.conf', () => {
  const dest = '/etc/postgresql/15/main/pg_hba.conf'
  const options: FakeHostOptions = {
    ...FRESH,
    files: { [dest]: 'local all postgres peer\n' },
    facts: [plannedCluster({ running: false })],
  }
  const written = async (args: object) =>
    (await planOf('pg_hba', { dest, ...args }, options)).plan.changes[0]?.after
  it('is written as pg_hba writes it', async () => {
    const args = {
      contype: 'host',
      users: 'a,b',
      databases: 'shop',
      source: '10.0.0.0',
      netmask: '255.0.0.0',
    }
    expect(await written(args)).toMatch(/\nhost +shop +a,b +10\.0\.0\.0 +255\.0\.0\.0 +md5\n/)
    const rules = [{ contype: 'local', method: 'peer', options: 'map=admins' }]
    expect(await written({ rules })).toMatch(/local +all +all +peer map=admins/)
  })
  it('belongs to a cluster of the host', async () => {
    await expect(planOf('pg_hba', { dest: '/data/pg_hba.conf', contype: 'local' }, options)).rejects.toThrow(
      '/data/pg_hba.conf is not where a cluster of db1 has its rules',
    )
  })
})

describe('placeholders of psycopg', () => {
  it.each([
    ['select %s, %s', [1, 2], 'select $1, $2', [1, 2]],
    ["select '100%%', %(a)s, %(b)s, %(a)s", { a: 1, b: [2] }, "select '100%', $1, $2, $1", [1, [2]]],
    ['select 1', [], 'select 1', []],
  ] as const)('%s', (query, args, text, values) => {
    expect(numbered(query, args)).toEqual({ text, values })
  })
  it('are never mixed', () => {
    expect(numbered('select %s', { a: 1 }).problem).toMatch(/expected %\(name\)s/)
  })
})

describe('whether a statement only reads', () => {
  it.each([
    ['select 1', true],
    ['with a as (select 1) select * from a', true],
    ['with a as (delete from t returning *) select * from a', false],
    ['select * into u from t', false],
    ['select * from t for update', false],
    ["select 'into' from t -- for update", true],
    ['explain analyze select 1', false],
    ['show work_mem', true],
    ['vacuum', false],
  ])('%s: %s', (statement, expected) => {
    expect(readsByItsWords(statement)).toBe(expected)
  })
})
