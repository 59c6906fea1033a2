import { describe, expect, it } from 'vitest'
import { pgConfModule } from '../../../modules/postgres/pg-conf.ts'
import { recordedSettings } from '../../../postgres/settings/catalogue.ts'
import { PROBE, refused } from '../../modules/postgres/clusters.ts'
import { planAgain, planWith } from '../../modules/postgres/fold-plan.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'

/** A cluster of another version that is stopped: its settings are known from the recording alone. */
const stopped = (version: number): FakeHostOptions => ({
  files: {
    [`/etc/postgresql/${version}/main/postgresql.conf`]: `data_directory = '/var/lib/postgresql/${version}/main'\ninclude_dir = 'conf.d'\n`,
    [`/etc/postgresql/${version}/main/conf.d/.keep`]: '',
  },
  sql: [[PROBE, refused]],
})
const plan = async (version: number, settings: object) =>
  (await planWith(pgConfModule, stopped(version), { version, settings })).plan

describe('pg_conf without a server to ask', () => {
  it.each([13, 14, 15, 16, 17, 18])('knows the settings of PostgreSQL %d', async (version) => {
    expect((await recordedSettings(String(version))).recordedFor).toBe(String(version))
    const settings = { shared_buffers: '1GB', wal_level: 'logical', log_connections: true }
    expect((await plan(version, settings)).notes).toEqual([])
    const again = await planAgain(pgConfModule, stopped(version), { version, settings })
    expect(again.changes).toEqual([])
  })

  it.each([
    [13, 'idle_session_timeout', '10min'],
    [14, 'recovery_prefetch', 'on'],
    [15, 'reserved_connections', 3],
    [16, 'transaction_timeout', '10min'],
    [17, 'io_method', 'worker'],
    [16, 'promote_trigger_file', '/tmp/x'],
    [17, 'old_snapshot_threshold', '1h'],
    [18, 'ssl_ecdh_curve', 'prime256v1'],
  ])('refuses on %d what only other versions have: %s', async (version, name, value) => {
    await expect(plan(version, { [name]: value })).rejects.toThrow(`there is no setting "${name}"`)
  })

  it('knows each version’s own defaults, kinds and contexts', async () => {
    const valueNow = async (version: number, settings: object) =>
      (await plan(version, settings)).changes.map((change) => change.before)
    expect(await valueNow(13, { checkpoint_completion_target: 0.7 })).toEqual(['0.5 (default)'])
    expect(await valueNow(14, { checkpoint_completion_target: 0.7 })).toEqual(['0.9 (default)'])
    expect(await valueNow(13, { password_encryption: 'md5' })).toEqual([])
    expect(await valueNow(14, { hash_mem_multiplier: 1 })).toEqual([])
    await expect(plan(14, { wal_compression: 'pglz' })).rejects.toThrow(/is a boolean/)
    expect(await valueNow(15, { wal_compression: 'pglz' })).toEqual(['off (default)'])
    await expect(plan(16, { maintenance_work_mem: '64kB' })).rejects.toThrow(/must lie between 1MB/)
    expect(await valueNow(17, { maintenance_work_mem: '64kB' })).toEqual(['64MB (default)'])
    const { settings } = await recordedSettings('18')
    expect(settings.autovacuum_max_workers?.context).toBe('sighup')
  })

  it('says so on a version without recording, and leaves what it does not know to the server', async () => {
    const { changes, notes } = await plan(19, { quite_new_setting: 'on', work_mem: '8MB' })
    expect(changes.map(({ path }) => path)).toEqual(['setting quite_new_setting', 'setting work_mem'])
    expect(notes).toEqual([expect.stringContaining('those of PostgreSQL 18')])
    await expect(plan(19, { work_mem: 'much' })).rejects.toThrow(/is a number/)
  })
})
