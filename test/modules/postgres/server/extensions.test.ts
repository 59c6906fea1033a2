import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UnknownError } from '../../../../contract/unknown.ts'
import { pgExtensionModule } from '../../../../modules/postgres/pg-extension/index.ts'
import { pgGrantModule } from '../../../../modules/postgres/pg-grant.ts'
import { pgSchemaModule } from '../../../../modules/postgres/pg-schema/index.ts'
import { Machine, type Run } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

const WEIRD = 'we"ird; drop'

describe.skipIf(!VERSION)('pg_extension on a real server', () => {
  let scratch: Scratch
  let host: Machine
  const check = (args: Record<string, unknown>) => host.check(pgExtensionModule, args)
  const converge = async (args: Record<string, unknown>): Promise<Run> => {
    const run = await host.converge(pgExtensionModule, args)
    const [first] = Object.values(run.facts)
    expect(first?.real).toEqual(first?.predicted)
    return run
  }
  beforeAll(async () => {
    scratch = new Scratch('extensions')
    host = await Machine.of('vm1', scratch)
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it('creates one, in public unless told otherwise, and in a schema of any name', async () => {
    scratch.psql('create schema postgres')
    const { plan } = await converge({ name: 'citext' })
    expect(plan.changes).toMatchObject([{ before: null, after: { schema: 'public' } }])
    await host.converge(pgSchemaModule, { name: WEIRD })
    await converge({ name: 'hstore', schema: WEIRD })
    expect((await check({ name: 'hstore' })).plan.steps).toEqual([])
    expect((await check({ name: 'plpgsql' })).plan.steps).toEqual([])
  })

  it('moves and updates it in place', async () => {
    await converge({ name: 'pg_trgm', extension_version: '1.4' })
    const latest = scratch.psql("select default_version from pg_available_extensions where name = 'pg_trgm'")
    const { plan } = await converge({ name: 'pg_trgm', schema: WEIRD, extension_version: 'latest' })
    expect(plan.changes).toEqual([
      { path: 'extension pg_trgm schema', before: 'public', after: WEIRD },
      { path: 'extension pg_trgm version', before: '1.4', after: latest },
    ])
    await expect(check({ name: 'pg_trgm', extension_version: '1.2' })).rejects.toThrow(
      new RegExp(`cannot be updated from ${latest} to 1.2`),
    )
    await expect(check({ name: 'cube', extension_version: '99' })).rejects.toThrow(/no version 99/)
    await expect(check({ name: 'plpgsql', schema: 'public' })).rejects.toThrow(/cannot be moved/)
  })

  it('refuses what the host has not got, naming the package to install', async () => {
    const major = VERSION!
    await expect(check({ name: 'pg_cron' })).rejects.toMatchObject({
      message: expect.stringContaining('there is no pg_cron.control'),
      hint: `Install its package first: apt_install: { name: postgresql-${major}-cron }.`,
    })
    await expect(check({ name: WEIRD })).rejects.toMatchObject({
      hint: expect.stringContaining('apt-cache search'),
    })
    expect((await check({ name: 'pg_cron', state: 'absent' })).plan.steps).toEqual([])
  })

  it('refuses one that needs another, and says the task that makes that', async () => {
    await expect(check({ name: 'earthdistance' })).rejects.toMatchObject({
      message: 'extension "earthdistance" needs "cube", which is not in database "postgres"',
      hint: 'Create it first: pg_extension: { name: cube, db: postgres }',
    })
    const world = host.world()
    world.record((await host.check(pgExtensionModule, { name: 'cube' }, world)).plan)
    expect((await host.check(pgExtensionModule, { name: 'earthdistance' }, world)).plan.steps).toHaveLength(1)
  })

  it('is not dropped while anything else needs it, and is when nothing does', async () => {
    await converge({ name: 'cube' })
    await converge({ name: 'earthdistance' })
    scratch.psql(`create table wears (id int, tags "we""ird; drop".hstore, name public.citext default 'a');
      create view asks as select name = 'b'::public.citext as same from wears`)
    await expect(check({ name: 'hstore', state: 'absent' })).rejects.toMatchObject({
      message: 'extension "hstore" in database "postgres" cannot be dropped: 1 object needs it',
      details: ['column tags of table postgres.wears'],
    })
    await expect(check({ name: 'citext', state: 'absent' })).rejects.toMatchObject({
      details: expect.arrayContaining(['column name of table postgres.wears']),
    })
    await expect(check({ name: 'cube', state: 'absent' })).rejects.toMatchObject({
      details: ['extension earthdistance'],
    })
    scratch.psql('drop view asks; drop table wears')
    const world = host.world()
    for (const name of ['earthdistance', 'cube'])
      world.record((await host.check(pgExtensionModule, { name, state: 'absent' }, world)).plan)
    for (const name of ['earthdistance', 'cube', 'hstore', 'citext', 'pg_trgm']) {
      const { plan } = await converge({ name, state: 'absent' })
      expect(plan.changes).toMatchObject([{ path: `extension ${name}`, after: null, destructive: true }])
    }
    expect((await host.converge(pgSchemaModule, { name: WEIRD, state: 'absent' })).plan.steps).toHaveLength(1)
  })

  it('takes no rows with it, unless its name is said again', async () => {
    // A table that belongs to an extension: none of the server's own brings one.
    await converge({ name: 'unaccent' })
    scratch.psql('create table public.kept (id int); alter extension unaccent add table public.kept')
    expect((await check({ name: 'unaccent', state: 'absent' })).plan.steps).toHaveLength(1)
    scratch.psql('insert into public.kept values (1)')
    await expect(check({ name: 'unaccent', state: 'absent' })).rejects.toMatchObject({
      details: ['public.kept'],
    })
    await converge({ name: 'unaccent', state: 'absent', confirm: 'unaccent' })
  })

  it('leaves unknown what its script will have made', async () => {
    const world = host.world()
    world.record((await host.check(pgExtensionModule, { name: 'cube' }, world)).plan)
    const args = { type: 'function', in_schema: 'public', privileges: ['EXECUTE'], roles: ['PUBLIC'] }
    await expect(host.check(pgGrantModule, args, world)).rejects.toThrow(UnknownError)
    const one = { type: 'function', objects: ['cube(float8)'], privileges: ['EXECUTE'], roles: ['PUBLIC'] }
    await expect(host.check(pgGrantModule, one, world)).rejects.toThrow(UnknownError)
    await expect(host.check(pgGrantModule, one)).rejects.toThrow(/no function/)
  })
})
