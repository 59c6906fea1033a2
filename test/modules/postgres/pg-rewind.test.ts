import { describe, expect, it } from 'vitest'
import type { ExecStep } from '../../../contract/plan.ts'
import { pgRewindModule } from '../../../modules/postgres/pg-rewind.ts'
import { slotKey } from '../../../postgres/catalog/slot.ts'
import { isAncestor, parseHistory } from '../../../postgres/rewind/history.ts'
import { fenceText } from '../../../postgres/standby/fence.ts'
import { plannedCluster, predictionOf } from '../../support/facts.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { DATA, ETC, primary, running, standby, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const HERE = '7000000000000000001'
const PASSFILE = { '/var/lib/postgresql/play.pgpass': { mode: '0600' } }
const upstream = { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const args = (more = {}) => ({ version: 15, upstream, ...more })
const MARKER = `${DATA}.play-rewind`

/** A stopped primary of timeline 1, and a server that left that timeline at 0/3000100. */
const parted = (
  { state = 'shut down', checkpoint = '0/3000148', timeline = 1 } = {},
  { identify = `${HERE}|2|0/4000000|`, history = '1\t0/3000100\tno recovery target specified\n' } = {},
  files: FakeHostOptions['files'] = {},
): FakeHostOptions => ({
  ...stopped({ ...PASSFILE, [`${DATA}/pg_replslot/vm4/state`]: '', ...files }),
  name: 'vm3',
  reads: {
    '/usr/lib/postgresql/15/bin/pg_controldata*': `Database system identifier: ${HERE}
Database cluster state: ${state}
Latest checkpoint location: ${checkpoint}
Latest checkpoint's TimeLineID: ${timeline}
pg_control last modified: today\n`,
    'sh -c*': (argv) => (argv.at(-1) === 'IDENTIFY_SYSTEM' ? `${identify}\n` : `00000002.history|${history}`),
  },
})
const clean = () => parted({ checkpoint: '0/3000088' })

describe('pg_rewind', () => {
  it('writes the signal file alone where the old primary was shut down and its successor has all of it', async () => {
    const { plan, result } = await planWith(pgRewindModule, clean(), args())
    expect(plan.steps).toMatchObject([{ do: 'write_file', path: `${DATA}/standby.signal` }])
    expect(plan.changes.some(({ destructive }) => destructive)).toBe(false)
    expect(result).toEqual({ rewound: false })
  })

  it.each([
    ['was shut down after they parted', parted()],
    ['crashed', parted({ state: 'in production', checkpoint: '0/2000000' })],
  ])('refuses a primary that %s, with the numbers, unless told to rewind it', async (_, host) => {
    await expect(planWith(pgRewindModule, host, args())).rejects.toMatchObject({
      message: expect.stringMatching(/never got: they parted at 0\/3000100 on timeline 1/),
      hint: expect.stringContaining(`replace: "${HERE}"`),
    })
    const { plan, result } = await planWith(pgRewindModule, host, args({ diverged: 'rewind' }))
    expect(plan.changes[0]).toMatchObject({ path: `data directory ${DATA}`, destructive: true })
    expect(plan.steps.map((step) => ('path' in step ? `${step.do} ${step.path}` : step.title))).toEqual([
      `write_file ${MARKER}`,
      'pg_rewind',
      `write_file ${DATA}/standby.signal`,
      `remove ${MARKER}`,
    ])
    expect((plan.steps[1] as ExecStep).argv).toEqual([
      '/usr/lib/postgresql/15/bin/pg_rewind',
      '--target-pgdata',
      DATA,
      '--source-server',
      'host=vm4 port=5432 dbname=postgres user=replicator passfile=/var/lib/postgresql/play.pgpass connect_timeout=10 keepalives_count=3 keepalives_idle=15 keepalives_interval=5 tcp_user_timeout=30000',
      '--progress',
      `--config-file=${ETC}/postgresql.conf`,
    ])
    expect(predictionOf(plan, slotKey({ version: '15', name: 'main' }, 'vm4'))).toBeNull()
    expect(result).toEqual({ rewound: true })
  })

  it('plans nothing after its own plan, and nothing for a standby', async () => {
    for (const host of [
      clean(),
      parted(),
      { ...(await running({ probe: standby, files: PASSFILE })), name: 'vm3' },
    ])
      expect(await planAgain(pgRewindModule, host, args({ diverged: 'rewind' }))).toMatchObject({ steps: [] })
  })

  it('foretells a handing over that is only planned: the signal file alone', async () => {
    const cluster = { version: '15', name: 'main', port: 5432, dataDir: DATA, configDir: ETC, running: false }
    const host = {
      ...parted({ state: 'in production' }),
      facts: [plannedCluster(cluster)],
      elsewhere: { vm4: [plannedCluster({ ...cluster, running: true, recovery: false })] },
    }
    expect((await planWith(pgRewindModule, host, args())).plan.steps).toMatchObject([{ do: 'write_file' }])
  })

  it.each<[string, () => FakeHostOptions | Promise<FakeHostOptions>, RegExp]>([
    ['a running primary', async () => running({ probe: primary, files: PASSFILE }), /runs, and is a primary/],
    ['a server of another system', () => parted({}, { identify: '9|2|0/1|' }), /were never one server/],
    ['a successor that is none', () => parted({}, { identify: `${HERE}|1|0/1|` }), /has not taken over/],
    [
      'a timeline that the successor does not come from',
      () => parted({ timeline: 3 }),
      /on timeline 3, from which .* does not come/,
    ],
    [
      'what an interrupted rewind left',
      () => parted({}, {}, { [MARKER]: 'timeline 1\n' }),
      /earlier pg_rewind .* was cut short/,
    ],
  ])('refuses %s', async (_, host, message) => {
    await expect(planWith(pgRewindModule, await host(), args({ diverged: 'rewind' }))).rejects.toThrow(
      message,
    )
  })

  it('does not mind the mark of a rewind that ended, or of a directory that was replaced since', async () => {
    const host = parted(
      { timeline: 2 },
      {
        identify: `${HERE}|3|0/5000000|`,
        history: '1\t0/3000100\tx\n\n2\t0/4000000\tx\n',
      },
      { [MARKER]: 'timeline 1\n' },
    )
    expect((await planWith(pgRewindModule, host, args())).plan.steps).toHaveLength(1)
  })
})

describe('the history of a timeline', () => {
  const history = parseHistory('00000003.history|1\t0/3000100\treason\n\n2\tA/FF000028\tbefore 2026\n')
  it('says where each earlier one was left', () => {
    expect(history).toEqual({ 1: '0/3000100', 2: 'A/FF000028' })
  })
  it('holds a server whose last checkpoint comes before that', () => {
    const of = (timeline: number, checkpoint: string) =>
      isAncestor({ timeline, checkpoint }, { systemIdentifier: HERE, timeline: 3, left: history })
    expect([of(2, '9/FFFFFFFF'), of(2, 'A/FF000028'), of(3, 'F/0'), of(7, '0/1')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})

describe('pg_rewind behind the fence of play', () => {
  const SIGNAL = `${DATA}/standby.signal`
  const fence = fenceText({ successor: 'vm4', startConf: 'auto' })
  const behind = (control: Parameters<typeof parted>[0] & { minRecovery?: string }, more = {}) => {
    const host = parted(control, undefined, { [SIGNAL]: fence, [`${ETC}/start.conf`]: 'manual\n' })
    const read = '/usr/lib/postgresql/15/bin/pg_controldata*'
    const text = `${host.reads![read]}Minimum recovery ending location: ${control.minRecovery ?? '0/0'}\n`
    return { ...host, reads: { ...host.reads, [read]: text }, ...more }
  }
  const stepsOf = async (host: FakeHostOptions, more = {}) => {
    const { plan } = await planWith(pgRewindModule, host, args(more))
    return plan.steps.map((step) =>
      'path' in step
        ? `${step.do} ${step.path}`
        : (step.title ?? (step.do === 'exec' ? step.argv[0] : step.do)),
    )
  }
  const lifted = [`write_file ${ETC}/start.conf`, 'sh', `write_file ${SIGNAL}`]

  it('is a standby without more ado where its successor has all of it, also when it was started meanwhile', async () => {
    expect(await stepsOf(behind({ checkpoint: '0/3000088' }))).toEqual(lifted)
    const started = behind({
      state: 'shut down in recovery',
      checkpoint: '0/3000088',
      minRecovery: '0/3000100',
    })
    expect(await stepsOf(started)).toEqual(lifted)
    const reading = {
      ...behind({ state: 'in archive recovery', checkpoint: '0/3000088', minRecovery: '0/3000100' }),
      sql: (await running({ probe: standby })).sql,
    }
    expect(await stepsOf(reading)).toEqual(['the stop of cluster 15/main', ...lifted])
    expect(await planAgain(pgRewindModule, reading, args())).toMatchObject({ changes: [], steps: [] })
  })

  it('refuses one that has more than its successor, whatever it was started as since', async () => {
    const more = { state: 'shut down in recovery', checkpoint: '0/2000000', minRecovery: '0/3000200' }
    await expect(planWith(pgRewindModule, behind(more), args())).rejects.toThrow(/never got: they parted/)
    await expect(
      planWith(pgRewindModule, behind({ state: 'in production', checkpoint: '0/2000000' }), args()),
    ).rejects.toThrow(/never got: they parted/)
  })

  it('recovers one that crashed behind its fence, before it is rewound', async () => {
    const crashed = behind({ state: 'in production', checkpoint: '0/2000000' })
    expect(await stepsOf(crashed, { diverged: 'rewind' })).toEqual([
      'the start of cluster 15/main',
      'wait',
      'the stop of cluster 15/main',
      `write_file ${MARKER}`,
      'pg_rewind',
      ...lifted,
      `remove ${MARKER}`,
    ])
  })

  // Its last checkpoint is not the end of what it wrote: pg_rewind would find nothing to rewind.
  it('recovers one that was stopped while it recovered from a crash', async () => {
    const stoppedThen = { state: 'shut down in recovery', checkpoint: '0/2000000' }
    const steps = await stepsOf(behind(stoppedThen), { diverged: 'rewind' })
    expect(steps.slice(0, 5)).toEqual([
      'the start of cluster 15/main',
      'wait',
      'the stop of cluster 15/main',
      `write_file ${MARKER}`,
      'pg_rewind',
    ])
    const unfenced = await planWith(pgRewindModule, parted(stoppedThen), args({ diverged: 'rewind' }))
    expect((unfenced.plan.steps[0] as ExecStep).argv.slice(1)).toEqual([
      ...['--single', '-F', '-D', DATA, '-c', `config_file=${ETC}/postgresql.conf`, 'template1'],
    ])
    const ofStandby = await stepsOf(behind({ ...stoppedThen, minRecovery: '0/3000200' }), {
      diverged: 'rewind',
    })
    expect(ofStandby.slice(0, 2)).toEqual([`write_file ${MARKER}`, 'pg_rewind'])
  })

  it('refuses where the other one has not taken over', async () => {
    const same = {
      ...behind({}),
      ...{ reads: { ...behind({}).reads, 'sh -c*': () => `${HERE}|1|0/4000000|\n` } },
    }
    await expect(planWith(pgRewindModule, same, args())).rejects.toThrow(/has not taken over/)
  })
})
