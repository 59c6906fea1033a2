import { describe, expect, it } from 'vitest'
import { pgDiscardedModule } from '../../../modules/postgres/pg-discarded/index.ts'
import { pgLostWritesModule } from '../../../modules/postgres/pg-lost-writes/index.ts'
import { pgRewindModule } from '../../../modules/postgres/pg-rewind.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { DATA, primary, running, standby, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const HERE = '7000000000000000001'
const PASSFILE = {
  '/var/lib/postgresql/play.pgpass': { mode: '0600' },
  [`${DATA}/pg_wal/000000010000000000000003`]: '',
  [`${DATA}/pg_wal/000000010000000000000004`]: '',
}
const upstream = { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const args = (more = {}) => ({ version: 15, upstream, ...more })
const ROWS_FILE = `${DATA}.discarded-since-1-0_3000100.jsonl`

const OWN = `end 0/3000900 46
read
own 2 2026-01-01_10:00:00.5 2026-01-01_11:00:00
replicated 3
kept 1
xids 700 701
file 1663/5/16384 2 1 1 0 7
file 1663/5/1259 1 0 0 3
truncated 0
error pg_waldump: error: invalid record length`
const NONE = OWN.replace('own 2', 'own 0').replace(/\nfile .*/g, '')

/** A server that left timeline 1 behind at 0/3000100, running or not. */
async function parted(commits: string, { runs = true, state = 'in production', more = {} } = {}) {
  const base: FakeHostOptions = runs
    ? await running({
        probe: primary,
        files: PASSFILE,
        sql: [
          ['from pg_database', [{ oid: '5', name: 'app' }]],
          [
            'from unnest($1::text[]) f',
            [
              { file: '1663/5/16384', schema: 'public', name: 'test', kind: 'r' },
              { file: '1663/5/1259', schema: 'pg_catalog', name: 'pg_class', kind: 'r' },
            ],
          ],
          ['row_to_json', [{ row: '{"id":1}' }, { row: '{"id":2}' }]],
        ],
      })
    : stopped(PASSFILE)
  const reads: FakeHostOptions['reads'] = {
    '/usr/lib/postgresql/15/bin/pg_controldata*': `Database system identifier: ${HERE}
Database cluster state: ${state}
Latest checkpoint location: 0/3000088
Latest checkpoint's TimeLineID: 1\n`,
    'sh -c*': (argv) =>
      argv.at(-1) === 'IDENTIFY_SYSTEM'
        ? `${HERE}|2|0/4000000|\n`
        : argv.at(-1)?.startsWith('TIMELINE_HISTORY')
          ? '00000002.history|1\t0/3000100\tx\n'
          : commits,
    'du -sLB1*': '1000000\t/data\n',
    'df -B1*': 'Avail\n9000000000\n',
    'findmnt*': 'ext4\n',
  }
  return { ...base, name: 'vm3', reads, ...more }
}

describe('pg_discarded', () => {
  it('refuses to throw away own commits, with the numbers, the times and the tables', async () => {
    await expect(
      planWith(pgDiscardedModule, await parted(OWN), args({ hint: 'say so' })),
    ).rejects.toMatchObject({
      message:
        'cluster 15/main has committed 2 transactions of its own clients that vm4:5432 never got, and they would be thrown away',
      hint: 'say so',
      details: [
        'they parted at 0/3000100 on timeline 1',
        'the first at 2026-01-01 10:00:00.5 UTC, the last at 2026-01-01 11:00:00 UTC',
        '3 transactions besides came from its publishers, which may still have the rows',
        'app: public.test: 2 inserted, 1 updated, 1 deleted',
        'app: definitions (CREATE, ALTER, DROP, GRANT, …): 1 inserted, 0 updated, 0 deleted',
        'cannot be told: which rows were deleted from app: public.test',
      ],
    })
  })

  it('told to accept, writes the rows that can be read beside the directory, once', async () => {
    const { plan, result } = await planWith(
      pgDiscardedModule,
      await parted(OWN),
      args({ discarded: 'accept' }),
    )
    expect(plan.steps).toMatchObject([
      {
        do: 'write_file',
        path: ROWS_FILE,
        mode: '0600',
        content:
          '{"database":"app","table":"public.test","row":{"id":1}}\n{"database":"app","table":"public.test","row":{"id":2}}\n',
      },
    ])
    expect(result).toMatchObject({ own: 2, replicated: 3, lost: true, unknown: null, rows_file: ROWS_FILE })
    expect(
      await planAgain(pgDiscardedModule, await parted(OWN), args({ discarded: 'accept' })),
    ).toMatchObject({ steps: [] })
  })

  it('told to drop, keeps nothing', async () => {
    const { plan, result } = await planWith(pgDiscardedModule, await parted(OWN), args({ discarded: 'drop' }))
    expect(plan.steps).toEqual([])
    expect(result).toMatchObject({ own: 2, rows_file: null })
  })

  it('asks for nothing where only publishers wrote, but says how much is to be copied along', async () => {
    const { plan, result } = await planWith(pgDiscardedModule, await parted(NONE, { runs: false }), args())
    expect(plan.steps).toEqual([])
    expect(result).toMatchObject({ own: 0, replicated: 3, lost: true })
  })

  it('refuses where nobody can tell', async () => {
    const host = await parted('own 0 - -\nerror pg_waldump: error: could not find file', { runs: false })
    await expect(planWith(pgDiscardedModule, host, args())).rejects.toThrow(
      /nobody can tell .* could not find file/,
    )
    expect((await planWith(pgDiscardedModule, host, args({ discarded: 'accept' }))).result).toMatchObject({
      lost: true,
    })
  })

  it('asks nothing of a standby, nor of a server that was shut down before they parted', async () => {
    const hosts = [
      {
        ...(await running({ probe: standby, files: { ...PASSFILE, [`${DATA}/standby.signal`]: '' } })),
        name: 'vm3',
      },
      await parted(OWN, { runs: false, state: 'shut down' }),
    ]
    for (const host of hosts)
      expect((await planWith(pgDiscardedModule, host, args())).result).toMatchObject({ lost: false, own: 0 })
  })

  it('sees a rewind that was cut short: what it left says nothing, and is not asked about', async () => {
    const base = await parted('error pg_waldump: error: gone', { runs: false })
    const host = {
      ...base,
      files: {
        ...base.files,
        [`${DATA}.play-rewind`]: 'timeline 1\n',
        [`${DATA}.before-rewind-1-0_1/PG_VERSION`]: '15',
      },
    }
    const { plan, result } = await planWith(pgDiscardedModule, host, args())
    expect(result).toMatchObject({ rewind_cut_short: true })
    expect(plan.notes?.join('\n')).toContain(`${DATA}.before-rewind-1-0_1 is kept`)
  })
})

describe('the copy before a rewind', () => {
  const COPY = `${DATA}.before-rewind-1-0_3000088`
  const rewinds = args({ diverged: 'rewind', keep: true })
  it('is made in a folder of its own, and gets its name when it is whole; then the rewind begins', async () => {
    const { plan, result } = await planWith(pgRewindModule, await parted(OWN, { runs: false }), rewinds)
    expect(plan.steps.map((step) => ('path' in step ? `${step.do} ${step.path}` : step.title))).toEqual([
      `directory ${DATA}.play-keep`,
      `write_file ${DATA}.play-keep/made-by-play`,
      'the copy of the data directory',
      'the sync of the copy',
      `the move of ${DATA}.play-keep/data to ${COPY}`,
      `remove ${DATA}.play-keep`,
      `write_file ${DATA}.play-rewind`,
      'pg_rewind',
      `write_file ${DATA}/standby.signal`,
      `remove ${DATA}.play-rewind`,
    ])
    expect(result).toEqual({ rewound: true, kept: COPY })
  })
  it('goes on where an earlier run was cut short after the rewind had ended', async () => {
    const base = await parted(OWN, { runs: false, state: 'in archive recovery' })
    const host = {
      ...base,
      files: { ...base.files, [`${DATA}.play-rewind`]: 'timeline 1\nstart.conf said auto\n' },
      reads: {
        ...base.reads,
        '/usr/lib/postgresql/15/bin/pg_controldata*': `Database system identifier: ${HERE}
Database cluster state: in archive recovery
Latest checkpoint location: 0/4000000
Latest checkpoint's TimeLineID: 2\n`,
      },
    }
    const { plan } = await planWith(pgRewindModule, host, rewinds)
    expect(plan.steps.map((step) => ('path' in step ? `${step.do} ${step.path}` : step.do))).toEqual([
      'write_file /etc/postgresql/15/main/start.conf',
      'exec',
      `write_file ${DATA}/standby.signal`,
      `remove ${DATA}.play-rewind`,
    ])
  })
  it('is refused where there is no room, and not made twice', async () => {
    const full = await parted(OWN, { runs: false })
    full.reads = { ...full.reads, 'df -B1*': 'Avail\n1000\n' }
    await expect(planWith(pgRewindModule, full, rewinds)).rejects.toThrow(
      /no room for a copy .* takes 977 kB, and 1000 B are free/,
    )
    const made = { ...full, files: { ...full.files, [`${COPY}/PG_VERSION`]: '15' } }
    expect((await planWith(pgRewindModule, made, rewinds)).plan.steps).toHaveLength(4)
  })
})

describe('pg_lost_writes', () => {
  const asked = { version: 15, standby: 'vm4', replayed: '0/3000100', system_identifier: HERE }
  it('refuses where own clients lose something, unless they were not acknowledged, or it is accepted', async () => {
    const host = await parted(OWN, { runs: false })
    await expect(planWith(pgLostWritesModule, host, asked)).rejects.toThrow(
      /committed 2 transactions that vm4 has not received/,
    )
    await expect(
      planWith(pgLostWritesModule, host, { ...asked, lost_writes: 'accept' }),
    ).resolves.toBeDefined()
    const conf = "synchronous_standby_names = 'vm4'\n"
    const synchronous = { ...host, files: { ...host.files, [`${DATA}/postgresql.auto.conf`]: conf } }
    expect((await planWith(pgLostWritesModule, synchronous, asked)).result).toMatchObject({
      own: 2,
      synchronous: true,
    })
    await expect(planWith(pgLostWritesModule, synchronous, { ...asked, relaxed: true })).rejects.toThrow(
      /would be lost/,
    )
  })
  it('asks for nothing where the standby has every commit', async () => {
    const host = await parted(NONE, { runs: false })
    expect((await planWith(pgLostWritesModule, host, asked)).result).toMatchObject({ own: 0, unknown: null })
  })
  it.each([
    ['its server runs', async () => parted(NONE), {}, /its server runs/],
    [
      'it is another server',
      async () => parted(NONE, { runs: false }),
      { system_identifier: '9' },
      /system identifier is/,
    ],
    [
      'its WAL is shorter than what the standby has',
      async () => parted(NONE, { runs: false }),
      { replayed: '0/4000000' },
      /ends at 0\/3000900/,
    ],
  ])('cannot tell where %s', async (_, host, more, message) => {
    await expect(planWith(pgLostWritesModule, await host(), { ...asked, ...more })).rejects.toThrow(message)
  })
})
