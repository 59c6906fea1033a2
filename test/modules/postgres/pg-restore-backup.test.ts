import { describe, expect, it } from 'vitest'
import { pgRestoreBackupModule } from '../../../modules/postgres/pg-restore-backup/index.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { predictionOf } from '../../support/facts.ts'
import type { FakeFile, FakeHostOptions } from '../../support/fake-host.ts'
import { asRoot, commands, OF_POSTGRES, outline, refusalOf } from '../../support/plans.ts'
import { files as mainCluster, PROBE, primary, refused } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const FOLDER = '/var/backups/postgresql/vm3'
const DATA = '/var/lib/postgresql/15/restored'
const ETC = '/etc/postgresql/15/restored'
const COPY = `${DATA}.play-copy`
const CONF = '/etc/postgresql/.play-15-restored'
const CLEARED = [`the removal of ${CONF}`, `remove ${COPY}`]
const args = (more = {}) => ({ version: 15, cluster: 'restored', folder: FOLDER, ...more })

const backup = (
  name: string,
  more: { version?: string; files?: string[] } = {},
): Record<string, FakeFile> => ({
  [`${FOLDER}/${name}/backup.json`]: JSON.stringify({
    made_by: 'play',
    server: 'vm3:5432',
    system_identifier: '7000000000000000002',
    version: more.version ?? '15',
  }),
  [`${FOLDER}/${name}/data/backup_manifest`]: '{}',
  ...Object.fromEntries(
    (more.files ?? ['backup_label']).map((file) => [`${FOLDER}/${name}/data/${file}`, '']),
  ),
})
const host = (more: Record<string, FakeFile> = {}): FakeHostOptions => ({
  files: { ...mainCluster(), ...backup('0001'), ...backup('0002'), ...more },
  sql: [[PROBE, refused]],
  reads: { '/usr/lib/postgresql/15/bin/pg_controldata*': { code: 1 } },
})
/** A cluster of that name, with what its conf.d says, and no server. */
const there = (conf?: string): Record<string, FakeFile> => ({
  [`${ETC}/postgresql.conf`]: `data_directory = '${DATA}'\nport = 5433\ninclude_dir = 'conf.d'\n`,
  ...(conf === undefined ? {} : { [`${ETC}/conf.d/restored.conf`]: conf }),
})
const PG_DATA = { [`${DATA}/PG_VERSION`]: '15\n' }
const todo = async (options: FakeHostOptions, more = {}) =>
  (await planWith(pgRestoreBackupModule, options, args(more))).plan
const refusal = (options: FakeHostOptions, more = {}) => refusalOf(todo(options, more))
const written = (plan: { steps: readonly any[] }, path: string): string =>
  plan.steps.find((step) => step.do === 'write_file' && step.path === path)?.content

describe('pg_restore_backup', () => {
  it('copies the newest beside, verifies the copy, fences it, and renames it into place', async () => {
    const plan = await todo(host())
    expect(plan.changes).toMatchObject([
      {
        path: 'cluster 15/restored',
        before: null,
        after: `restored from ${FOLDER}/0002, port 5433, data in ${DATA}`,
      },
    ])
    expect(outline(plan)).toEqual([
      `directory ${COPY}`,
      `write_file ${COPY}/made-by-play`,
      `cp -a --reflink=auto -- ${FOLDER}/0002/data ${COPY}/data`,
      `/usr/lib/postgresql/15/bin/pg_verifybackup -q ${COPY}/data`,
      `the move of ${COPY}/data/postgresql.auto.conf to ${COPY}/data/postgresql.auto.conf.of-backup`,
      `write_file ${COPY}/data/postgresql.auto.conf`,
      `the removal of ${CONF}`,
      `directory ${CONF}`,
      `write_file ${CONF}/made-by-play`,
      `directory ${COPY}/seed`,
      `write_file ${COPY}/seed/postgresql.conf`,
      `write_file ${COPY}/seed/pg_hba.conf`,
      `write_file ${COPY}/seed/pg_ident.conf`,
      `write_file ${COPY}/seed/PG_VERSION`,
      'directory /var/run/postgresql',
      `pg_createcluster --datadir ${COPY}/seed --port 5433 --pgoption include_dir=conf.d --no-status 15 restored`,
      'the paths in the configuration of cluster 15/restored',
      'directory /etc/postgresql/15',
      'directory /etc/postgresql/15/restored',
      'the configuration of cluster 15/restored',
      'systemd and apt are told of the cluster',
      `write_file ${ETC}/conf.d/restored.conf`,
      `sync -f -- ${COPY}/data`,
      `the move of ${COPY}/data to ${DATA}`,
      `the removal of ${CONF}`,
      `remove ${COPY}`,
    ])
    expect(asRoot(plan, ...OF_POSTGRES)).toEqual([])
    expect(predictionOf(plan, clusterKey('15', 'restored'))).toMatchObject({
      running: false,
      recovery: false,
    })
  })

  it('lets no worker of a subscription run, and follows nobody, whatever ALTER SYSTEM had said', async () => {
    const standby = backup('0003', { files: ['backup_label', 'standby.signal'] })
    const plan = await todo(host(standby), { settings: { shared_preload_libraries: "a'b" } })
    const conf = written(plan, `${ETC}/conf.d/restored.conf`)
    expect(conf).toContain('max_logical_replication_workers = 0\narchive_mode = off\n')
    expect(conf).toContain("shared_preload_libraries = 'a''b'")
    expect(written(plan, `${COPY}/data/postgresql.auto.conf`)).not.toMatch(/^[^#]/m)
    expect(commands(plan)).toContain(`remove ${COPY}/data/standby.signal`)
    // After the manifest was checked, in which it stands.
    const order = commands(plan).map((line) => line.split(' ')[0]!)
    expect(order.indexOf('remove')).toBeGreaterThan(
      order.findIndex((line) => line.endsWith('pg_verifybackup')),
    )
    expect(() =>
      pgRestoreBackupModule.params.parse(args({ settings: { primary_slot_name: 'vm4' } })),
    ).toThrow('fence')
  })

  it('has nothing to do a second time, in a check and afterwards', async () => {
    expect(await planAgain(pgRestoreBackupModule, host(), args())).toMatchObject({ changes: [], steps: [] })
    const conf = `# Restored by play from ${FOLDER}/0002.\n`
    expect(await todo(host({ ...there(conf), ...PG_DATA }))).toMatchObject({ changes: [] })
  })

  it('takes the backup that is named', async () => {
    const { result } = await planWith(pgRestoreBackupModule, host(), args({ backup: '0001' }))
    expect(result).toMatchObject({ backup: '0001', path: `${FOLDER}/0001`, port: 5433 })
    const error = await refusal(host(), { backup: '0009' })
    expect(error.message).toContain('no backup 0009')
    expect(error.details).toEqual(['0001 of vm3:5432', '0002 of vm3:5432'])
  })

  it('never touches a cluster that is there', async () => {
    const live = { ...host(), sql: [[PROBE, [primary]]] as FakeHostOptions['sql'] }
    expect((await refusal(live, { cluster: 'main' })).message).toContain('there is a cluster 15/main already')
    expect((await refusal(host({ ...there(), ...PG_DATA }))).message).toContain('not restored from a backup')
    const other = `# Restored by play from ${FOLDER}/0001.\n`
    expect((await refusal(host({ ...there(other), ...PG_DATA }))).message).toContain(
      `from ${FOLDER}/0001, not`,
    )
    // Its disk may be missing.
    expect((await refusal(host(there()))).message).toContain('there is a cluster 15/restored already')
  })

  it('goes on where an earlier run was interrupted, at every place where it can be', async () => {
    const ours = { [`${COPY}/made-by-play`]: '' }
    expect(outline(await todo(host(ours))).slice(0, 2)).toEqual(CLEARED)
    const seeded = await todo(host({ ...ours, [`${DATA}/made-by-play`]: '', ...PG_DATA }))
    expect(outline(seeded)).toContain(`the move of ${DATA} to ${COPY}/old-seed`)
    const configured = outline(await todo(host({ ...ours, ...there() })))
    expect(configured.join()).not.toContain('pg_createcluster')
    expect(configured).toContain(`the move of ${COPY}/data to ${DATA}`)
    const done = { ...ours, ...there(`# Restored by play from ${FOLDER}/0002.\n`), ...PG_DATA }
    expect(outline(await todo(host(done)))).toEqual(CLEARED)
    expect(await planAgain(pgRestoreBackupModule, host(done), args())).toMatchObject({ changes: [] })
  })

  it('refuses files in its place, a backup of another version, and one that is none any more', async () => {
    expect((await refusal(host({ [`${DATA}/photo.jpg`]: '' }))).details[0]).toContain('photo.jpg')
    expect((await refusal(host({ [`${COPY}/x`]: '' }))).message).toContain('in the way')
    expect((await refusal(host(backup('0003', { version: '14' })))).message).toContain(
      'backup of PostgreSQL 14',
    )
    expect((await refusal(host(backup('0003', { files: [] })))).message).toContain('no backup any more')
    expect((await refusal({ ...host(), files: mainCluster() })).message).toContain('there is no backup in')
  })
})
