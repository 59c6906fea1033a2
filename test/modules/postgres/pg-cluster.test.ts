import { describe, expect, it } from 'vitest'
import { Refusal, SqlError } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import { fileKey, packageKey } from '../../../contract/shared-facts.ts'
import { pgClusterModule } from '../../../modules/postgres/pg-cluster/index.ts'
import { pgConfModule } from '../../../modules/postgres/pg-conf.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { serverOf } from '../../../postgres/standby/data-dir.ts'
import { clusterOfPackage, predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'
import { asRoot, OF_POSTGRES, outline, refusalOf } from '../../support/plans.ts'
import { DATA, ETC, files, refused, running, stopped } from './clusters.ts'
import { foldPlan, planAgain, planWith } from './fold-plan.ts'

const args = (state: string, more = {}) => ({ version: 15, state, ...more })
const bare: FakeHostOptions = { files: { '/usr/lib/postgresql/15/bin/postgres': '' } }
const shown = (plan: { changes: readonly any[] }) =>
  plan.changes.map(({ path, before, after }) => `${path}: ${before} → ${after}`)

const NEW = `${DATA}.play-new`
const CONF = '/etc/postgresql/.play-15-main'
/** Until the configuration is in its place. */
const MAKING = [
  `directory ${NEW}`,
  `write_file ${NEW}/made-by-play`,
  `the removal of ${CONF}`,
  `directory ${CONF}`,
  `write_file ${CONF}/made-by-play`,
  'directory /var/run/postgresql',
  `pg_createcluster --datadir ${NEW}/data --port 5432 --locale C.UTF-8 --encoding UTF8 --start-conf auto --pgoption include_dir=conf.d --no-status 15 main -- --data-checksums`,
  'the paths in the configuration of cluster 15/main',
  `the sync of ${NEW}`,
  'directory /etc/postgresql/15',
  'directory /etc/postgresql/15/main',
  'the configuration of cluster 15/main',
]
const ENDING = ['systemd and apt are told of the cluster', `the removal of ${CONF}`, `remove ${NEW}`]

describe('pg_cluster: creation', () => {
  it('creates and starts what is not there', async () => {
    const { plan, result } = await planWith(pgClusterModule, bare, args('started'))
    expect(shown(plan)).toEqual([
      `cluster 15/main: null → port 5432, data in ${DATA}`,
      'cluster 15/main: stopped → running',
    ])
    expect(outline(plan)).toEqual([
      'directory /var/lib/postgresql/15',
      ...MAKING,
      `the move of ${NEW}/made to ${DATA}`,
      ...ENDING,
      'the start of cluster 15/main',
      'wait ',
    ])
    expect(asRoot(plan, ...OF_POSTGRES)).toEqual([])
    expect(result).toMatchObject({ created: true, port: 5432, data_dir: DATA })
  })

  it('plans nothing after its own plan, and settings land in the planned files', async () => {
    expect(await planAgain(pgClusterModule, bare, args('started'))).toMatchObject({ changes: [], steps: [] })
    const made = foldPlan(bare, (await planWith(pgClusterModule, bare, args('present'))).plan)
    const conf = await planWith(pgConfModule, made, { version: 15, settings: { wal_level: 'logical' } })
    expect(conf.plan.changes).toMatchObject([{ reason: 'at the next start' }])
    const configured = foldPlan(made, conf.plan)
    const start = await planWith(pgClusterModule, configured, args('started', { restart: 'pending' }))
    expect(shown(start.plan)).toEqual(['cluster 15/main: stopped → running'])
    expect(
      await planAgain(pgClusterModule, configured, args('started', { restart: 'pending' })),
    ).toMatchObject({ changes: [] })
  })

  it('restarts in check mode what the real run restarts', async () => {
    const made = foldPlan(bare, (await planWith(pgClusterModule, bare, args('started'))).plan)
    const conf = await planWith(pgConfModule, made, {
      version: 15,
      settings: { wal_level: 'logical', work_mem: '8MB' },
    })
    expect(conf.result).toMatchObject({ restart_settings: ['wal_level'] })
    const restart = await planWith(
      pgClusterModule,
      foldPlan(made, conf.plan),
      args('started', { restart: 'pending' }),
    )
    expect(shown(restart.plan)).toEqual(['cluster 15/main: running → restarted'])
  })

  it('takes the next port that neither a cluster has nor anybody listens on', async () => {
    const listening =
      '  sl  local_address rem_address   st\n   0: 0100007F:1539 00000000:0000 0A 00\n   1: 0100007F:153A 00000000:0000 01 00\n'
    const options = {
      files: {
        ...bare.files,
        '/etc/postgresql/14/old/postgresql.conf': 'port = 5432\n',
        '/proc/net/tcp': listening,
      },
    }
    expect(shown((await planWith(pgClusterModule, options, args('present'))).plan)[0]).toContain('port 5434')
    await expect(planWith(pgClusterModule, options, args('present', { port: 5432 }))).rejects.toThrow(
      /belongs to cluster 14\/old/,
    )
  })

  it('obeys createcluster.conf', async () => {
    const conf = "data_directory = '/srv/%v-%c'\nstart_conf = 'manual'\ncluster_name = '%v/%c'\n"
    const options = { files: { ...bare.files, '/etc/postgresql-common/createcluster.conf': conf } }
    const { plan } = await planWith(pgClusterModule, options, args('present'))
    expect(shown(plan)[0]).toContain('data in /srv/15-main')
    const predicted = predictionOf(plan, fileKey(`${ETC}/postgresql.conf`))
    const content = String(predicted?.content)
    expect(content).toContain("cluster_name = '15/main'")
    expect(content).toContain("include_dir = 'conf.d'")
  })

  it('refuses a data directory that holds anything, which a failing pg_createcluster would delete', async () => {
    const options = { files: { ...bare.files, [`${DATA}/PG_VERSION`]: '15\n' } }
    await expect(planWith(pgClusterModule, options, args('started'))).rejects.toThrow(/is not empty/)
  })

  it('is made in the data directory where that is there and empty: it may be the top of a file system, or a link', async () => {
    const target = { type: 'link' as const, target: '/srv/pg' }
    for (const there of [{ [DATA]: { type: 'directory' as const } }, { [DATA]: target }]) {
      const { plan } = await planWith(
        pgClusterModule,
        { files: { ...bare.files, ...there } },
        args('present'),
      )
      expect(outline(plan)).toContain(`the move of what is in ${DATA}/play-new/made to ${DATA}`)
    }
    const top = { files: { ...bare.files, [`${DATA}/lost+found/x`]: '' } }
    expect((await refusalOf(planWith(pgClusterModule, top, args('present')))).hint).toContain(
      `data_dir: ${DATA}/data`,
    )
  })

  it('refuses half a configuration that nobody says is play’s, and leaves alone what is in conf.d', async () => {
    const half = { files: { ...bare.files, [`${ETC}/pg_hba.conf`]: '', [`${ETC}/start.conf`]: '' } }
    const refused = await refusalOf(planWith(pgClusterModule, half, args('present')))
    expect(refused.message).toContain('holds part of a configuration (pg_hba.conf)')
    const ours = { files: { ...half.files, [`${ETC}/made-by-play`]: '' } }
    expect((await planWith(pgClusterModule, ours, args('present'))).plan.changes).toHaveLength(1)
    const settings = { files: { ...bare.files, [`${ETC}/conf.d/own.conf`]: '' } }
    expect((await planWith(pgClusterModule, settings, args('present'))).plan.changes).toHaveLength(1)
  })

  it('refuses where the package is neither there nor planned', async () => {
    await expect(planWith(pgClusterModule, { files: {} }, args('started'))).rejects.toThrow(
      /is not installed/,
    )
    const planned = {
      files: {},
      facts: [predict(packageKey('postgresql-15'), { version: '15.18', status: 'installed' })],
    }
    expect((await planWith(pgClusterModule, planned, args('started'))).plan.changes).toHaveLength(2)
  })

  it('takes over what the package will make', async () => {
    const planned = { files: {}, facts: [clusterOfPackage()] }
    expect((await planWith(pgClusterModule, planned, args('started'))).plan.changes).toEqual([])
  })
})

describe('pg_cluster: a creation that was cut short', () => {
  const mark = { [`${NEW}/made-by-play`]: '' }
  const reads = { 'sleep 0.2': '' }
  const { [`${DATA}/PG_VERSION`]: _, ...conf } = files()

  it('begins anew before the configuration is in its place', async () => {
    const empty: FakeHostOptions['files'] = { [NEW]: { type: 'directory' } }
    const lefts: FakeHostOptions['files'][] = [mark, empty, { ...mark, [`${NEW}/made/x`]: '' }]
    for (const left of lefts) {
      const host = { files: { ...bare.files, ...left }, reads }
      const steps = outline((await planWith(pgClusterModule, host, args('present'))).plan)
      expect(steps[0]).toBe(`remove ${NEW}`)
      expect(steps.slice(1, 1 + MAKING.length)).toEqual(MAKING)
    }
  })

  it('goes on from there, and has nothing to do afterwards', async () => {
    const host = { ...stopped(), files: { ...conf, ...mark, [`${NEW}/made/PG_VERSION`]: '15\n' }, reads }
    const { plan } = await planWith(pgClusterModule, host, args('started'))
    expect(outline(plan).slice(0, 4)).toEqual([`the move of ${NEW}/made to ${DATA}`, ...ENDING])
    expect(shown(plan)).toEqual([
      `cluster 15/main: without its data: its creation was cut short → data in ${DATA}`,
      'cluster 15/main: stopped → running',
    ])
    expect(await planAgain(pgClusterModule, host, args('started'))).toMatchObject({ changes: [], steps: [] })
    const later = fakeHost(foldPlan(host, plan))
    expect((await later.readFile(`${DATA}/PG_VERSION`))?.toString()).toBe('15\n')
  })

  it('is cleared away where only that is left to do', async () => {
    const host = { ...stopped(mark), reads }
    expect(outline((await planWith(pgClusterModule, host, args('present'))).plan)).toEqual(ENDING)
    const other = { ...stopped({ [`${NEW}/photo.jpg`]: '' }), reads }
    expect((await planWith(pgClusterModule, other, args('present'))).plan.steps).toEqual([])
  })

  it('is waited for while it goes on without its run, and refused where it does not end', async () => {
    let looks = 0
    const atWork = ` 53 1 /usr/bin/perl -w /usr/bin/pg_createcluster --datadir ${NEW}/data 15 main\n`
    const ps = () => {
      looks += 1
      return looks < 3 ? atWork : ''
    }
    const host = { files: { ...bare.files, ...mark }, reads, ps }
    expect((await planWith(pgClusterModule, host, args('present'))).plan.changes).toHaveLength(1)
    expect(looks).toBe(3)
    const never = { ...host, ps: atWork }
    expect((await refusalOf(planWith(pgClusterModule, never, args('present')))).message).toContain(
      'another run makes cluster 15/main at this moment (process 53)',
    )
  })

  it('without our mark is not taken for one: the disk may not be mounted', async () => {
    const host = { ...stopped(), files: conf }
    const refused = await refusalOf(planWith(pgClusterModule, host, args('started')))
    expect(refused.message).toContain(`there is no data directory in ${DATA}`)
    expect(refused.hint).toContain('Is its disk mounted?')
  })
})

const SIGNAL = { [`${DATA}/standby.signal`]: '' }
/** pg_controldata of a standby whose primary runs with that many. */
const controlOf = (connections: number) => ({
  '/usr/lib/postgresql/15/bin/pg_controldata*': `max_connections setting:              ${connections}
max_worker_processes setting:         8
max_wal_senders setting:              10
max_prepared_xacts setting:           0
max_locks_per_xact setting:           64
`,
})
const standbyOf = (connections: number) => ({ ...stopped(SIGNAL), reads: controlOf(connections) })

describe('pg_cluster: a cluster that is there', () => {
  it('starts a stopped one, and tells later tasks to peek', async () => {
    const { plan } = await planWith(pgClusterModule, stopped(), args('started'))
    expect(shown(plan)).toEqual(['cluster 15/main: stopped → running'])
    expect(predictionOf(plan, clusterKey('15', 'main'))).toMatchObject({
      running: true,
      peek: true,
      recovery: false,
    })
    expect(await planAgain(pgClusterModule, stopped(), args('started'))).toMatchObject({ changes: [] })
    const standby = await planWith(pgClusterModule, standbyOf(100), args('started'))
    expect(predictionOf(standby.plan, clusterKey('15', 'main'))).toMatchObject({ recovery: true })
  })

  it('refuses to start a standby that allows less than its primary, with both numbers', async () => {
    await expect(planWith(pgClusterModule, standbyOf(150), args('started'))).rejects.toMatchObject({
      message: expect.stringContaining('would not start'),
      details: ['max_connections: 100 here, 150 on its primary'],
    })
    const runs = { ...(await running({ files: SIGNAL })), reads: controlOf(150) }
    await expect(planWith(pgClusterModule, runs, args('restarted'))).rejects.toThrow(/would not start/)
  })

  it('waits for a server that starts up, as after a reboot, and then says what it says', async () => {
    let pauses = 0
    const starting = new SqlError('the database system is starting up', '57P03')
    const host = {
      files: stopped().files,
      sql: [['pg_control_system', starting]] as [string, Error][],
      reads: {
        'sleep 0.2': () => {
          pauses += 1
          return ''
        },
      },
    }
    const { state } = await planWith(pgClusterModule, host, args('present'))
    expect((state as { cluster: unknown }).cluster).toMatchObject({
      running: true,
      notReady: starting.message,
    })
    expect(pauses).toBe(49)
  })

  it('puts off the restart of a standby that would not survive it, and says so', async () => {
    const pending = (primary: number) =>
      running({ files: { ...SIGNAL, [`${ETC}/conf.d/a.conf`]: 'max_connections = 120\n' } }).then((host) => ({
        ...host,
        reads: controlOf(primary),
      }))
    const restart = { restart: 'pending' }
    const { plan } = await planWith(pgClusterModule, await pending(150), args('present', restart))
    expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining('120 here, 150 on its')] })
    const raised = await planWith(pgClusterModule, await pending(110), args('present', restart))
    expect(raised.plan.changes).toMatchObject([{ after: 'restarted' }])
  })

  it('leaves a running one alone', async () => {
    for (const state of ['present', 'started'])
      expect((await planWith(pgClusterModule, await running(), args(state))).plan).toMatchObject({
        changes: [],
        steps: [],
      })
  })

  it('restarts for a pending setting alone, and only if asked to', async () => {
    const pending = await running({
      files: { [`${ETC}/conf.d/a.conf`]: 'wal_level = logical\nwork_mem = 1MB\n' },
    })
    const { plan } = await planWith(pgClusterModule, pending, args('started', { restart: 'pending' }))
    expect(plan.changes).toMatchObject([
      { after: 'restarted', destructive: true, reason: 'wal_level waits for it' },
    ])
    expect(plan.steps.map((step) => step.do)).toEqual(['sql', 'sql', 'exec', 'exec', 'wait'])
    const never = await planWith(pgClusterModule, pending, args('started'))
    expect(never.plan.changes).toEqual([])
    expect(never.result).toMatchObject({ pending_restart: ['wal_level'] })
  })

  describe('restart: needed', () => {
    const needed = args('started', { restart: 'needed' })
    const server = (program: string, more = {}) =>
      running({
        files: {
          [`${DATA}/postmaster.pid`]: `77\n${DATA}\n1\n5432\n/var/run/postgresql\n`,
          '/proc/77/exe': { type: 'link', target: program },
          ...more,
        },
      })
    const PROGRAM = '/usr/lib/postgresql/15/bin/postgres'
    const facts = [predict(packageKey('postgresql-15'), { version: '15.99', status: 'installed' })]

    it('restarts a server whose program was replaced since it started, once', async () => {
      const outdated = await server(`${PROGRAM} (deleted)`)
      expect((await planWith(pgClusterModule, outdated, needed)).plan.changes).toMatchObject([
        { after: 'restarted', reason: 'it runs a program that was replaced since' },
      ])
      expect(await planAgain(pgClusterModule, outdated, needed)).toMatchObject({ changes: [] })
      const pending = await planWith(pgClusterModule, outdated, args('started', { restart: 'pending' }))
      expect(pending.plan.changes).toEqual([])
      const current = await planWith(pgClusterModule, await server(PROGRAM), needed)
      expect(current.plan.changes).toEqual([])
    })

    it('restarts for a setting that waits, too', async () => {
      const both = await server(`${PROGRAM} (deleted)`, { [`${ETC}/conf.d/a.conf`]: 'wal_level = logical\n' })
      expect((await planWith(pgClusterModule, both, needed)).plan.changes).toMatchObject([
        { reason: 'it runs a program that was replaced since; wal_level waits for it' },
      ])
    })

    it('leaves the restart to the package where its upgrade is planned', async () => {
      const waits = { [`${ETC}/conf.d/a.conf`]: 'wal_level = logical\n' }
      const upgrade = { ...(await server(PROGRAM, waits)), facts }
      expect((await planWith(pgClusterModule, upgrade, needed)).plan.changes).toEqual([])
    })

    it('starts a cluster that the package stops and does not start again', async () => {
      const upgrade = { ...(await server(PROGRAM, { [`${ETC}/start.conf`]: 'manual\n' })), facts }
      expect(shown((await planWith(pgClusterModule, upgrade, needed)).plan)).toEqual([
        'cluster 15/main: stopped → running',
      ])
      expect(await planAgain(pgClusterModule, upgrade, needed)).toMatchObject({ changes: [] })
    })

    it('cannot tell where a policy may forbid the package to restart it', async () => {
      const upgrade = { ...(await server(PROGRAM, { '/usr/sbin/policy-rc.d': '' })), facts }
      await expect(planWith(pgClusterModule, upgrade, needed)).rejects.toThrow('policy-rc.d')
    })
  })

  it('restarts on the port of the files', async () => {
    const moved = await running({
      files: {
        [`${ETC}/conf.d/a.conf`]: 'port = 5499\n',
        [`${DATA}/postmaster.pid`]: `1\n${DATA}\n1\n5432\n/var/run/postgresql\n`,
      },
    })
    const { plan } = await planWith(pgClusterModule, moved, args('restarted'))
    expect(plan.steps.at(-1)).toMatchObject({ do: 'wait', ready: { on: { port: 5499 } } })
  })

  it('stops, once', async () => {
    const { plan } = await planWith(pgClusterModule, await running(), args('stopped'))
    expect(plan.changes).toMatchObject([{ before: 'running', after: 'stopped', destructive: true }])
    expect(await planAgain(pgClusterModule, await running(), args('stopped'))).toMatchObject({ changes: [] })
    expect((await planWith(pgClusterModule, stopped(), args('stopped'))).plan.changes).toEqual([])
  })

  it('refuses to restart or reload into files that the server would not take', async () => {
    const broken = await running({ sql: [['pg_hba.conf line', [{ error: 'pg_hba.conf line 3: bad' }]]] })
    for (const state of ['restarted', 'reloaded'])
      await expect(planWith(pgClusterModule, broken, args(state))).rejects.toThrow(/would not start/)
  })

  it('sets what happens at boot, and refuses to start a disabled one', async () => {
    const { plan } = await planWith(
      pgClusterModule,
      await running(),
      args('started', { start_conf: 'manual' }),
    )
    expect(shown(plan)).toEqual(['cluster 15/main at boot: auto → manual'])
    expect(
      await planAgain(pgClusterModule, await running(), args('started', { start_conf: 'manual' })),
    ).toMatchObject({ changes: [] })
    await expect(
      planWith(pgClusterModule, stopped({ [`${ETC}/start.conf`]: '# x\n\ndisabled\n' }), args('started')),
    ).rejects.toThrow(/disabled/)
  })

  it('lets one that it has stopped for good start at boot again as before, once it is started', async () => {
    const { plan } = await planWith(
      pgClusterModule,
      await running(),
      args('stopped', { start_conf: 'manual' }),
    )
    const written = plan.steps.find((step) => step.do === 'write_file')!
    const conf = String((written as { content: unknown }).content)
    const files = { [`${ETC}/start.conf`]: conf }
    const again = await planWith(pgClusterModule, stopped(files), args('started'))
    expect(shown(again.plan)).toEqual([
      'cluster 15/main at boot: manual → auto',
      'cluster 15/main: stopped → running',
    ])
    for (const text of [conf.replace(/^manual$/m, 'disabled'), 'manual\n']) {
      const other = planWith(pgClusterModule, stopped({ [`${ETC}/start.conf`]: text }), args('started'))
      expect(await other.then(({ plan }) => shown(plan), String)).not.toContain(
        'cluster 15/main at boot: manual → auto',
      )
    }
    const stays = await planWith(pgClusterModule, stopped(files), args('stopped', { start_conf: 'manual' }))
    expect(stays.plan.changes).toEqual([])
  })

  it('does not move a data directory', async () => {
    await expect(
      planWith(pgClusterModule, await running(), args('started', { data_dir: '/srv/pg' })),
    ).rejects.toThrow(/not in \/srv\/pg/)
  })

  it('cannot restart what does not exist', async () => {
    await expect(planWith(pgClusterModule, bare, args('restarted'))).rejects.toThrow(/there is no cluster/)
  })
})

describe('pg_cluster: absent', () => {
  const contents = [
    { line: 'shop: 12 MB', subscriptions: 1 },
    { line: 'postgres: 7 MB', subscriptions: 1 },
  ]
  const full = () =>
    running({
      sql: [['pg_database_size', contents]],
      files: { [`${ETC}/conf.d/play.conf`]: 'work_mem = 1MB\n' },
    })

  it('says what would be lost, and drops only what is named', async () => {
    for (const confirm of [undefined, '15/other', 'yes']) {
      const refusal = await planWith(pgClusterModule, await full(), args('absent', { confirm })).catch(
        (error) => error,
      )
      expect(refusal).toBeInstanceOf(Refusal)
      expect(refusal.details.join()).toContain('shop: 12 MB')
      expect(refusal.hint).toContain('confirm: 15/main')
    }
  })

  it('drops with a confirmation, and tells what stays on other hosts', async () => {
    const { plan } = await planWith(pgClusterModule, await full(), args('absent', { confirm: '15/main' }))
    expect(asRoot(plan, ...OF_POSTGRES)).toEqual([])
    expect(plan.steps.filter((step) => step.do === 'exec' && step.as === undefined)).toMatchObject([
      { title: 'the stop of cluster 15/main' },
      { argv: expect.arrayContaining([expect.stringContaining('rmdir')]) },
      { title: 'systemd and apt are told that it is gone' },
    ])
    expect(plan.changes).toMatchObject([{ after: null, destructive: true }])
    expect(plan.notes).toEqual([expect.stringContaining('slots on the publishers')])
    expect(
      await planAgain(pgClusterModule, await full(), args('absent', { confirm: '15/main' })),
    ).toMatchObject({ changes: [], steps: [] })
  })

  it('can be made anew in the same check, without the settings of the old one', async () => {
    const options = await full()
    const { plan } = await planWith(pgClusterModule, options, args('absent', { confirm: '15/main' }))
    const gone = foldPlan(
      { ...options, files: files({ [`${ETC}/conf.d/play.conf`]: 'work_mem = 1MB\n' }) },
      plan,
    )
    const made = await planWith(pgClusterModule, gone, args('started'))
    expect(shown(made.plan)[0]).toContain('port 5432')
    const conf = await planWith(pgConfModule, foldPlan(gone, made.plan), {
      version: 15,
      settings: { work_mem: '1MB' },
    })
    expect(conf.plan.changes).toMatchObject([{ before: '4MB (default)' }])
  })

  it('has nothing to do where there is none', async () => {
    expect((await planWith(pgClusterModule, bare, args('absent'))).plan.changes).toEqual([])
  })
})

describe('pg_cluster: a server on another port than the files say', () => {
  it('is found through postmaster.pid', async () => {
    const options = await running({
      files: {
        [`${ETC}/conf.d/a.conf`]: 'port = 5499\n',
        [`${DATA}/postmaster.pid`]: `1\n${DATA}\n1\n5432\n/var/run/postgresql\n`,
      },
    })
    const nobody = { ...options, sql: [['pg_control_system', refused] as [string, Error], ...options.sql!] }
    const { host } = await planWith(pgClusterModule, nobody, args('present'))
    expect(host.queries.map(({ on }) => on.port)).toEqual([5499, 5432])
  })
})

it('after a stop that is only planned no server is found in its data directory', async () => {
  const live = {
    [`${DATA}/postmaster.pid`]: '46\n',
    '/proc/46/cwd': { type: 'link' as const, target: DATA },
  }
  const host = await running({ files: live })
  expect(await serverOf(fakeHost(host), DATA)).toBe(46)
  const { plan } = await planWith(pgClusterModule, host, { version: 15, state: 'stopped' })
  expect(await serverOf(fakeHost(foldPlan(host, plan)), DATA)).toBeUndefined()
})
