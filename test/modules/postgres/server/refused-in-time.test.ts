import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgConfModule } from '../../../../modules/postgres/pg-conf.ts'
import { pgDatabaseModule } from '../../../../modules/postgres/pg-database/index.ts'
import { pgGrantModule } from '../../../../modules/postgres/pg-grant.ts'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { pgSchemaModule } from '../../../../modules/postgres/pg-schema/index.ts'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { pgTablespaceModule } from '../../../../modules/postgres/pg-tablespace.ts'
import { readSettings } from '../../../../postgres/settings/catalogue.ts'
import { runningText } from '../../../../postgres/settings/value.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('a check on a server', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('refused')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create table parted (id int) partition by range (id)')
    scratch.psql('create table part partition of parted for values from (0) to (10)')
    scratch.psql('create type pair as (a int, b text)')
    scratch.psql('create table typed of pair')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each([
    [{ superuser: false }, /has to stay a superuser/],
    [{ login: false }, /has to be able to log in/],
    [{ state: 'absent' }, /cannot be dropped/],
  ])('refuses to take from postgres what play works with: %j', async (args, why) => {
    await expect(host.check(pgRoleModule, { name: 'postgres', ...args })).rejects.toThrow(why)
    await host.converge(pgRoleModule, { name: 'postgres', superuser: true, login: true, createdb: true })
  })

  it('names the parent of a partition, and the type of a typed table, for a new column', async () => {
    const columns = [{ name: 'more', type: 'text' }]
    await expect(host.check(pgTableModule, { name: 'part', columns })).rejects.toThrow(
      'a partition of public.parted',
    )
    await expect(host.check(pgTableModule, { name: 'typed', columns })).rejects.toThrow('of type public.pair')
    await host.converge(pgTableModule, { name: 'parted', columns })
  })

  it('refuses a data directory that is another', async () => {
    const args = { settings: { data_directory: '/srv/elsewhere' } }
    await expect(host.check(pgConfModule, args)).rejects.toThrow('it moves with its files')
    await host.check(pgConfModule, { settings: { data_directory: scratch.cluster.dataDir } })
  })
})

describe.skipIf(!VERSION)('a run', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('alone')
    host = await Machine.of('vm1', scratch)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each([
    ['"bit"', 'bit'],
    ['bit(1)', '"bit"'],
    ['"char"', 'char'],
    ['char', 'pg_catalog.char'],
  ])('tells a column of type %s from one of type %s', async (has, type) => {
    scratch.psql(`drop table if exists other; create table other (c ${has})`)
    await expect(
      host.check(pgTableModule, { name: 'other', columns: [{ name: 'c', type }] }),
    ).rejects.toThrow('differs from what the task wants')
  })

  it('takes the option to grant that is held on columns alone', async () => {
    scratch.psql('create role reader; create table public.g (id int, name text)')
    scratch.psql('grant select (id) on public.g to reader with grant option')
    const rights = { type: 'table', objects: ['g'], roles: ['reader'], privileges: ['SELECT'] }
    const { plan } = await host.converge(pgGrantModule, { ...rights, state: 'absent', grant_option: true })
    expect(plan.changes).toHaveLength(1)
    expect(
      scratch.psql("select attacl from pg_attribute where attrelid = 'g'::regclass and attname = 'id'"),
    ).toBe('{reader=r/postgres}')
  })

  it.each([
    'nchar(10)',
    'nchar',
    'national character varying(10)',
    'national char(3)',
    '"mood"',
    '"public".mood',
    'public . mood',
    'public."mood"',
    '"int4"',
    '_int4',
    '_mood',
    'timestamp(9)',
    'timestamptz(7)',
    '"char"',
    '"bit"',
    'bit',
    'pg_catalog.char',
    'pg_catalog.bit',
    'pg_catalog.bit(3)',
    'interval(9)',
    'interval day to second(9)',
    '"user"',
    'char',
    '"Mood"',
    'mood[]',
    'numeric(5)[]',
  ])('knows a column of type %s again', async (type) => {
    scratch.psql(`do $$ begin create type public.mood as enum ('a'); create type public."Mood" as enum ('a');
      create type public."user" as enum ('a'); exception when duplicate_object then null; end $$`)
    const name = `t_${Buffer.from(type).toString('hex')}`
    await host.converge(pgTableModule, { name, columns: [{ name: 'c', type }] })
  })

  it.each([
    'NULL::text',
    'cast(null as text)',
    '(null)',
    'null::varchar(3)',
    '((NULL)::text)',
    'nullif(1, 1)::text',
  ])('knows default %s again', async (value) => {
    const name = `d_${Buffer.from(value).toString('hex')}`
    await host.converge(pgTableModule, { name, columns: [{ name: 'c', type: 'text', default: value }] })
  })

  it.each([
    'ISO_8859_1',
    'ISO88591',
    'iso-8859-15',
    'WINDOWS1252',
    'windows-1251',
    'KOI8',
    'WIN',
    'ALT',
    'TCVN',
    'ABC',
    'Unicode',
  ])('knows encoding %s again', async (encoding) => {
    const name = `e_${encoding.toLowerCase().replaceAll('-', '_')}`
    await host.converge(pgDatabaseModule, { name, encoding, template: 'template0', locale: 'POSIX' })
  })

  it.each(['//ts1', '/./ts2', '/x/../ts3'])('knows a tablespace at …%s again', async (tail) => {
    const folder = /ts\d/.exec(tail)![0]
    execFileSync('install', [
      '-d',
      '-o',
      'postgres',
      '-m',
      '0700',
      `${scratch.dir}/${folder}`,
      `${scratch.dir}/x`,
    ])
    await host.converge(pgTablespaceModule, { name: folder, location: `${scratch.dir}${tail}` })
  })

  it('copies a database in which it has been itself', async () => {
    await host.converge(pgSchemaModule, { db: 'template1', name: 'shared' })
    await host.converge(pgDatabaseModule, { name: 'one' })
    await host.converge(pgSchemaModule, { db: 'one', name: 'own' })
    await host.converge(pgDatabaseModule, { name: 'two', template: 'one' })
    expect(scratch.psql("select count(*) from pg_namespace where nspname in ('own', 'shared')", 'two')).toBe(
      '2',
    )
  })

  it('foretells the number that the server makes of a value, whatever its unit', async () => {
    const { settings } = (await readSettings(host.reader(host.world()), scratch.cluster))!
    const values: [string, string][] = [
      ...['0.03GB', '1.1GB', '1.3GB', '0.3GB', '2.5MB', '2000.5kB', '4.7GB', '1.5MB'].map(
        (value): [string, string] => ['maintenance_work_mem', value],
      ),
      ...['0.11h', '0.33h', '60000.5', '60001.5ms', '60002.5', '0.1001d', '1.0005s', '0.7min', '90.5s'].map(
        (value): [string, string] => ['statement_timeout', value],
      ),
      ...['0.11h', '1.5min', '30.5s', '0.02d'].map((value): [string, string] => [
        'idle_session_timeout',
        value,
      ]),
      ...['0.7GB', '1.1GB', '300.7MB'].map((value): [string, string] => ['effective_cache_size', value]),
      ...['1.5', '2.7ms', '0.002s'].map((value): [string, string] => ['vacuum_cost_delay', value]),
    ]
    const wrong = values.filter(([name, value]) => {
      const real = scratch.psql(
        `select (select set_config('${name}', '${value}', true)) is null, (select setting from pg_settings where name = '${name}')`,
      )
      return real.split('|').at(-1) !== runningText(settings[name]!, value)
    })
    expect(wrong).toEqual([])
  })
})
