import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../contract/errors.ts'
import { pgConfModule } from '../../../modules/postgres/pg-conf.ts'
import { DATA, ETC, POSTGRESQL_CONF, PROBE, primary, running, runningSettings, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const conf = (settings: Record<string, unknown>, more = {}) => ({ version: 15, settings, ...more })
const OWN = `${ETC}/conf.d/play.conf`
const written = (plan: { steps: readonly unknown[] }) =>
  JSON.parse(JSON.stringify(plan.steps))
    .flatMap((step: any) => (step.do === 'guard' ? step.steps : [step]))
    .filter((step: any) => step.do === 'write_file')

describe('pg_conf', () => {
  it('writes one file, has the server judge it, and reloads', async () => {
    const { plan, result } = await planWith(
      pgConfModule,
      await running(),
      conf({ wal_level: 'logical', work_mem: '8MB' }),
    )
    expect(plan.changes).toEqual([
      { path: 'setting wal_level', before: 'replica (default)', after: 'logical', reason: 'needs a restart' },
      { path: 'setting work_mem', before: '4MB (default)', after: '8MB', reason: 'with a reload' },
    ])
    expect(plan.steps.map((step) => step.do)).toEqual(['guard', 'sql'])
    expect(written(plan)).toMatchObject([{ path: OWN, owner: 'postgres', mode: '0644' }])
    expect(written(plan)[0].content).toMatch(/^#.*\nwal_level = logical\nwork_mem = 8MB\n$/)
    expect(result).toEqual({ restart_required: true, restart_settings: ['wal_level'], reload: true })
  })

  it('waits for reloadable settings that nobody can override', async () => {
    const { plan } = await planWith(pgConfModule, await running(), conf({ checkpoint_timeout: '10min' }))
    expect(plan.steps.at(-1)).toMatchObject({
      do: 'wait',
      ready: { values: ['[{"name":"checkpoint_timeout","setting":"600"}]'] },
    })
  })

  it('takes the mode of a file as YAML reads it and as PostgreSQL does, and shows it in octal', async () => {
    for (const mode of [0o640, '0640', '416']) {
      const { plan } = await planWith(pgConfModule, await running(), conf({ log_file_mode: mode }))
      expect(plan.changes, String(mode)).toMatchObject([{ before: '0600 (default)', after: '0640' }])
      expect(written(plan)[0].content).toMatch(mode === '416' ? /= 416\n/ : /= 0640\n/)
    }
    const same = conf({ log_file_mode: 384, unix_socket_permissions: '0777' })
    expect((await planWith(pgConfModule, await running(), same)).plan.steps).toEqual([])
    await expect(planWith(pgConfModule, await running(), conf({ log_file_mode: 640 }))).rejects.toThrow(
      'log_file_mode is the mode of a file, from 0000 to 0777: write it in octal, as 0640, not 640',
    )
  })

  it('says that the server runs with a value only where it knows', async () => {
    const reasons = async (settings: object) =>
      (
        await planWith(
          pgConfModule,
          await running({ running: { checkpoint_timeout: '600' } }),
          conf({ ...settings }),
        )
      ).plan.changes.map(({ reason }) => reason)
    expect(await reasons({ checkpoint_timeout: '10min' })).toEqual([
      expect.stringMatching(/runs with it already/),
    ])
    expect(await reasons({ 'app.color': 'red' })).toEqual(['with a reload'])
  })

  it('plans nothing after its own plan', async () => {
    const wish = conf({
      wal_level: 'logical',
      work_mem: '8MB',
      listen_addresses: '*',
      log_line_prefix: "it's \\ %m",
      autovacuum: false,
    })
    expect(await planAgain(pgConfModule, await running(), wish)).toMatchObject({ changes: [], steps: [] })
    expect(await planAgain(pgConfModule, stopped(), wish)).toMatchObject({ changes: [], steps: [] })
    const stale = await running({
      running: { checkpoint_timeout: '300' },
      files: { [OWN]: 'checkpoint_timeout = 10min\n' },
    })
    expect(await planAgain(pgConfModule, stale, conf({ checkpoint_timeout: '10min' }))).toMatchObject({
      changes: [],
    })
  })

  it('takes a value in force for done, wherever it stands and however it is spelt', async () => {
    const { plan } = await planWith(
      pgConfModule,
      await running(),
      conf({ shared_buffers: '131072kB', wal_level: 'REPLICA', port: '5432' }),
    )
    expect(plan.changes).toEqual([])
  })

  it('keeps other lines, their order and comments', async () => {
    const host = await running({
      files: { [OWN]: '# mine\nwork_mem = 1MB   # small\n\nmaintenance_work_mem = 32MB\n' },
    })
    const { plan } = await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))
    expect(written(plan)[0].content).toBe('# mine\nwork_mem = 8MB   # small\n\nmaintenance_work_mem = 32MB\n')
  })

  it('silences what is read later', async () => {
    const host = await running({
      files: {
        [`${ETC}/postgresql.conf`]: `${POSTGRESQL_CONF}work_mem = 2MB\n`,
        [`${ETC}/conf.d/zz.conf`]: 'a.b = 1\nwork_mem = 3MB\n',
        [`${DATA}/postgresql.auto.conf`]: "work_mem = '5MB'\n",
      },
    })
    const { plan } = await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))
    expect(plan.changes).toMatchObject([{ before: '5MB', after: '8MB' }])
    const texts = Object.fromEntries(written(plan).map((step: any) => [step.path, step.content]))
    expect(texts[`${ETC}/conf.d/zz.conf`]).toBe('a.b = 1\n#work_mem = 3MB  # play: play.conf sets it\n')
    expect(texts[`${ETC}/postgresql.conf`]).toContain('\n#work_mem = 2MB  # play: play.conf sets it\n')
    expect(plan.steps.slice(1, 3)).toMatchObject([
      { do: 'attributes', path: `${DATA}/postgresql.auto.conf`, keep: true },
      { do: 'sql', text: 'ALTER SYSTEM RESET "work_mem"' },
    ])
    expect(plan.notes).toHaveLength(3)
    expect(await planAgain(pgConfModule, host, conf({ work_mem: '8MB' }))).toMatchObject({ changes: [] })
  })

  it('edits postgresql.auto.conf itself where no server runs', async () => {
    const { plan } = await planWith(
      pgConfModule,
      stopped({ [`${DATA}/postgresql.auto.conf`]: "# kept\nwork_mem = '5MB'\n" }),
      conf({ work_mem: '8MB' }),
    )
    expect(plan.steps.every((step) => step.do === 'write_file')).toBe(true)
    expect(written(plan)).toContainEqual(
      expect.objectContaining({ path: `${DATA}/postgresql.auto.conf`, content: '# kept\n' }),
    )
    expect(plan.changes[0]!.reason).toBe('at the next start')
  })

  it('takes its own line out with null, and says what comes into force', async () => {
    const host = await running({
      files: { [OWN]: 'work_mem = 8MB\nport = 5432\n' },
      running: { work_mem: '8192' },
    })
    const { plan } = await planWith(pgConfModule, host, conf({ work_mem: null, shared_buffers: null }))
    expect(plan.changes).toMatchObject([{ path: 'setting work_mem', before: '8MB', after: '4MB (default)' }])
    expect(written(plan)[0].content).toBe('port = 5432\n')
    expect(await planAgain(pgConfModule, host, conf({ work_mem: null }))).toMatchObject({ changes: [] })
  })

  it('reloads where the files are right and the server was never told', async () => {
    const host = await running({ files: { [OWN]: 'checkpoint_timeout = 10min\n' } })
    const { plan } = await planWith(pgConfModule, host, conf({ checkpoint_timeout: '10min' }))
    expect(plan.changes).toMatchObject([{ before: '5min', after: '10min' }])
    expect(plan.steps.map((step) => step.do)).toEqual(['sql', 'wait'])
    const quiet = await planWith(pgConfModule, host, conf({ checkpoint_timeout: '10min' }, { apply: 'none' }))
    expect(quiet.plan.changes).toEqual([])
  })

  it('says that a restart is needed also when it changes nothing', async () => {
    const host = await running({ files: { [OWN]: 'wal_level = logical\n' } })
    const { plan, result } = await planWith(pgConfModule, host, conf({ wal_level: 'logical' }))
    expect(plan.changes).toEqual([])
    expect(result).toMatchObject({ restart_required: true, restart_settings: ['wal_level'] })
  })

  it('names all errors at once', async () => {
    const settings = {
      wal_levl: 'logical',
      shared_buffers: '16 GBs',
      max_connections: -1,
      block_size: 8192,
      'my.setting': 'x',
    }
    const refusal = await planWith(pgConfModule, await running(), conf(settings)).catch((error) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal.details).toHaveLength(4)
    expect(refusal.details[0]).toBe('there is no setting "wal_levl": did you mean wal_level?')
  })

  it('refuses what the command line gives, and what another task keeps in a later file', async () => {
    const settings = await runningSettings()
    const host = await running({
      sql: [
        [
          'as settings',
          [{ settings: { ...settings, port: { ...settings.port!, source: 'command line' } }, errors: null }],
        ],
      ],
    })
    await expect(planWith(pgConfModule, host, conf({ port: 5433 }))).rejects.toThrow(/command line/)
    // What it gives already is there, whatever the files say.
    expect(
      (await planWith(pgConfModule, host, conf({ port: settings.port!.setting! }))).plan.changes,
    ).toEqual([])
    const kept = await running({
      files: { [`${ETC}/conf.d/standby.conf`]: '# Kept by play (standby_signal).\nhot_standby = on\n' },
    })
    await expect(planWith(pgConfModule, kept, conf({ hot_standby: false }))).rejects.toThrow(
      /also kept in .*standby\.conf/,
    )
    expect((await planWith(pgConfModule, kept, conf({ hot_standby: true }))).plan.changes).toEqual([])
  })

  it('refuses to write beside a line that the server does not take, unless it replaces that line', async () => {
    const errors = [{ file: OWN, line: 1, error: 'work_mem: setting could not be applied' }]
    const host = await running({
      files: { [OWN]: 'work_mem = lots\n' },
      sql: [['as settings', [{ settings: await runningSettings(), errors }]]],
    })
    await expect(planWith(pgConfModule, host, conf({ wal_level: 'logical' }))).rejects.toThrow(
      /refuses the configuration files/,
    )
    expect((await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))).plan.changes).toHaveLength(1)
  })

  it('never shows a password inside a connection string', async () => {
    const host = await running({
      files: { [`${DATA}/postgresql.auto.conf`]: "primary_conninfo = 'host=a password=hunter2 user=b'\n" },
    })
    const { plan } = await planWith(pgConfModule, host, conf({ primary_conninfo: 'host=b' }))
    expect(JSON.stringify(plan.changes)).not.toContain('hunter2')
  })

  it('raises what must at least be allowed, and never lowers it', async () => {
    const wish = {
      version: 15,
      at_least: { wal_level: 'replica', max_wal_senders: 20, max_connections: 100 },
    }
    const { plan } = await planWith(pgConfModule, await running(), wish)
    expect(plan.changes.map(({ path, after }) => [path, after])).toEqual([['setting max_wal_senders', '20']])
    const roomy = await running({
      files: {
        [`${ETC}/conf.d/zz.conf`]: 'max_wal_senders = 30\nwal_level = logical\nmax_connections = 150\n',
      },
    })
    expect((await planWith(pgConfModule, roomy, wish)).plan.changes).toEqual([])
    expect(await planAgain(pgConfModule, await running(), wish)).toMatchObject({ changes: [] })
    await expect(
      planWith(pgConfModule, await running(), { ...wish, settings: { max_wal_senders: 5 } }),
    ).rejects.toThrow(/max_wal_senders is wanted 5, and must be 20 at least/)
    await expect(
      planWith(pgConfModule, await running(), { version: 15, at_least: { listen_addresses: '*' } }),
    ).rejects.toThrow(/nothing that listen_addresses could at least be/)
  })

  it('leaves alone what a file of somebody else says, where only a default is wanted', async () => {
    const wish = { version: 15, defaults: { listen_addresses: '*' } }
    expect((await planWith(pgConfModule, await running(), wish)).plan.changes).toHaveLength(1)
    expect(await planAgain(pgConfModule, await running(), wish)).toMatchObject({ changes: [] })
    const said = await running({ files: { [`${ETC}/conf.d/a.conf`]: "listen_addresses = '10.0.0.5'\n" } })
    expect((await planWith(pgConfModule, said, wish)).plan.changes).toEqual([])
  })

  it('counts as destructive what allows less than before', async () => {
    const host = await running({
      files: {
        [`${ETC}/conf.d/a.conf`]: 'max_connections = 150\nwal_level = logical\nmax_slot_wal_keep_size = -1\n',
      },
    })
    const { plan } = await planWith(
      pgConfModule,
      host,
      conf({ max_connections: 100, wal_level: 'replica', max_slot_wal_keep_size: '1GB', work_mem: '64MB' }),
    )
    expect(plan.changes.map(({ path, destructive }) => [path, destructive ?? false])).toEqual([
      ['setting max_connections', true],
      ['setting wal_level', true],
      ['setting max_slot_wal_keep_size', true],
      ['setting work_mem', false],
    ])
    expect(plan.changes[0]!.reason).toMatch(/^allows less than before; /)
  })

  it('makes postgresql.conf read conf.d where it does not', async () => {
    const bare = POSTGRESQL_CONF.replace(/^include_dir.*\n/m, '')
    const host = await running({ files: { [`${ETC}/postgresql.conf`]: bare } })
    const { plan } = await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))
    expect(plan.changes[0]).toMatchObject({ path: `${ETC}/postgresql.conf include_dir`, before: null })
    expect(await planAgain(pgConfModule, host, conf({ work_mem: '8MB' }))).toMatchObject({ changes: [] })
    const other = await running({
      files: { [`${ETC}/postgresql.conf`]: bare, [`${ETC}/conf.d/x.conf`]: 'work_mem = 1MB\n' },
    })
    await expect(planWith(pgConfModule, other, conf({ work_mem: '8MB' }))).rejects.toThrow(/include_dir/)
  })

  it('costs one query besides the probe', async () => {
    const { host } = await planWith(pgConfModule, await running(), conf({ work_mem: '8MB' }))
    expect(host.queries).toHaveLength(2)
    expect(primary.data_directory).toBe(DATA)
    expect(host.queries[0]!.text).toContain(PROBE)
  })
})

describe('files that are included besides conf.d', () => {
  const files = {
    [`${ETC}/postgresql.conf`]: "include_dir = 'conf.d'\ninclude_dir = 'extra.d'\n",
    [`${ETC}/extra.d/x.conf`]: "max_connections = 77\ninclude = 'more'\n",
    [`${ETC}/extra.d/more`]: "log_line_prefix = 'theirs '\n",
  }
  it('have the last word on what they set, which is refused with the place', async () => {
    const host = await running({ files })
    for (const [name, value, place] of [
      ['max_connections', 120, `${ETC}/extra.d/x.conf:1: max_connections = 77`],
      ['log_line_prefix', 'mine ', `${ETC}/extra.d/more:1: log_line_prefix = theirs `],
    ] as const)
      await expect(planWith(pgConfModule, host, conf({ [name]: value }))).rejects.toMatchObject({
        details: [place],
      })
    expect((await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))).plan.changes).toHaveLength(1)
  })
})

it('what is there keeps its owner and mode: a password may stand in it', async () => {
  const host = await running({ files: { [`${ETC}/conf.d/zz-theirs.conf`]: 'work_mem = 3MB\n' } })
  const { plan } = await planWith(pgConfModule, host, conf({ work_mem: '8MB' }))
  const theirs = written(plan).find((step: any) => step.path.endsWith('zz-theirs.conf'))
  for (const name of ['owner', 'group', 'mode']) expect(theirs).not.toHaveProperty(name)
})
