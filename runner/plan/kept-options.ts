import { resolve } from 'node:path'
import type { Options } from '../cli.ts'
import { ofSettings } from '../options/arguments.ts'
import { SETTING_FATES } from '../options/fates.ts'
import { SETTINGS, type SettingName, type Values } from '../settings/table.ts'

/** What a plan keeps of the options and the configuration that it was made with: all that decides where, as whom and what is done. */
export interface KeptOptions {
  /** Absolute. */
  playbooks: string[]
  /** Absolute, but for names with a comma. */
  inventory: string[]
  runs_programs: boolean
  limit?: string
  start_at_task?: string
  language?: string
  /** By name; without those that nobody says and that have no default. */
  settings: Record<string, unknown>
}

export function keptOptions(options: Options): KeptOptions {
  const { values } = options.settings
  const names = (Object.keys(SETTING_FATES) as SettingName[]).filter((name) => SETTING_FATES[name] === 'kept')
  const inventory = options.inventory.map(whole)
  return {
    playbooks: options.playbooks.map((path) => resolve(path)),
    inventory,
    runs_programs: options.runsPrograms,
    limit: options.limit?.replace(/(?<=^|[:,])@([^:,]+)/g, (_, path: string) => `@${resolve(path)}`),
    start_at_task: options.startAtTask,
    language: options.language,
    settings: {
      ...Object.fromEntries(names.map((name) => [name, ofAnywhere(name, values[name])])),
      inventory,
    },
  }
}

/** Options with what a plan keeps in place of what the command line, the environment and files say now. */
export function withKept(given: Options, kept: KeptOptions): Options {
  const now = Object.entries(given.settings.values).map(([name, value]) => [
    name,
    SETTING_FATES[name as SettingName] === 'kept' ? kept.settings[name] : value,
  ])
  const values: Values = Object.fromEntries(now)
  return {
    ...given,
    ...ofSettings(values),
    settings: { ...given.settings, values },
    mode: 'run',
    check: false,
    playbooks: kept.playbooks,
    inventory: kept.inventory,
    runsPrograms: kept.runs_programs,
    limit: kept.limit,
    startAtTask: kept.start_at_task,
    language: kept.language as Options['language'],
  }
}

/** A path is told from where play was started; one in the home is not. */
const whole = (path: string): string => (path.includes(',') || path.startsWith('~/') ? path : resolve(path))

const ofAnywhere = (name: SettingName, value: unknown): unknown => {
  const { paths }: { paths?: true } = SETTINGS[name]
  if (!paths || value === undefined) return value
  return Array.isArray(value) ? value.map(whole) : whole(String(value))
}
