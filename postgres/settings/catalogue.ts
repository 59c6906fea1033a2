import type { HostReader } from '../../contract/host.ts'
import { type Cluster, clusterRow } from '../cluster/cluster.ts'
import { defineClusterFact } from '../cluster/facts.ts'

export type SettingType = 'bool' | 'integer' | 'real' | 'string' | 'enum'

/** One row of pg_settings, without what nobody here asks for. */
export interface Setting {
  /** As PostgreSQL spells it: `DateStyle`. */
  name: string
  vartype: SettingType
  /** internal, postmaster, sighup, superuser-backend, backend, superuser, user */
  context: string
  unit?: string
  /** The default, in units of `unit`; absent where it depends on the machine. */
  boot?: string
  min?: string
  max?: string
  enumvals?: string[]
  /** The server's running value in units of `unit`; absent where no server runs, or the session that asks has its own. */
  setting?: string
  /** Where the running value came from: 'configuration file', 'command line', 'default', … */
  source?: string
}

/** By lower-case name. */
export type Settings = Readonly<Record<string, Setting>>

/** A complaint of pg_file_settings about one line of the files as they are now. */
export interface FileError {
  file: string
  line: number
  error: string
}

/** What a server says of its settings. */
export interface SettingsFact {
  settings: Settings
  errors: FileError[] | null
  /** Files of the server's certificate were written after it last read them. */
  tls_stale?: boolean | null
  /** In a prediction: the planned certificate that it will have read by then. */
  tlsRead?: string
}

export const settingsKey = defineClusterFact<SettingsFact | null, []>('settings')

export type RecordedSetting = readonly [
  name: string,
  vartype: string,
  context: string,
  unit?: string,
  boot?: string,
  min?: string,
  max?: string,
  enumvals?: string,
]

/**
 * Rows of pg_file_settings that are no mere wait for a restart: the server lists a changed setting that waits with an
 * error, and one that was taken out of the files without naming a file.
 */
export const REAL_FILE_ERRORS = `pg_file_settings f left join pg_settings s on lower(s.name) = lower(f.name)
  where f.error is not null
    and not (f.error = 'setting could not be applied' and s.context is not distinct from 'postmaster')
    and not (f.sourcefile is null and f.error like 'parameter "%" cannot be changed without restarting the server')`

/** Lines of the files that the server refuses. */
export const FILE_ERRORS = `select f.sourcefile as file, f.sourceline as line,
    coalesce(f.name || ': ', '') || f.error as error
  from ${REAL_FILE_ERRORS}`

/** What this session was given by itself, its role or its database says nothing of the server (pg_settings, 54.24: source). */
const OF_THE_SESSION = `('client', 'session', 'user', 'database', 'database user')`

const SETTINGS = `select (select json_object_agg(lower(name), json_strip_nulls(json_build_object(
      'name', name, 'vartype', vartype, 'context', context, 'unit', unit, 'boot', boot_val, 'min', min_val,
      'max', max_val, 'enumvals', enumvals, 'setting',
      case when source not in ${OF_THE_SESSION} then setting end, 'source', source))) from pg_settings) as settings,
    (select json_agg(e) from (${FILE_ERRORS}) e) as errors,
    (select bool_or((pg_stat_file(file, true)).modification > pg_conf_load_time())
      from unnest(array[current_setting('ssl_cert_file'), current_setting('ssl_key_file')]) file
      where current_setting('ssl')::bool) as tls_stale`

/** The settings of a running (or planned to run) cluster; null where no server can be asked. */
export async function readSettings(host: HostReader, cluster: Cluster): Promise<SettingsFact | null> {
  if (!cluster.running || cluster.notReady) return null
  // A server that only check mode would start knows nothing better than the recording does.
  if (cluster.peek || cluster.copyOf) return host.predicted(settingsKey(cluster)) ?? null
  return clusterRow(host, cluster, settingsKey(cluster), SETTINGS, [])
}

/** Major version of the full recording; the others are kept as differences from it. */
const WHOLE = '15'

/**
 * The recorded settings of a version, or of the nearest one that is recorded. No running values.
 * @param version major version, '17'
 */
export async function recordedSettings(
  version: string,
): Promise<{ settings: Settings; recordedFor: string }> {
  const [{ RECORDED }, { DIFFERENCES }] = await Promise.all([import('./15.ts'), import('./differences.ts')])
  const distance = (other: string) => Math.abs(Number(other) - Number(version))
  const recordedFor = [WHOLE, ...Object.keys(DIFFERENCES)].sort((a, b) => distance(a) - distance(b))[0]!
  const settings = new Map(RECORDED.map((row) => [row[0].toLowerCase(), asSetting(row)]))
  const difference = DIFFERENCES[recordedFor]
  for (const name of difference?.without ?? []) settings.delete(name.toLowerCase())
  for (const row of difference?.rows ?? []) settings.set(row[0].toLowerCase(), asSetting(row))
  return { recordedFor, settings: Object.fromEntries(settings) }
}

function asSetting([name, vartype, context, unit, boot, min, max, enumvals]: RecordedSetting): Setting {
  const setting: Setting = { name, vartype: vartype as SettingType, context, boot: boot ?? '' }
  if (unit) setting.unit = unit
  if (min) setting.min = min
  if (max) setting.max = max
  if (enumvals) setting.enumvals = enumvals.split(' ')
  return setting
}
