import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { majorOf } from '../../../../postgres/catalog/version.ts'
import { targetOf } from '../../../../postgres/cluster/cluster.ts'
import { lookAt, type ServerLook } from '../../../../runner/status/look/look.ts'
import { topologyQuery } from '../../../../runner/status/look/look-query.ts'
import type { WantedCluster } from '../../../../runner/topology/wanted.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

describe.skipIf(!VERSION)('a look at real servers', () => {
  let primary: Scratch
  let standby: Scratch
  let vm3: Machine
  let vm4: Machine

  beforeAll(async () => {
    // Below the ports that the kernel gives to clients (ip_local_port_range): none of them has taken it by chance.
    primary = new Scratch('status3')
    primary.psql(`create table plain (id int); create table keyed (id int primary key);
      create publication p for table plain, keyed; create publication inserts for table plain with (publish = 'insert');
      create publication "every" for all tables`)
    primary.psql("select pg_create_physical_replication_slot('left_behind', true)")
    standby = new Scratch('status4', primary)
    vm3 = await Machine.of('vm3', primary)
    vm4 = await Machine.of('vm4', standby)
  }, 60_000)

  afterAll(async () => {
    await vm3?.close()
    await vm4?.close()
    for (const scratch of [standby, primary]) scratch?.remove()
  })

  const look = async (machine: Machine, database = 'postgres'): Promise<ServerLook> => {
    const { version, name: cluster } = machine.scratch.cluster
    const found = await lookAt(machine.reader(), { version, cluster, database })
    if (found.state !== 'running') throw new Error(found.why)
    return found.server
  }

  const WHOLE = { narrowed: [], left_out: [] }
  it('sees publications with the tables that have no replica identity, and slots that nobody streams from', async () => {
    const found = await look(vm3)
    expect(found).toMatchObject({ recovery: false, standby: null, database: true, collations: [] })
    expect(found.version).toMatch(/^\d+(\.\d+|\w+)$/)
    expect(found.publications).toEqual([
      { name: 'every', tables: null, unidentified: ['public.plain'], ...WHOLE },
      {
        ...{ name: 'inserts', tables: ['public.plain'], unidentified: [], narrowed: [] },
        left_out: ['update', 'delete', 'truncate'],
      },
      { name: 'p', tables: ['public.keyed', 'public.plain'], unidentified: ['public.plain'], ...WHOLE },
    ])
    expect(found.slots.map(({ name, active }) => [name, active])).toEqual([
      ['left_behind', false],
      ['status4', true],
    ])
    expect(found.slots[0]!.retained).toBeGreaterThan(0)
  })

  it('sees a replication role that may read files, and no other that may', async () => {
    expect(await look(vm3)).toMatchObject({ file_readers: [] })
    primary.psql(`create role rewinds replication; create role backs_up;
      grant execute on function pg_read_binary_file(text), pg_ls_dir(text, boolean, boolean) to rewinds, backs_up`)
    expect(await look(vm3)).toMatchObject({ file_readers: ['rewinds'] })
    primary.psql('drop owned by rewinds, backs_up; drop role rewinds, backs_up')
    expect(await look(vm3)).toMatchObject({ file_readers: [] })
  })

  it('sees a standby with its upstream and its slot, and whether replay is paused', async () => {
    standby.psql('select pg_wal_replay_pause()')
    expect(await look(vm4)).toMatchObject({
      recovery: true,
      standby: { status: 'streaming', slot: 'status4', host: primary.dir, paused: true },
    })
    standby.psql('select pg_wal_replay_resume()')
    expect((await look(vm4)).standby).toMatchObject({ paused: false, configured_host: primary.dir })
  })

  it('is asked in the words of older majors, too', async () => {
    const on = targetOf(primary.cluster)
    for (const major of [13, 14, 15].filter((one) => one <= majorOf(primary.cluster)))
      expect((await vm3.reader().sql(on, topologyQuery(major)))[0]!.look).toHaveProperty('slots.length', 2)
  })

  it('keeps no password of a conninfo', async () => {
    primary.psql(
      "create subscription s connection 'host=nowhere password=sesame' publication p with (connect = false, slot_name = none)",
    )
    const found = await look(vm3)
    expect(found.subscriptions).toMatchObject([{ name: 's', host: 'nowhere', enabled: false, tables: {} }])
    expect(JSON.stringify(found)).not.toContain('sesame')
    primary.psql('drop subscription s')
  })

  it('sees the rest of a server where the database is not there', async () => {
    expect(await look(vm3, 'nowhere')).toMatchObject({ database: false, publications: [], recovery: false })
  })

  it('sees collations that the system has in another version, where something is sorted by them', async () => {
    primary.psql(`create collation german (provider = icu, locale = 'de'); create collation french (provider = icu, locale = 'fr');
      create table names (name text collate german primary key)`)
    primary.psql("update pg_collation set collversion = '1.2' where collname in ('german', 'french')")
    expect((await look(vm3)).collations).toEqual([
      {
        what: 'collation german of database postgres',
        made_with: '1.2',
        now: expect.stringMatching(/^\d+\.\d+/),
      },
    ])
    primary.psql('drop table names')
  })

  it('sees that archiving fails, and since when it has succeeded', async () => {
    primary.psql("alter system set archive_mode = 'on'")
    primary.psql("alter system set archive_command = 'false'")
    primary.stop()
    primary.start()
    primary.psql('select pg_switch_wal() from pg_create_restore_point($$something$$)')
    await expect
      .poll(async () => (await look(vm3)).archiver, { timeout: 20_000 })
      .toMatchObject({ failing: true, segment: expect.stringMatching(/^[0-9A-F]{24}$/) })
    primary.psql("alter system set archive_command = 'true'")
    primary.psql('select pg_reload_conf()')
    await expect.poll(async () => (await look(vm3)).archiver.failing, { timeout: 20_000 }).toBe(false)
  }, 60_000)

  it('says why a server that is stopped was not seen', async () => {
    const { version, name: cluster } = standby.cluster
    const missing = { version, cluster: 'none', database: 'postgres' } as WantedCluster
    expect(await lookAt(vm4.reader(), missing)).toMatchObject({ state: 'absent' })
    standby.stop()
    const stopped = await lookAt(vm4.reader(), { version, cluster, database: 'postgres' })
    expect(stopped).toMatchObject({ state: 'unreadable' })
    standby.start()
  })
})
