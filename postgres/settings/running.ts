import type { SettingSource } from '../conf/conf-file.ts'
import type { Setting, Settings } from './catalogue.ts'
import { BadValue, canonical, runningText, sameValue } from './value.ts'

export type Effective = ReadonlyMap<string, SettingSource>

/** These values let the server choose: what runs is its choice, and differs from the file without being stale. */
const AUTOMATIC: Record<string, number> = {
  wal_buffers: -1,
  commit_timestamp_buffers: 0,
  subtransaction_buffers: 0,
  transaction_buffers: 0,
}

/**
 * Names of settings that wait for a restart: of context postmaster, and with a running value other than what the
 * files say. Exact also before a reload, which pg_settings.pending_restart is not.
 */
export function pendingRestart(settings: Settings, files: Effective): string[] {
  return Object.entries(settings)
    .filter(([name, setting]) => setting.context === 'postmaster' && isStale(setting, files.get(name)?.value))
    .map(([, setting]) => setting.name)
    .sort()
}

/** The running value is not what the files (undefined: nothing) say. False where no server runs. */
export function isStale(setting: Setting, value: string | undefined): boolean {
  if (setting.setting === undefined || setting.source === 'command line') return false
  const fromFile = setting.source === 'configuration file'
  if (value === undefined)
    return (
      fromFile &&
      setting.boot !== undefined &&
      !isAutomatic(setting, setting.boot) &&
      !sameValue(setting, setting.boot, setting.setting)
    )
  if (isAutomatic(setting, value)) return fromFile
  if (setting.setting === '(disabled)') return false
  try {
    canonical(setting, value)
  } catch (error) {
    if (error instanceof BadValue) return false
    throw error
  }
  return !sameValue(setting, value, setting.setting)
}

/** Whether it is known that the server runs with the value. */
export function runsWith(setting: Setting, value: string): boolean {
  if (setting.setting === undefined || setting.setting === '(disabled)') return false
  const isFixed = setting.source === 'command line'
  return isFixed ? sameValue(setting, value, setting.setting) : !isStale(setting, value)
}

function isAutomatic(setting: Setting, value: string): boolean {
  const automatic = AUTOMATIC[setting.name]
  return automatic !== undefined && sameValue(setting, value, automatic)
}

/** The running values after a start or restart with these files. */
export const afterStart = (settings: Settings, files: Effective): Settings =>
  mapSettings(settings, files, () => true)

/** The running values after a reload with these files. */
export const afterReload = (settings: Settings, files: Effective): Settings =>
  mapSettings(settings, files, ({ context }) => context !== 'postmaster' && context !== 'internal')

function mapSettings(
  settings: Settings,
  files: Effective,
  affected: (setting: Setting) => boolean,
): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      affected(setting) ? withFile(setting, files.get(name)?.value) : setting,
    ]),
  )
}

function withFile(setting: Setting, value: string | undefined): Setting {
  if (setting.source === 'command line') return setting
  if (value === undefined) {
    if (setting.setting !== undefined && setting.source !== 'configuration file') return setting
    return { ...setting, setting: setting.boot, source: 'default' }
  }
  if (isAutomatic(setting, value)) return { ...setting, setting: setting.boot, source: 'override' }
  try {
    return { ...setting, setting: runningText(setting, value), source: 'configuration file' }
  } catch (error) {
    if (error instanceof BadValue) return setting
    throw error
  }
}
