import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import { pgBasebackupModule } from '../../../modules/postgres/pg-basebackup/index.ts'
import { assertReadCommand } from '../../../modules/read-commands.ts'
import { type Slot, slotKey } from '../../../postgres/catalog/slot.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { fenceText } from '../../../postgres/standby/fence.ts'
import { clusterOfPackage, plannedCluster, predictionOf } from '../../support/facts.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { asRoot, commands, OF_POSTGRES, outline, refusalOf } from '../../support/plans.ts'
import { DATA, ETC, primary, running, standby, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const HERE = '7000000000000000001'
const THERE = '7000000000000000002'
const PASSFILE = { '/var/lib/postgresql/play.pgpass': { content: 'x', mode: '0600', owner: 'postgres' } }
const SERVER = { '/usr/lib/postgresql/15/bin/postgres': '' }
const upstream = { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const args = (more = {}) => ({ version: 15, upstream, slot: 'vm4', ...more })

/** Recorded from PostgreSQL 15.18. */
const controldata = (
  identifier: string,
  state = 'shut down',
  nextOid = 13572,
) => `pg_control version number:            1300
Database system identifier:           ${identifier}
Database cluster state:               ${state}
pg_control last modified:             Mon Nov 23 03:58:38 2026
Latest checkpoint's TimeLineID:       1
Latest checkpoint's NextOID:          ${nextOid}
`
const CONF = '/etc/postgresql/.play-15-main'
const PSQL = '/usr/lib/postgresql/15/bin/psql*'
const identified = (identifier: string, slot = 'physical||') => `${identifier}|1|0/178D4D8|\n${slot}\n`
const refusedBy = {
  code: 2,
  stderr: 'psql: error: connection to server at "vm3" failed: Connection refused\n\tIs the server running?\n',
}

interface World {
  /** Answer of the upstream. */
  psql?: string | { code: number; stderr: string }
  control?: string
  files?: FakeHostOptions['files']
  planned?: boolean
  ps?: string
}
const reads = ({ psql = identified(THERE), control }: World): FakeHostOptions['reads'] => ({
  [PSQL]: (argv) => (argv.includes('IDENTIFY_SYSTEM') ? psql : { code: 2, stderr: 'no pg_hba.conf entry' }),
  '/usr/lib/postgresql/15/bin/pg_controldata*': control ?? { code: 1, stderr: 'could not open file' },
  'du -sh*': '41M\t/x\n',
  'sleep 0.2': '',
})

/** A host without a cluster. */
const bare = (world: World = {}): FakeHostOptions => ({
  files: { ...SERVER, ...PASSFILE, ...world.files },
  reads: reads(world),
  ps: world.ps,
  planned: world.planned,
})
/** A stopped cluster with these files in its data directory. */
const down = (world: World): FakeHostOptions => ({
  ...stopped({ ...PASSFILE, [`${DATA}/global/x`]: '', ...world.files }),
  reads: reads(world),
  planned: world.planned,
})
async function up(
  probe: Record<string, unknown>,
  world: World = {},
  counts: Record<string, number> = {},
): Promise<FakeHostOptions> {
  const options = await running({
    probe,
    files: { ...PASSFILE, ...world.files },
    sql: [
      [
        'as databases',
        [{ databases: ['postgres: 7 MB', 'shop: 12 MB'], modified: '2026-11-23 03:58:38 UTC', ...counts }],
      ],
      ['as relations', [{ relations: 0 }]],
    ],
  })
  return { ...options, reads: reads(world), planned: world.planned }
}
const todo = async (options: FakeHostOptions, more = {}) =>
  (await planWith(pgBasebackupModule, options, args(more))).plan
const refusal = (options: FakeHostOptions, more = {}) => refusalOf(todo(options, more))

describe('pg_basebackup copies', () => {
  it('where nothing is: beside, verified, marked as a standby, configured without initdb, then renamed', async () => {
    const plan = await todo(bare())
    expect(plan.changes).toMatchObject([
      { path: `data directory ${DATA}`, before: null, after: 'copy of vm3:5432' },
    ])
    expect(plan.changes[0]!.destructive).toBeFalsy()
    const temporary = `${DATA}.play-copy`
    expect(outline(plan)).toEqual([
      'directory /var/lib/postgresql/15',
      `directory ${temporary}`,
      `write_file ${temporary}/made-by-play`,
      `/usr/lib/postgresql/15/bin/pg_basebackup -D ${temporary}/data -d host=vm3 port=5432 user=replicator passfile=/var/lib/postgresql/play.pgpass connect_timeout=10 keepalives_count=3 keepalives_idle=15 keepalives_interval=5 tcp_user_timeout=30000 -X stream --checkpoint=fast -S vm4 --no-password --progress`,
      `/usr/lib/postgresql/15/bin/pg_verifybackup -q ${temporary}/data`,
      `write_file ${temporary}/data/standby.signal`,
      `the removal of ${CONF}`,
      `directory ${CONF}`,
      `write_file ${CONF}/made-by-play`,
      `directory ${temporary}/seed`,
      `write_file ${temporary}/seed/postgresql.conf`,
      `write_file ${temporary}/seed/pg_hba.conf`,
      `write_file ${temporary}/seed/pg_ident.conf`,
      `write_file ${temporary}/seed/PG_VERSION`,
      'directory /var/run/postgresql',
      `pg_createcluster --datadir ${temporary}/seed --port 5432 --pgoption include_dir=conf.d --no-status 15 main`,
      'the paths in the configuration of cluster 15/main',
      'directory /etc/postgresql/15',
      'directory /etc/postgresql/15/main',
      'the configuration of cluster 15/main',
      'systemd and apt are told of the cluster',
      `the move of ${temporary}/data to ${DATA}`,
      `the removal of ${CONF}`,
      `remove ${temporary}`,
    ])
    expect(asRoot(plan, ...OF_POSTGRES)).toEqual([])
    expect(predictionOf(plan, clusterKey('15', 'main'))).toMatchObject({
      running: false,
      recovery: true,
      copyOf: 'vm3:5432',
      systemIdentifier: THERE,
    })
    expect(await planAgain(pgBasebackupModule, bare(), args())).toMatchObject({ changes: [], steps: [] })
  })

  it('over a new cluster that nobody used, which is moved aside', async () => {
    const host = await up(primary, { files: { [`${DATA}.replaced-by-play-1/x`]: '' } })
    const plan = await todo(host)
    expect(plan.changes).toMatchObject([{ destructive: true }])
    const order = outline(plan).filter((line) => /the stop|^the move|pg_basebackup /.test(line))
    expect(order).toEqual([
      expect.stringContaining('pg_basebackup -D'),
      'the stop of cluster 15/main',
      `the move of ${DATA} to ${DATA}.replaced-by-play-2`,
      `the move of ${DATA}.play-copy/data to ${DATA}`,
    ])
    expect(plan.notes).toContainEqual(expect.stringContaining('replaced-by-play-2'))
    expect(await planAgain(pgBasebackupModule, host, args())).toMatchObject({ changes: [] })
    expect((await todo(down({ control: controldata(HERE) }))).changes).toHaveLength(1)
  })

  it('over a cluster that an earlier task only plans', async () => {
    const planned = { ...bare(), facts: [clusterOfPackage()], planned: true }
    expect((await todo(planned)).changes).toMatchObject([{ destructive: true }])
  })

  it('over a base backup that was cut short', async () => {
    const plan = await todo(down({ files: { [`${DATA}/backup_label`]: '' } }))
    expect(plan.changes[0]!.before).toContain('cut short')
  })

  it('again after it was itself cut short, and ends what is left of that', async () => {
    const temporary = `${DATA}.play-copy`
    const left = { [`${temporary}/made-by-play`]: '', [`${temporary}/data/PG_VERSION`]: '15\n' }
    expect(outline(await todo(bare({ files: left }))).slice(0, 2)).toEqual([
      `the removal of ${CONF}`,
      `remove ${temporary}`,
    ])
    const line = (parent: number) =>
      `  2253 ${parent} /usr/lib/postgresql/15/bin/pg_basebackup -D ${temporary}/data -d x\n`
    const plan = await todo(bare({ files: left, ps: line(1) }))
    expect(commands(plan)[0]).toMatch(/^pkill -f -- /)
    expect((await refusal(bare({ files: left, ps: line(40) }))).message).toContain('another run copies')
    const seed = await todo(down({ files: { [`${DATA}/made-by-play`]: '' } }))
    expect(outline(seed)).toContain(`the move of ${DATA} to ${temporary}/old-seed`)
  })

  it('again after the run was killed before it had left its mark', async () => {
    const temporary = `${DATA}.play-copy`
    const empty: FakeHostOptions['files'] = { [temporary]: { type: 'directory' } }
    for (const left of [empty, { [`${temporary}/.made-by-play.play.Xa3dfg`]: '' }])
      expect(outline(await todo(bare({ files: left }))).slice(0, 2)).toEqual([
        `the removal of ${CONF}`,
        `remove ${temporary}`,
      ])
    const seed = await todo(bare({ files: { [`${DATA}/.made-by-play.play.Xa3dfg`]: '' } }))
    expect(outline(seed)).toContain(`the move of ${DATA} to ${temporary}/old-seed`)
  })

  it('again once the copy of a run that was killed has ended by itself', async () => {
    const files = { [`${DATA}.play-copy/made-by-play`]: '' }
    let looks = 0
    const host = bare({ files })
    host.ps = () => {
      looks += 1
      return looks < 3
        ? ` 53 52 /usr/lib/postgresql/15/bin/pg_basebackup -D ${DATA}.play-copy/data -d x\n`
        : ''
    }
    expect(outline(await todo(host))[1]).toBe(`remove ${DATA}.play-copy`)
    expect(looks).toBe(3)
  })

  it('what the task names by its system identifier', async () => {
    const data = await up(primary, {}, { 'user databases': 1 })
    expect((await todo(data, { replace: HERE })).changes).toMatchObject([{ destructive: true }])
    await refusal(data, { replace: THERE })
  })
})

describe('pg_basebackup leaves alone', () => {
  it('a running standby of this upstream', async () => {
    expect(await todo(await up(standby, { psql: identified(HERE) }))).toMatchObject({
      changes: [],
      steps: [],
    })
  })

  it('a standby of this upstream, unless it is to be rebuilt: then it goes on until the copy is complete', async () => {
    const signal = { [`${DATA}/standby.signal`]: '' }
    const own = { psql: identified(HERE), control: controldata(HERE, 'shut down in recovery') }
    for (const host of [await up(standby, own), down({ ...own, files: signal })]) {
      expect(await todo(host)).toMatchObject({ changes: [] })
      const plan = await todo(host, { rebuild: true })
      expect(plan.changes).toMatchObject([
        { destructive: true, before: expect.stringContaining('a standby') },
      ])
      const titles = outline(plan)
      const verified = titles.findIndex((title) => title.includes('pg_verifybackup'))
      const moved = titles.indexOf(`the move of ${DATA} to ${DATA}.replaced-by-play-1`)
      expect(0 < verified && verified < moved).toBe(true)
    }
    await expect(todo(await up(primary, own), { rebuild: true })).rejects.toThrow('not replaced')
  })

  it('a running standby, but for the folder of a run that was cut short after the copy was in place', async () => {
    const files = { [`${DATA}.play-copy/made-by-play`]: '', [`${DATA}.play-copy/seed/PG_VERSION`]: '15\n' }
    const host = await up(standby, { psql: identified(HERE), files })
    expect(outline(await todo(host))).toEqual([`the removal of ${CONF}`, `remove ${DATA}.play-copy`])
    expect(await planAgain(pgBasebackupModule, host, args())).toMatchObject({ changes: [], steps: [] })
    const foreign = await up(standby, {
      psql: identified(HERE),
      files: { [`${DATA}.play-copy/x`]: '' },
    })
    expect((await todo(foreign)).steps).toEqual([])
  })

  it('what earlier runs replaced, and names it each time', async () => {
    const files = { [`${DATA}.replaced-by-play-1/PG_VERSION`]: '15\n' }
    const plan = await todo(await up(standby, { psql: identified(HERE), files }))
    expect(plan.notes).toEqual([expect.stringContaining(`${DATA}.replaced-by-play-1 is kept`)])
    expect(plan.steps).toEqual([])
  })

  it('a running standby whose upstream is down, if that is the one it follows', async () => {
    const conf = { [`${ETC}/conf.d/standby.conf`]: "primary_conninfo = 'host=vm3 user=replicator'\n" }
    const plan = await todo(await up(standby, { psql: refusedBy, files: conf }))
    expect(plan.changes).toEqual([])
    expect(plan.notes![0]).toContain('Connection refused')
    expect((await refusal(await up(standby, { psql: refusedBy }))).message).toContain('cannot be reached')
  })

  it('a complete copy that is stopped', async () => {
    const copy = { [`${DATA}/standby.signal`]: '' }
    const plan = await todo(
      down({
        psql: identified(HERE),
        control: controldata(HERE, 'shut down in recovery', 24576),
        files: copy,
      }),
    )
    expect(plan.changes).toEqual([])
  })

  it('a complete copy without a signal file, but for the signal file', async () => {
    for (const world of [
      { files: { [`${DATA}/backup_label`]: '' }, state: 'in production' },
      { files: undefined, state: 'shut down in recovery' },
    ]) {
      const host = down({
        psql: identified(HERE),
        control: controldata(HERE, world.state, 24576),
        files: world.files,
      })
      expect(commands(await todo(host))).toEqual([`write_file ${DATA}/standby.signal`])
      expect(await planAgain(pgBasebackupModule, host, args())).toMatchObject({ changes: [] })
    }
  })
})

describe('pg_basebackup with check_only', () => {
  const check = { check_only: true }

  it('refuses as the copy would', async () => {
    const host = await up(primary, {}, { 'user databases': 1 })
    expect((await refusal(host, check)).message).toBe((await refusal(host)).message)
  })

  it('does nothing where a copy would be made, and does not miss the slot', async () => {
    const world = { psql: identified(THERE, '||') }
    expect(await todo(bare(world), check)).toEqual({ changes: [], steps: [] })
    expect((await refusal(bare(world))).message).toContain('has no slot')
  })
})

describe('pg_basebackup refuses', () => {
  it('a primary that holds data, with numbers', async () => {
    const error = await refusal(await up(primary, {}, { 'user databases': 1, roles: 2 }))
    expect(error.message).toContain('a primary that holds data')
    expect(error.details.join('\n')).toMatch(
      /shop: 12 MB[\s\S]*1 user database, 2 roles[\s\S]*last write: 2026-11-23 03:58:38 UTC/,
    )
    expect(error.hint).toContain(`replace: "${HERE}"`)
  })

  it('a primary with the identifier of the upstream: itself, or promoted', async () => {
    expect((await refusal(await up(primary, { psql: identified(HERE) }))).message).toContain('promoted')
    const host = down({ psql: identified(HERE), control: controldata(HERE, 'shut down', 24576) })
    expect((await refusal(host)).message).toContain('a stopped primary')
  })

  it('a standby of another system', async () => {
    expect((await refusal(await up(standby))).message).toContain('another system')
    const files = { [`${DATA}/standby.signal`]: '' }
    await refusal(down({ control: controldata(HERE, 'shut down in recovery', 24576), files }))
  })

  it.each([
    ['a user database', 'shut down', 13572, { [`${DATA}/base/16384/1`]: '' }],
    ['user tables', 'shut down', 13572, { [`${DATA}/base/5/16390`]: '', [`${DATA}/base/5/16390_fsm`]: '' }],
    ['objects that were made and dropped', 'shut down', 16500, {}],
    ['a tablespace', 'shut down', 13572, { [`${DATA}/pg_tblspc/16400`]: '' }],
    ['a crash, after which WAL may hold anything', 'in production', 13572, {}],
  ])('a stopped cluster with %s', async (_, state, nextOid, more) => {
    const error = await refusal(down({ control: controldata(HERE, state, nextOid), files: more }))
    expect(error.details.join('\n')).toMatch(/size: 41M[\s\S]*last write: Mon Nov 23/)
  })

  it('a directory without pg_control that nothing marks as a copy', async () => {
    expect((await refusal(down({}))).message).toContain('no readable global/pg_control')
  })

  it('files that are none of its business', async () => {
    expect((await refusal(bare({ files: { [`${DATA}/photo.jpg`]: '' } }))).details[0]).toContain('photo.jpg')
    expect((await refusal(bare({ files: { [`${DATA}.play-copy/x`]: '' } }))).message).toContain('in the way')
  })

  it('a data directory that no cluster belongs to', async () => {
    const files = { [`${DATA}/PG_VERSION`]: '15\n', [`${DATA}/global/x`]: '', [`${DATA}/base/16384/1`]: '' }
    expect((await refusal(bare({ files, control: controldata(HERE) }))).message).toContain('no cluster')
  })

  it('a server that runs but does not answer', async () => {
    const pid = {
      [`${DATA}/postmaster.pid`]: `77\n${DATA}\n`,
      '/proc/77/cwd': { type: 'link' as const, target: DATA },
    }
    expect((await refusal(down({ control: controldata(HERE), files: pid }))).message).toContain('process 77')
  })

  it('an upstream without the slot, out of reach, or not let in', async () => {
    expect((await refusal(bare({ psql: identified(THERE, '||') }))).message).toContain('no slot "vm4"')
    const error = await refusal(bare({ psql: refusedBy }))
    expect(error.details).toEqual(['connection to server at "vm3" failed: Connection refused'])
    expect((await refusal({ ...bare(), files: SERVER })).message).toContain('password file')
    const open = { ...bare(), files: { ...SERVER, '/var/lib/postgresql/play.pgpass': { mode: '0644' } } }
    expect((await refusal(open)).message).toContain('0644')
  })
})

describe('pg_basebackup in check mode', () => {
  it('believes that a planned upstream will be there', async () => {
    expect((await todo(bare({ psql: refusedBy, planned: true }))).changes).toHaveLength(1)
  })
  it('knows that an upstream that is only planned will be a system of its own', async () => {
    const elsewhere = { vm3: [plannedCluster({ fresh: true })] }
    const host = await up(standby, { psql: refusedBy, planned: true })
    expect((await refusal({ ...host, elsewhere })).message).toContain('another system')
    const files = { [`${DATA}/standby.signal`]: '' }
    const control = controldata(HERE, 'shut down in recovery', 24576)
    const off = down({ psql: refusedBy, planned: true, control, files })
    expect((await refusal({ ...off, elsewhere })).message).toContain('another system')
  })
  it('believes that a planned slot will be there', async () => {
    const host = bare({ psql: identified(THERE, '||'), planned: true })
    expect((await refusal(host)).message).toContain('no slot')
    const elsewhere = {
      vm3: [predict(slotKey({ version: '15', name: 'main' }, 'vm4'), { type: 'physical' } as Slot)],
    }
    expect((await todo({ ...host, elsewhere })).changes).toHaveLength(1)
  })
  it('still refuses what holds data', async () => {
    await refusal(await up(primary, { psql: refusedBy, planned: true }, { 'user databases': 1 }))
  })
  it('never puts a password into a command', async () => {
    const { host } = await planWith(pgBasebackupModule, bare(), args())
    expect(host.commands.flat().join(' ')).not.toMatch(/password=/)
  })

  it.each([
    ['host=vm3 replication=true', 'DROP_REPLICATION_SLOT "vm4"'],
    ['host=vm3', 'IDENTIFY_SYSTEM'],
    ['host=vm3 dbname=postgres', 'select pg_size_pretty(sum(pg_database_size(oid))) from pg_database'],
    ["host=vm3 options='-c default_transaction_read_only=on'", 'select pg_promote()'],
  ])('may ask nothing else of the upstream: %s, %s', (conninfo, command) => {
    const argv = ['/usr/lib/postgresql/15/bin/psql', '-wXAtq', '-d', conninfo, '-c', command]
    expect(() => assertReadCommand(argv)).toThrow()
  })
})

describe('pg_basebackup of a server with tablespaces', () => {
  const wish = args({ tablespaces: ['/srv/fast', '/srv/slow'] })
  const steps = async (files: FakeHostOptions['files']) => {
    const { plan } = await planWith(pgBasebackupModule, bare({ files }), wish)
    return plan.steps.flatMap((step) =>
      'path' in step && step.path.startsWith('/srv') ? [`${step.do} ${step.path}`] : [],
    )
  }

  it('makes their folders before the copy, and clears what one has left that was cut short', async () => {
    const made = [
      'directory /srv',
      'write_file /srv/slow.play-copy',
      'directory /srv/slow',
      'remove /srv/fast.play-copy',
      'remove /srv/slow.play-copy',
    ]
    expect(await steps({})).toEqual([
      'directory /srv',
      'write_file /srv/fast.play-copy',
      'directory /srv/fast',
      ...made,
    ])
    expect(await steps({ '/srv/fast/PG_15_202209061/1/2': 'x', '/srv/fast.play-copy': '' })).toEqual([
      'directory /srv',
      'write_file /srv/fast.play-copy',
      'remove /srv/fast',
      'directory /srv/fast',
      ...made,
    ])
  })

  it('refuses one that holds something, in a check of it alone too', async () => {
    for (const more of [{}, { check_only: true }])
      await expect(
        planWith(pgBasebackupModule, bare({ files: { '/srv/fast/photo.jpg': '' } }), { ...wish, ...more }),
      ).rejects.toThrow(/tablespaces whose folders are not empty here/)
  })
})

describe('pg_basebackup in the place of a server with tablespaces of its own', () => {
  const link = { type: 'link' as const, target: '/srv/fast' }
  const files = {
    [`${DATA}/pg_tblspc/16400`]: link,
    '/srv/fast/PG_15_202209061/1/2': 'x',
  }
  const wish = args({ tablespaces: ['/srv/fast'], replace: HERE })
  const world = (more: FakeHostOptions['files'] = {}, mount = '/') => {
    const options = down({
      control: controldata(HERE, 'shut down', 16500),
      psql: identified(HERE),
      files: { ...files, ...more },
    })
    return { ...options, reads: { ...options.reads, 'findmnt -no TARGET -T /srv/fast': `${mount}\n` } }
  }
  const done = async (options: FakeHostOptions) => {
    const { plan } = await planWith(pgBasebackupModule, options, wish)
    return plan.steps.map((step) =>
      'path' in step
        ? `${step.do} ${step.path}`
        : step.do === 'exec'
          ? step.argv.slice(3).join(' ')
          : step.do,
    )
  }

  it('moves them aside with it, and what is kept never leads into the tablespaces of the copy', async () => {
    const { plan } = await planWith(pgBasebackupModule, world(), wish)
    const copy = plan.steps.find((step) => step.title === 'the base backup')
    expect(copy).toMatchObject({
      argv: expect.arrayContaining(['-T', '/srv/fast=/srv/fast.play-new/data']),
    })
    expect(plan.notes).toContain('the directory that was replaced is kept as /srv/fast.replaced-by-play-1')
    const all = await done(world())
    expect(all).not.toContain('remove /srv/fast')
    const order = [
      `sh ${DATA}.play-copy/data /srv/fast.play-new/data /srv/fast`,
      'sh /srv/fast /srv/fast.replaced-by-play-1',
      `sh ${DATA} /srv/fast /srv/fast.replaced-by-play-1`,
      `sh ${DATA} ${DATA}.replaced-by-play-1`,
      'write_file /srv/fast.play-copy',
      'sh /srv/fast.play-new/data /srv/fast',
      `sh ${DATA}.play-copy/data ${DATA}`,
      'remove /srv/fast.play-copy',
      'remove /srv/fast.play-new',
    ]
    expect(all.filter((one) => order.includes(one))).toEqual(order)
  })

  it('goes on where it was cut short: what was moved aside is known, and no old tablespace is removed', async () => {
    const aside = {
      '/srv/fast.replaced-by-play-1/PG_15_202209061/1/2': 'x',
      '/srv/fast.play-new/made-by-play': '',
    }
    const { [`${DATA}/pg_tblspc/16400`]: _, ...without } = files
    const moved = world(aside)
    delete moved.files!['/srv/fast/PG_15_202209061/1/2']
    expect(await done(moved)).toContain(`sh ${DATA} /srv/fast /srv/fast.replaced-by-play-1`)
    expect(await done(moved)).toContain('remove /srv/fast.play-new')
    // A mark that was left does not make a tablespace that is in use one that may go.
    expect(await done(world({ '/srv/fast.play-copy': '' }))).not.toContain('remove /srv/fast')
    const others = {
      ...world(),
      files: { ...world().files, ...without, [`${DATA}/pg_tblspc/16400`]: { ...link, target: '/srv/x' } },
    }
    await expect(done(others)).rejects.toThrow(/whose folders are not empty here/)
  })

  it('refuses a mount point, in a check of it alone too', async () => {
    for (const more of [{}, { check_only: true }])
      await expect(
        planWith(pgBasebackupModule, world({}, '/srv/fast'), { ...wish, ...more }),
      ).rejects.toThrow(/mount points, which cannot be moved aside/)
  })
})

describe('pg_basebackup where play has fenced the primary that is here', () => {
  const files = {
    [`${DATA}/standby.signal`]: fenceText({ successor: 'vm3', startConf: 'auto' }),
    [`${ETC}/start.conf`]: 'manual\n',
  }
  const control = controldata(HERE, 'shut down in recovery', 24576)

  it.each([
    ['stopped', async () => down({ psql: identified(HERE), control, files })],
    ['started since', () => up(standby, { psql: identified(HERE), control, files })],
  ])('refuses it, %s, as it would the primary', async (_, host) => {
    await expect(planWith(pgBasebackupModule, await host(), args())).rejects.toThrow(
      /it was a primary, and is fenced \(vm3 takes over\)/,
    )
  })

  it('moves it aside where the task names it, and the copy starts at boot as the primary did', async () => {
    const host = down({ psql: identified(HERE), control, files })
    const { plan } = await planWith(pgBasebackupModule, host, args({ replace: HERE }))
    const paths = plan.steps.map((step) => ('path' in step ? step.path : (step.title ?? '')))
    const at = (part: string) => paths.findIndex((path) => path.includes(part))
    expect(at('start.conf')).toBeGreaterThan(0)
    expect(at('start.conf')).toBeLessThan(at(`the move of ${DATA} to`))
  })
})
