import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Module } from '../../../../contract/module.ts'
import { pgExtensionModule } from '../../../../modules/postgres/pg-extension/index.ts'
import { pgGrantModule } from '../../../../modules/postgres/pg-grant.ts'
import { pgInfoModule } from '../../../../modules/postgres/pg-info/index.ts'
import { pgPublicationModule } from '../../../../modules/postgres/pg-publication/index.ts'
import { pgSchemaModule } from '../../../../modules/postgres/pg-schema/index.ts'
import { pgTableModule } from '../../../../modules/postgres/pg-table/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

/** Stands before each plain function of pg_catalog in the database's own search path, and fails whoever calls it. */
const SHADOWS = `do $$
declare f record;
begin
  for f in select p.proname, pg_get_function_identity_arguments(p.oid) as args, format_type(p.prorettype, null) as result
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'pg_catalog' and p.prokind = 'f' and not p.proretset and p.provariadic = 0
      and p.proname ~ '^(pg_|format|json|array|has_|set_|current|to_|quote|text|unnest|length|lower|acl|regexp|string|now|clock)'
      and not exists (select from unnest(p.proargtypes) a join pg_type t on t.oid = a where t.typtype = 'p')
      and p.prorettype not in (select oid from pg_type where typtype = 'p')
  loop
    execute format('create or replace function hostile.%I(%s) returns %s language plpgsql as %L',
      f.proname, f.args, f.result, 'begin raise exception ''hostile''; end');
  end loop;
  create function hostile.evil(name, text) returns boolean language plpgsql as 'begin raise exception ''hostile''; end';
  create operator hostile.= (function = hostile.evil, leftarg = name, rightarg = text);
end $$`

describe.skipIf(!VERSION)('a database whose owner chooses what names mean', () => {
  let scratch: Scratch
  let host: Machine
  beforeAll(async () => {
    scratch = new Scratch('hostile')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create database app')
    scratch.psql('create schema hostile', 'app')
    scratch.psql('create table public.orders (id int primary key, note text)', 'app')
    scratch.psql('create publication p for table public.orders where (id > 3)', 'app')
    scratch.psql(SHADOWS, 'app')
    scratch.psql('alter database app set search_path = hostile, pg_catalog, public')
    scratch.psql('alter database app set standard_conforming_strings = off')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it('has been set up: a session of its own meets them', () => {
    expect(() => scratch.psql('select pg_get_userbyid(10)', 'app')).toThrow(/hostile/)
  })

  const READS: [string, Module<any, any>, Record<string, unknown>][] = [
    [
      'pg_table',
      pgTableModule,
      { name: 'orders', columns: [{ name: 'id', type: 'int' }], primary_key: ['id'] },
    ],
    ['pg_schema', pgSchemaModule, { name: 'hostile' }],
    ['pg_extension', pgExtensionModule, { name: 'plpgsql' }],
    ['pg_publication', pgPublicationModule, { name: 'p', tables: [{ name: 'orders', where: 'id > 3' }] }],
    [
      'pg_grant',
      pgGrantModule,
      { type: 'table', objects: ['orders'], role: 'pg_monitor', privileges: ['SELECT'] },
    ],
  ]
  it.each(READS)('%s reads and changes it without meeting one', async (_, module, args) => {
    await host.converge(module, { db: 'app', ...args })
  })

  it('pg_info', async () => {
    await host.check(pgInfoModule, { settings: ['work_mem'] })
  })

  it('a string of a row filter ends where it says so', async () => {
    const where = String.raw`note = '\' or true); create table pwned (id int); --'`
    await host
      .converge(pgPublicationModule, { db: 'app', name: 'q', tables: [{ name: 'orders', where }] })
      .catch(() => {})
    expect(scratch.psql("select count(*) from pg_class where relname = 'pwned'")).toBe('0')
  })

  it('a row filter that the server would refuse is refused in the check, with its words', async () => {
    const args = { db: 'app', name: 'r', tables: [{ name: 'orders', where: 'nosuch = 1' }] }
    await expect(host.check(pgPublicationModule, args)).rejects.toThrow(
      'the row filter of public.orders is none: column "nosuch" does not exist',
    )
  })
})
