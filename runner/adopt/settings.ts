import type { ConfState } from '../../postgres/conf/read.ts'
import type { Setting } from '../../postgres/settings/catalogue.ts'
import { isStale, pendingRestart } from '../../postgres/settings/running.ts'
import { BadValue, canonical, humanize, sameValue, type Wanted } from '../../postgres/settings/value.ts'
import type { ClusterFacts, Variable } from './facts.ts'
import { isSecret, literal } from './words.ts'

/** Said by other variables, or where Debian's package put the cluster. */
const ELSEWHERE = new Set([
  ...['data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file', 'port'],
  ...['ssl', 'ssl_cert_file', 'ssl_key_file', 'primary_slot_name'],
])
/** May hold a password, or are one. */
const SECRETS = new Set(['primary_conninfo', 'ssl_passphrase_command'])

/** What somebody has set, by the files or on the command line, other than the package did and PostgreSQL does by itself. */
export function describeSettings({ conf, stock, standby }: ClusterFacts): Variable {
  const value: Record<string, unknown> = {}
  const notes: string[] = []
  for (const { name, text, setting } of assignments(conf)) {
    if (ELSEWHERE.has(name) || isUsual(setting, text, stock.get(name)?.value)) continue
    // The fence of a standby is play's, or nobody's.
    if (standby && name === 'max_logical_replication_workers' && text === '0') continue
    if (SECRETS.has(name) || isSecret(name, text))
      notes.push(`${setting.name} is left out: it may hold a secret. It stays as it is.`)
    else if (!isValue(setting, text)) notes.push(`${setting.name} is left out: its value is none.`)
    else if (isUnread(setting, text, conf))
      notes.push(
        `${setting.name} is left out: the server has not read it since it was written. Reload it, and adopt again.`,
      )
    else {
      const words = literal(written(setting, text))
      if (words === undefined) notes.push(`${setting.name} is left out: play has no words for its value.`)
      else value[setting.name] = words
    }
  }
  notes.push(...waiting(conf), ...unseen(conf))
  return { name: 'pg_settings', value: Object.keys(value).length > 0 ? value : undefined, notes }
}

/** What counts, the command line before the files, in the order of the names. */
function assignments({
  effective,
  settings,
  included,
}: Conf): { name: string; text: string; setting: Setting }[] {
  const found = new Map([...effective].map(([name, { value }]) => [name, value]))
  for (const [name, setting] of Object.entries(settings))
    if (setting.source === 'command line') found.set(name, humanize(setting, setting.setting ?? ''))
  return [...found]
    .filter(([name]) => !name.startsWith('recovery_target') && !included.some((one) => one.name === name))
    .map(([name, text]) => ({ name, text, setting: settings[name] ?? customSetting(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
type Conf = Pick<ConfState, 'effective' | 'settings' | 'included'>

/** Of an extension that is not loaded. */
const customSetting = (name: string): Setting => ({ name, vartype: 'string', context: 'superuser' })

const isUsual = (setting: Setting, text: string, stock: string | undefined): boolean =>
  [setting.boot, stock].some((usual) => usual !== undefined && sameValue(setting, text, usual))

function isValue(setting: Setting, text: string): boolean {
  if (setting.context === 'internal') return false
  try {
    canonical(setting, text)
    return true
  } catch (error) {
    if (error instanceof BadValue) return false
    throw error
  }
}

/** As somebody would write it: numbers and switches as such, round numbers with their unit. */
function written({ ...setting }: Setting, text: string): Wanted {
  if (setting.vartype === 'bool') return canonical(setting, text)
  if (setting.vartype !== 'integer' && setting.vartype !== 'real') return text
  const shown = humanize(setting, text)
  return /^(0|-?[1-9]\d{0,14})(\.\d+)?$/.test(shown) && String(Number(shown)) === shown
    ? Number(shown)
    : shown
}

/** A change of the files that a reload would bring: the check would plan it. */
const isUnread = (setting: Setting, text: string, { effective }: Conf): boolean =>
  setting.context === 'sighup' && effective.has(setting.name.toLowerCase()) && isStale(setting, text)

function waiting({ settings, effective }: Conf): string[] {
  const names = pendingRestart(settings, effective)
  if (names.length === 0) return []
  return [
    `${names.join(', ')}: changed in the files, and the server waits for a restart. site.yaml restarts it, and says so in its check.`,
  ]
}

/** Set where play does not write: in files that others than conf.d bring. */
function unseen({ included }: Conf): string[] {
  if (included.length === 0) return []
  const names = [...new Set(included.map(({ name }) => name))].sort()
  const files = [...new Set(included.map(({ file }) => file))]
  return [
    `${names.join(', ')}: set in files that are included besides conf.d, and left to these (${files.join('; ')}).`,
  ]
}
