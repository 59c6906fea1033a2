import { describe, expect, it } from 'vitest'
import { afterReload, afterStart, pendingRestart } from '../../../postgres/settings/running.ts'
import { DATA, ETC, runningSettings } from '../../modules/postgres/clusters.ts'

const say = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, file: 'f', line: 1 }]))
const FILES = {
  data_directory: DATA,
  hba_file: `${ETC}/pg_hba.conf`,
  port: '5432',
  max_connections: '100',
  shared_buffers: '128MB',
}

describe('settings that wait for a restart', () => {
  it('are none where the files say what runs, in whatever unit', async () => {
    expect(pendingRestart(await runningSettings(), say({ ...FILES, shared_buffers: '131072kB' }))).toEqual([])
  })
  it('are those of context postmaster alone', async () => {
    const files = say({ ...FILES, wal_level: 'logical', work_mem: '8MB' })
    expect(pendingRestart(await runningSettings(), files)).toEqual(['wal_level'])
  })
  it('count a line that was taken out', async () => {
    expect(pendingRestart(await runningSettings({ max_wal_senders: '20' }), say(FILES))).toEqual([
      'max_wal_senders',
    ])
  })
  it('leave out what the server chose for itself', async () => {
    const settings = await runningSettings()
    const chosen = {
      ...settings,
      wal_buffers: { ...settings.wal_buffers!, setting: '512', source: 'override' },
    }
    expect(pendingRestart(chosen, say({ ...FILES, wal_buffers: '-1' }))).toEqual([])
    expect(pendingRestart(chosen, say(FILES))).toEqual([])
  })
  it('leave out the command line, which no file can change', async () => {
    const settings = await runningSettings()
    const given = { ...settings, port: { ...settings.port!, setting: '6000', source: 'command line' } }
    expect(pendingRestart(given, say(FILES))).toEqual([])
  })
  it('are none after the restart, and still there after a reload', async () => {
    const files = say({ ...FILES, wal_level: 'logical', work_mem: '8MB' })
    const settings = await runningSettings()
    expect(pendingRestart(afterStart(settings, files), files)).toEqual([])
    const reloaded = afterReload(settings, files)
    expect(pendingRestart(reloaded, files)).toEqual(['wal_level'])
    expect(reloaded.work_mem?.setting).toBe('8192')
  })
})
