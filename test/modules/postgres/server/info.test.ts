import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Unknown } from '../../../../contract/unknown.ts'
import { pgDatabaseModule } from '../../../../modules/postgres/pg-database/index.ts'
import { pgInfoModule } from '../../../../modules/postgres/pg-info/index.ts'
import { pgRoleModule } from '../../../../modules/postgres/pg-role/index.ts'
import { sqlModule } from '../../../../modules/postgres/sql/index.ts'
import { eventually } from '../../../support/play.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('pg_info on real servers', () => {
  let scratch: Scratch
  let standby: Scratch
  let primaryHost: Machine
  let standbyHost: Machine
  const info = async (host: Machine, args = {}, world = host.world()): Promise<Record<string, any>> => {
    const { state, params, plan } = await host.check(pgInfoModule, args, world)
    expect(plan).toEqual({ changes: [], steps: [] })
    return pgInfoModule.result!({ state, params, plan, outputs: null })
  }
  beforeAll(async () => {
    scratch = new Scratch('info')
    scratch.psql(`create role "we""ird; drop" login password 'x' in role pg_monitor connection limit 3`)
    scratch.psql('create database "we""ird; drop" owner "we""ird; drop"')
    standby = new Scratch('info_standby', scratch)
    primaryHost = await Machine.of('vm3', scratch)
    standbyHost = await Machine.of('vm4', standby)
  }, 90_000)
  afterAll(async () => {
    await Promise.all([primaryHost?.close(), standbyHost?.close()])
    standby?.remove()
    scratch?.remove()
  })

  it('tells version, settings as SHOW prints them, databases with their sizes, and roles without secrets', async () => {
    const found = await info(primaryHost, { settings: ['shared_buffers', 'wal_level', 'DateStyle'] })
    expect(found).toMatchObject({
      version: VERSION,
      running: true,
      in_recovery: false,
      port: scratch.port,
      server_version_num: Number(scratch.psql('show server_version_num')),
      settings: { shared_buffers: '16MB', wal_level: 'logical' },
    })
    expect(found.server_version).toBe(scratch.psql('show server_version').split(' ')[0])
    expect(found.databases['we"ird; drop']).toMatchObject({ owner: 'we"ird; drop', encoding: 'UTF8' })
    expect(found.databases.postgres.size).toBeGreaterThan(1_000_000)
    expect(Object.keys(found.roles).sort()).toEqual(['postgres', 'we"ird; drop'])
    expect(found.roles['we"ird; drop']).toMatchObject({
      login: true,
      superuser: false,
      connection_limit: 3,
      has_password: true,
      member_of: ['pg_monitor'],
    })
    expect(JSON.stringify(found)).not.toMatch(/SCRAM|md5/)
    await expect(info(primaryHost, { settings: ['work_men'] })).rejects.toThrow(/did you mean work_mem/)
    expect(Object.keys(await info(primaryHost, { gather: [] }))).not.toContain('roles')
  })

  it('tells how replication stands, on either side', async () => {
    let there: Record<string, any> = {}
    await eventually('the standby to stream', async () => {
      there = (await info(primaryHost, { gather: ['replication'] })).replication
      return there.standbys[0]?.state === 'streaming' || JSON.stringify(there.standbys)
    })
    expect(there.slots.info_standby).toMatchObject({ type: 'physical', active: true, wal_status: 'reserved' })
    expect(there.slots.info_standby.retained_bytes).toEqual(expect.any(Number))
    expect(there.receiver).toBeNull()
    const here = await info(standbyHost, { gather: ['replication'] })
    expect(here).toMatchObject({
      in_recovery: true,
      replication: {
        receiver: { status: 'streaming', slot: 'info_standby' },
        replay_pause: 'not paused',
        subscriptions: {},
      },
    })
  })

  it('holds in a check what earlier tasks plan, and calls unknown what nobody can tell', async () => {
    const world = primaryHost.world()
    const plan = async (module: any, args: object) =>
      world.record((await primaryHost.check(module, args as any, world)).plan)
    await plan(pgRoleModule, { name: 'planned', createdb: true })
    await plan(pgDatabaseModule, { name: 'planned', owner: 'planned' })
    await plan(pgDatabaseModule, { name: 'we"ird; drop', state: 'absent', confirm: 'we"ird; drop' })
    const found = await info(primaryHost, {}, world)
    expect(found.roles.planned).toMatchObject({ createdb: true, has_password: false })
    expect(found.databases.planned).toMatchObject({ owner: 'planned', size: expect.any(Unknown) })
    expect(Object.keys(found.databases)).not.toContain('we"ird; drop')
    expect(found.replication).toBeInstanceOf(Unknown)
    await plan(sqlModule, { query: 'create role more' })
    expect((await info(primaryHost, {}, world)).roles).toBeInstanceOf(Unknown)
  })
})
