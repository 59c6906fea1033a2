import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgSettingModule } from '../../../../modules/postgres/pg-setting/index.ts'
import { Machine } from './machine.ts'
import { Scratch, VERSION } from './scratch.ts'

const WEIRD = 'we"ird; drop'

describe.skipIf(!VERSION)('pg_setting on a real server', () => {
  let scratch: Scratch
  let host: Machine
  const check = (args: Record<string, unknown>) => host.check(pgSettingModule, args)
  const converge = async (args: Record<string, unknown>) => {
    const run = await host.converge(pgSettingModule, args)
    const [first] = Object.values(run.facts)
    expect(first?.real).toEqual(first?.predicted)
    return run
  }
  beforeAll(async () => {
    scratch = new Scratch('settings')
    host = await Machine.of('vm1', scratch)
    scratch.psql('create role "we""ird; drop" superuser login')
    scratch.psql('create database "we""ird; drop"')
  }, 60_000)
  afterAll(async () => {
    await host?.close()
    scratch?.remove()
  })

  it.each([
    ['a role', { role: WEIRD }],
    ['a database', { db: WEIRD }],
    ['a role in a database', { role: WEIRD, db: WEIRD }],
  ])('sets, changes and resets settings of %s', async (_, whose) => {
    const settings = {
      work_mem: '64MB',
      enable_seqscan: false,
      search_path: ['$user', WEIRD, 'public'],
      statement_timeout: 5000,
      'my.note': "it's \\ here",
      DateStyle: 'ISO, DMY',
    }
    const { plan } = await converge({ ...whose, settings })
    expect(plan.changes).toHaveLength(6)
    const changed = await converge({ ...whose, settings: { work_mem: '32MB', statement_timeout: null } })
    expect(changed.plan.changes.map(({ before, after }) => [before, after])).toEqual([
      ['64MB', '32MB'],
      ['5000', null],
    ])
  })

  it('is in force in the sessions that it is for', async () => {
    await converge({ role: WEIRD, settings: { search_path: ['a', 'B b'], work_mem: '48MB' } })
    const shown = scratch.psql('show search_path; show work_mem', 'postgres', WEIRD)
    expect(shown.split('\n')).toEqual(['a, "B b"', '48MB'])
  })

  it('compares values as the server does', async () => {
    const whose = { role: WEIRD }
    await converge({
      ...whose,
      settings: {
        work_mem: '1GB',
        enable_sort: 'off',
        search_path: '"$user",public',
        client_min_messages: 'debug',
      },
    })
    for (const settings of [
      { work_mem: '1024MB' },
      { work_mem: 1048576 },
      { WORK_MEM: '1GB' },
      { enable_sort: false },
      { search_path: '"$user",   PUBLIC' },
      { search_path: ['$user', 'public'] },
      { client_min_messages: 'DEBUG2' },
      { geqo: null },
    ])
      expect((await check({ ...whose, settings })).plan.changes).toEqual([])
    await converge({ ...whose, settings: { search_path: [] } })
  })

  it('refuses what is no session’s to have, what there is not, and values that are none, all at once', async () => {
    await expect(
      check({
        role: WEIRD,
        settings: { max_connections: 5, work_men: '1MB', work_mem: 'much', log_checkpoints: true },
      }),
    ).rejects.toMatchObject({
      message: '4 settings cannot be as wanted',
      details: [
        'max_connections is one for the whole cluster (context postmaster): set it with pg_conf',
        'there is no setting "work_men": did you mean work_mem?',
        expect.stringContaining('work_mem is a number'),
        'log_checkpoints is one for the whole cluster (context sighup): set it with pg_conf',
      ],
    })
    await expect(check({ role: 'nobody', settings: { work_mem: '1MB' } })).rejects.toThrow(/no role "nobody"/)
    await expect(check({ db: 'nowhere', settings: { work_mem: '1MB' } })).rejects.toThrow(
      /no database "nowhere"/,
    )
    await expect(check({ role: WEIRD, settings: { search_path: 'a b' } })).rejects.toThrow(/list of names/)
    expect(pgSettingModule.params.safeParse({ version: 15, settings: {} }).error?.message).toMatch(
      /whose sessions/,
    )
  })
})
