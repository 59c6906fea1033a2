import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modules } from '../../../../modules/registry.ts'
import { targetOf } from '../../../../postgres/cluster/cluster.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

/** Each with tasks in their order; of each the second plan is empty, on the prediction and after the run. */
const TASKS: [name: string, args: Record<string, unknown>][] = [
  ['user', { name: 'app', password: 'hush hush', role_attr_flags: 'CREATEDB', conn_limit: 3 }],
  ['user', { name: 'readers', role_attr_flags: 'NOLOGIN' }],
  ['user', { name: 'app', role_attr_flags: 'NOCREATEDB', expires: 'infinity' }],
  ['db', { name: 'shop', owner: 'app', encoding: 'UTF-8', template: 'template0', conn_limit: '20' }],
  ['schema', { name: 'data', db: 'shop', owner: 'app' }],
  [
    'table',
    {
      name: 'data.items',
      db: 'shop',
      owner: 'app',
      columns: [
        'id bigint generated always as identity primary key',
        "name varchar(20) default 'x' not null",
      ],
    },
  ],
  ['table', { name: 'data.items', db: 'shop', columns: ['other text'] }],
  ['ext', { name: 'plpgsql', db: 'shop', version: 'latest' }],
  ['privs', { db: 'shop', objs: 'items', schema: 'data', privs: 'SELECT,INSERT', roles: 'readers' }],
  ['privs', { db: 'shop', objs: 'ALL_IN_SCHEMA', schema: 'data', privs: 'ALL', roles: 'readers,PUBLIC' }],
  ['privs', { db: 'shop', objs: 'items', schema: 'data', privs: 'INSERT', roles: 'PUBLIC', state: 'absent' }],
  ['privs', { db: 'shop', type: 'database', privs: 'CREATE', roles: 'readers', grant_option: true }],
  [
    'privs',
    {
      db: 'shop',
      type: 'function',
      objs: 'pg_size_pretty(bigint)',
      schema: 'pg_catalog',
      privs: 'EXECUTE',
      roles: 'readers',
    },
  ],
  [
    'privs',
    {
      db: 'shop',
      type: 'default_privs',
      objs: 'TABLES,FUNCTIONS',
      privs: 'ALL',
      roles: 'readers',
      target_roles: 'app',
    },
  ],
  ['membership', { groups: ['readers', 'pg_monitor'], target_roles: 'app' }],
  ['membership', { groups: 'pg_monitor', target_roles: 'app', state: 'absent' }],
  ['membership', { groups: 'readers', target_roles: 'app', state: 'exact' }],
  ['privs', { db: 'shop', type: 'group', objs: 'readers', roles: 'app', state: 'absent' }],
  ['owner', { new_owner: 'readers', obj_type: 'table', obj_name: 'data.items', db: 'shop' }],
  ['owner', { new_owner: 'readers', obj_type: 'database', obj_name: 'shop' }],
  ['slot', { name: 'one', slot_type: 'physical' }],
  ['slot', { name: 'one', state: 'absent' }],
  [
    'publication',
    { name: 'some', db: 'shop', tables: 'data.items', parameters: { publish: 'insert, update' } },
  ],
  ['publication', { name: 'some', db: 'shop' }],
  ['publication', { name: 'all', db: 'shop' }],
  ['publication', { name: 'all', db: 'shop', state: 'absent' }],
  ['db', { name: 'shop', state: 'absent' }],
  ['user', { name: 'app', state: 'absent' }],
]

describe.skipIf(!VERSION)("community.postgresql's names on a real server", () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('names')
    host = await Machine.of('vm1', scratch)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })
  const play = (name: string, args: Record<string, unknown>) =>
    host.converge(modules.get(`postgresql_${name}`)!, args)
  const rows = (text: string, db?: string) => host.reader().sql(targetOf(scratch.cluster, db), text)

  it.each(TASKS)('postgresql_%s %j does what its check says, once', async (name, args) => {
    await play(name, args)
  })

  describe('postgresql_query', () => {
    const ask = (args: Record<string, unknown>) => play('query', args)
    it('answers what it is asked, and changes nothing by that', async () => {
      const query = "select %(n)s::int as n, '100%%' as p"
      const { plan, result } = await ask({ query, named_args: { n: 7 } })
      expect(plan.changes).toEqual([])
      expect(result).toMatchObject({
        query_result: [{ n: 7, p: '100%' }],
        rowcount: 1,
        statusmessage: 'SELECT 1',
        query_list: [query],
      })
    })
    it('answers several statements one by one', async () => {
      const { result } = await ask({ query: ['select 1 as a', 'select 2 as b'] })
      expect(result).toMatchObject({ query_all_results: [[{ a: 1 }], [{ b: 2 }]], query_result: [{ b: 2 }] })
    })
    it.each([
      ['select pg_is_in_recovery(), pg_database_size(current_database()), now()', 0],
      ['select pg_reload_conf()', 1],
      ["select set_config('work_mem', '1MB', false), txid_current()", 1],
      ['create table made as select 1 as one', 1],
      ['vacuum made', 1],
      ['drop table made', 1],
    ])('%s: %i changes', async (query, changes) => {
      const module = modules.get('postgresql_query')!
      const { plan } = await host.check(module, { query })
      expect(plan.changes).toHaveLength(changes)
      await host.apply(plan.steps)
    })
    it('tells how many rows a statement changed', async () => {
      await play('query', { query: 'create table counted (id int)' })
      const { result } = await ask({
        query: 'insert into counted values (%s), (%s)',
        positional_args: [1, 2],
      })
      expect(result).toMatchObject({ rowcount: 2, statusmessage: 'INSERT 2', query_result: [] })
      expect(await rows('select count(*)::int as n from public.counted')).not.toEqual([{ n: 0 }])
    })
  })

  it('postgresql_ping and postgresql_info tell the version', async () => {
    const major = Number(VERSION)
    const { result } = await play('ping', {})
    expect(result).toMatchObject({ is_available: true, server_version: { major }, conn_err_msg: '' })
    expect((result.server_version as { raw: string }).raw).toMatch(/^PostgreSQL \d+/)
    const info = await play('info', { filter: 'version,databases,in_recovery,repl_slots' })
    expect(info.result).toMatchObject({
      version: { major },
      in_recovery: false,
      databases: { postgres: { owner: 'postgres' } },
      repl_slots: {},
    })
    expect(Object.keys(info.result)).not.toContain('roles')
  })
})
