import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, readGlobals, readObjects } from '../../../../modules/postgres/pg-copy-schema/compare.ts'
import { pgStaysBehindModule } from '../../../../modules/postgres/pg-stays-behind/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

/** Each with what it makes another one than before. */
const CHANGES: readonly [statement: string, line: string | null][] = [
  ["alter role app password 'other'", 'role app is another one'],
  ["alter role app valid until '2041-01-01'", 'role app is another one'],
  ["comment on role app is 'x'", 'role app is another one'],
  ['grant pg_monitor to app', 'membership of app in pg_monitor is missing'],
  ["alter role all set work_mem = '9MB'", 'setting work_mem of all roles is missing'],
  [
    `alter role app in database "my""db" set work_mem = '9MB'`,
    'setting work_mem of role app in database "my""db" is missing',
  ],
  ['revoke connect on database "my""db" from public', 'privileges on database "my""db" is another one'],
  ['alter database "my""db" connection limit 3', 'connection limit of database "my""db" is another one'],
  [`comment on database "my""db" is 'x'`, 'comment on database "my""db" is missing'],
  ['grant select on t to app', 'database my"db: table public.t is another one'],
  ['grant select (id) on t to app', 'database my"db: table column public.t.id is another one'],
  [
    'alter table t alter column id set statistics 5',
    'database my"db: table column public.t.id is another one',
  ],
  ['alter table t enable row level security', 'database my"db: table public.t is another one'],
  ['create policy p on t', 'database my"db: policy p on public.t is missing'],
  ['create index i on t (id)', 'database my"db: index public.i is missing'],
  ['revoke execute on function f() from public', 'database my"db: function public.f() is another one'],
  [
    'grant execute on function pg_catalog.pg_read_file(text) to app',
    'database my"db: privileges on function pg_catalog.pg_read_file(pg_catalog.text) is missing',
  ],
  ["comment on table t is 'x'", 'database my"db: comment on table public.t is missing'],
  [
    'alter default privileges for role app grant select on tables to public',
    'database my"db: default privileges of app on r in all schemas is missing',
  ],
  ['create publication p for table t', 'database my"db: publication p is missing'],
  ...[
    ['alter sequence sq increment by 2', 'sequence public.sq'],
    ['alter sequence sq maxvalue 100 cycle', 'sequence public.sq'],
    [
      'alter table b drop constraint fk; alter table b add constraint fk foreign key (a) references t on delete set null',
      'table constraint fk on public.b',
    ],
    ['alter table b drop constraint bu; alter table b add constraint bu unique (a, id)', null],
    ['drop index ix; create unique index ix on b (a)', 'index public.ix'],
    ['drop index ix; create index ix on b (a desc)', 'index public.ix'],
    ['drop rule ru on b; create rule ru as on update to b do instead nothing', 'rule ru on public.b'],
    ['alter table heir no inherit b', null],
    ['alter function f() cost 5', 'function public.f()'],
    ['drop statistics st; create statistics st on id, c from b', 'statistics object public.st'],
    [
      'drop trigger tr on b; create trigger tr after delete on b for each row execute function tf()',
      'trigger tr on public.b',
    ],
  ].map(([statement, object]): [string, string | null] => [
    statement!,
    object ? `database my"db: ${object} is another one` : null,
  ]),
  ['create extension hstore', 'database my"db: extension hstore is missing'],
]

describe.skipIf(!VERSION)('a move to another cluster', () => {
  let scratch: Scratch
  let host: Machine
  const DB = 'my"db'
  const psql = (text: string) => scratch.psql(text, DB)
  const read = async () => {
    const wanted = { databases: [DB, 'postgres'], without: ['play_upgrade'], major: Number(VERSION) }
    const reader = host.reader()
    return [
      ...(await readGlobals(reader, scratch.cluster, wanted)),
      ...(await readObjects(reader, scratch.cluster, wanted)),
    ]
  }
  beforeAll(async () => {
    scratch = new Scratch('moving')
    host = await Machine.of('vm1', scratch)
    scratch.psql(`create role app login password 'one'`)
    scratch.psql('create database "my""db"')
    psql(`create table t (id int primary key); create function f() returns int language sql as 'select 1'`)
    psql(`create sequence sq; create table b (id int, a int constraint fk references t on delete cascade, c int, constraint bu unique (id));
      create index ix on b (a); create rule ru as on update to b do also notify x; create table heir () inherits (b);
      create statistics st on a, c from b; create function tf() returns trigger language plpgsql as 'begin return new; end';
      create trigger tr before insert on b for each row execute function tf()`)
  }, 90_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each(CHANGES)('sees what %s does', async (statement, line) => {
    const before = await read()
    psql(statement)
    const found = differences(await read(), before)
    // null: it shows in several objects.
    if (line === null) expect(found).not.toEqual([])
    else expect(found).toEqual([line])
  })

  it('passes over what is not to be copied, and the marks of the server itself', async () => {
    const before = await read()
    psql('create publication play_upgrade for all tables; analyze t')
    expect(differences(await read(), before)).toEqual([])
  })

  it('names what stays behind, and tells it as warnings where that is accepted', async () => {
    scratch.psql('create database "an other"')
    scratch.psql('create table here (id int); insert into here values (1); create table empty (id int)')
    psql('select lo_create(0); create unlogged table u (id int); insert into u values (1)')
    psql(
      `create subscription s connection 'host=/nowhere' publication p with (connect = false); create subscription known connection 'host=/nowhere' publication p with (connect = false)`,
    )
    psql(
      "select pg_create_physical_replication_slot('vm4'), pg_create_physical_replication_slot('vm5'), pg_create_physical_replication_slot('play_upgrade')",
    )
    const args = { db: DB, subscriptions: ['known'], standbys: [{ host: 'vm4', slot: 'vm4' }] }
    const left = [
      'database "an other": one is replicated, "my""db"',
      'slot vm5 (physical), which the inventory does not have: whoever reads from it would find none',
      'subscription s in database "my""db", which the inventory does not have: nothing would come through it any more',
      '1 large object in database my"db',
      'rows of unlogged table public.u in database my"db',
      'rows of table public.here in database postgres',
    ]
    await expect(host.check(pgStaysBehindModule, args)).rejects.toMatchObject({ details: left })
    const { plan } = await host.check(pgStaysBehindModule, { ...args, left_behind: 'accept' })
    expect(plan.warnings).toEqual(left.map((line) => `stays behind: ${line}`))
  })
})
