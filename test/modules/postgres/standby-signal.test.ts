import { describe, expect, it } from 'vitest'
import { standbySignalModule } from '../../../modules/postgres/standby-signal.ts'
import { fenceText } from '../../../postgres/standby/fence.ts'
import { plannedCluster } from '../../support/facts.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { DATA, ETC, primary, running, standby, stopped } from './clusters.ts'
import { planAgain, planWith } from './fold-plan.ts'

const upstream = { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' }
const args = (more = {}) => ({ version: 15, upstream, slot: 'vm4', ...more })
const HERE = '7000000000000000001'
const PASSFILE = { '/var/lib/postgresql/play.pgpass': { mode: '0600' } }
const SIGNAL = { [`${DATA}/standby.signal`]: '' }
const CONNINFO =
  'host=vm3 port=5432 user=replicator passfile=/var/lib/postgresql/play.pgpass application_name=vm4'

const copyOf = (state: string, more: FakeHostOptions['files'] = {}, identifier = HERE): FakeHostOptions => ({
  ...stopped({ ...PASSFILE, [`${DATA}/global/x`]: '', ...more }),
  name: 'vm4',
  reads: {
    '/usr/lib/postgresql/15/bin/psql*': `${identifier}|1|0/1|\nphysical||\n`,
    '/usr/lib/postgresql/15/bin/pg_controldata*': `Database system identifier: ${HERE}\nDatabase cluster state: ${state}\nLatest checkpoint's NextOID: 24576\n`,
    'du -sh*': '41M\t/x\n',
  },
})
const runs = async (probe: Record<string, unknown>, files: FakeHostOptions['files'] = {}, settings = {}) => ({
  ...(await running({ probe, files: { ...PASSFILE, ...files }, running: settings })),
  name: 'vm4',
})

describe('standby_signal', () => {
  it('writes the connection, the slot and the fence into conf.d, without a password', async () => {
    const { plan } = await planWith(
      standbySignalModule,
      copyOf('in production', { ...SIGNAL, [`${DATA}/backup_label`]: '' }),
      args(),
    )
    expect(plan.changes.map(({ path }) => path)).toEqual([
      'setting primary_conninfo',
      'setting primary_slot_name',
      'setting max_logical_replication_workers',
    ])
    expect(plan.steps).toMatchObject([{ do: 'write_file', path: `${ETC}/conf.d/standby.conf` }])
    const content = (plan.steps[0] as { content: string }).content
    expect(content).toContain(
      `primary_conninfo = '${CONNINFO}'\nprimary_slot_name = vm4\nmax_logical_replication_workers = 0\n`,
    )
  })

  it('keeps its upstream’s failover slots only where the server can', async () => {
    const { error } = await planWith(standbySignalModule, await runs(standby), args({ sync_slots: true }))
      .then(() => ({ error: null }))
      .catch((error) => ({ error }))
    expect(String(error?.message)).toMatch(/^sync_slots exists from PostgreSQL 17 on/)
  })

  it('restores a signal file that is gone, before anything else', async () => {
    for (const host of [
      copyOf('shut down in recovery'),
      copyOf('in production', { [`${DATA}/backup_label`]: '' }),
      await runs(standby),
    ]) {
      const { plan } = await planWith(standbySignalModule, host, args())
      expect(plan.steps[0]).toMatchObject({ do: 'write_file', path: `${DATA}/standby.signal`, mode: '0600' })
    }
  })

  it('plans nothing after its own plan', async () => {
    for (const host of [
      copyOf('shut down in recovery'),
      copyOf('shut down in recovery', SIGNAL),
      await runs(standby),
      await runs(standby, SIGNAL),
    ])
      expect(await planAgain(standbySignalModule, host, args())).toMatchObject({ changes: [], steps: [] })
  })

  it('reloads a running standby, and says what waits for a restart', async () => {
    const { plan, result } = await planWith(standbySignalModule, await runs(standby, SIGNAL), args())
    expect(plan.steps.map((step) => step.do)).toEqual(['guard', 'sql'])
    expect(result).toEqual({
      restart_required: true,
      restart_settings: ['max_logical_replication_workers'],
      reload: true,
    })
  })

  it('wins over what pg_basebackup -R left, and shows no password of it', async () => {
    const auto = { [`${DATA}/postgresql.auto.conf`]: "primary_conninfo = 'host=old password=hunter2'\n" }
    const { plan } = await planWith(
      standbySignalModule,
      copyOf('shut down in recovery', { ...SIGNAL, ...auto }),
      args(),
    )
    expect(JSON.stringify(plan)).not.toContain('hunter2')
    expect(plan.steps).toContainEqual(
      expect.objectContaining({ path: `${DATA}/postgresql.auto.conf`, content: '' }),
    )
  })

  it('can leave the fence out, and take settings of recovery', async () => {
    const more = { fence_subscriptions: false, recovery: { recovery_min_apply_delay: '1h' } }
    const { plan } = await planWith(standbySignalModule, copyOf('shut down in recovery', SIGNAL), args(more))
    expect(plan.changes.map(({ path }) => path)).toContain('setting recovery_min_apply_delay')
    expect(plan.changes.map(({ path }) => path)).not.toContain('setting max_logical_replication_workers')
    expect(() => standbySignalModule.params.parse(args({ recovery: { work_mem: '1MB' } }))).toThrow()
  })

  it('follows a planned copy of its upstream alone', async () => {
    const cluster = {
      version: '15',
      name: 'main',
      port: 5432,
      dataDir: DATA,
      configDir: ETC,
      socketDir: '/run',
      running: false,
      recovery: true,
    }
    const world = (copyOf: string) => ({
      ...stopped({ ...PASSFILE, ...SIGNAL }),
      facts: [plannedCluster({ ...cluster, copyOf })],
      name: 'vm4',
    })
    expect((await planWith(standbySignalModule, world('vm3:5432'), args())).plan.changes).toHaveLength(3)
    await expect(planWith(standbySignalModule, world('vm2:5432'), args())).rejects.toThrow(/not of vm3:5432/)
  })

  it.each([
    ['a running primary', () => runs(primary), /is a primary/],
    ['a running primary with a signal file', () => runs(primary, SIGNAL), /is a primary/],
    ['a stopped primary', async () => copyOf('shut down'), /was a primary when it was stopped/],
    [
      'a copy of another system',
      async () => copyOf('shut down in recovery', SIGNAL, '9'),
      /system identifiers differ/,
    ],
  ])('never makes a standby of %s', async (_, host, message) => {
    await expect(planWith(standbySignalModule, await host(), args())).rejects.toThrow(message)
  })

  it("leaves play's fence to those who look whether its server has something of its own", async () => {
    const fence = { [`${DATA}/standby.signal`]: fenceText({ successor: 'vm3', startConf: 'auto' }) }
    for (const host of [copyOf('shut down', fence), await runs(standby, fence)])
      await expect(planWith(standbySignalModule, host, args())).rejects.toThrow(
        /is fenced \(vm3 takes over\)/,
      )
  })
})
