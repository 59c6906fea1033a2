import type { Setting } from './catalogue.ts'

export type Wanted = string | number | boolean
/** A value in the server's own form, in units of the setting; comparable with ===. */
export type Canonical = string | number | boolean

export class BadValue extends Error {}

/**
 * A value as the server would read it from a file (Setting Parameters, 20.1.1): units, boolean spellings, and the
 * case of enum values are resolved. @throws {BadValue} in words that follow the setting's name
 */
export function canonical(setting: Setting, value: Wanted): Canonical {
  switch (setting.vartype) {
    case 'bool':
      return asBoolean(value)
    case 'integer':
    case 'real':
      return asNumber(setting, value)
    case 'enum':
      return asEnum(setting, value)
    default:
      if (typeof value === 'boolean' && setting.name !== WAS_BOOLEAN)
        throw new BadValue(`is text, and ${value} is a boolean: put it in quotes`)
      return textOf(value)
  }
}

/** The same value for the server, whatever the spelling. A value that is none equals nothing but itself. */
export function sameValue(setting: Setting, one: Wanted, other: Wanted): boolean {
  if (one === other) return true
  try {
    return comparable(setting, one) === comparable(setting, other)
  } catch (error) {
    if (error instanceof BadValue) return false
    throw error
  }
}

/** A list of aspects from PostgreSQL 18 on, which still takes on and off. */
const WAS_BOOLEAN = 'log_connections'

/** Time zones are found in any case, and shown in their own. */
const ANY_CASE = new Set(['timezone', 'log_timezone'])
/** Comma-separated lists, where blanks between the members mean nothing. */
const LISTS = new Set([
  'listen_addresses',
  'unix_socket_directories',
  'shared_preload_libraries',
  'session_preload_libraries',
  'local_preload_libraries',
  'log_destination',
  'temp_tablespaces',
])

function comparable(setting: Setting, value: Wanted): Canonical {
  const found = canonical(setting, value)
  const name = setting.name.toLowerCase()
  if (ANY_CASE.has(name)) return String(found).toLowerCase()
  if (LISTS.has(name))
    return String(found)
      .split(',')
      .map((part) => part.trim())
      .join(',')
  return found
}

/** Modes of files: numbers for the server, which nobody reads but in octal. In YAML 0600 is the number 384. */
const MODES = new Set(['log_file_mode', 'unix_socket_permissions', 'data_directory_mode'])

const octal = (number: number): string => `0${number.toString(8).padStart(3, '0')}`

/** What to write into a file for a setting. */
export const writtenText = (setting: Setting, value: Wanted): string =>
  MODES.has(setting.name) && typeof value === 'number' ? octal(asNumber(setting, value)) : textOf(value)

/** What to write into a file. */
export function textOf(value: Wanted): string {
  if (typeof value !== 'boolean') return String(value)
  return value ? 'on' : 'off'
}

/** The server's spelling in pg_settings.setting, as far as it can be foreseen. */
export function runningText(setting: Setting, value: Wanted): string {
  const found = canonical(setting, value)
  return typeof found === 'boolean' ? (found ? 'on' : 'off') : String(found)
}

/** A value in units of the setting, for people: 16384 of 8kB becomes 128MB. */
export function humanize(setting: Setting, value: string): string {
  if (MODES.has(setting.name) && /^[1-9]\d*$/.test(value)) return octal(Number(value))
  const factor = setting.unit === undefined ? undefined : unitFactor(setting.unit)
  if (!factor || !/^\d+$/.test(value) || value === '0') return value
  const base = Number(value) * factor.factor
  const units = Object.entries(factor.kind === 'memory' ? MEMORY : TIME).sort((a, b) => b[1] - a[1])
  const best = units.find(([, size]) => base % size === 0)
  return best ? `${base / best[1]}${best[0]}` : value
}

/** bytes */
const MEMORY: Record<string, number> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
/** microseconds */
const TIME: Record<string, number> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 60e6,
  h: 3600e6,
  d: 86400e6,
}

function unitFactor(unit: string): { kind: 'memory' | 'time'; factor: number } | undefined {
  const [, count, name] = /^(\d*)([A-Za-z]+)$/.exec(unit) ?? []
  if (name === undefined) return undefined
  if (name in MEMORY) return { kind: 'memory', factor: Number(count || 1) * MEMORY[name]! }
  if (name in TIME) return { kind: 'time', factor: Number(count || 1) * TIME[name]! }
  return undefined
}

function asBoolean(value: Wanted): boolean {
  if (typeof value === 'boolean') return value
  const text = String(value).trim().toLowerCase()
  // Any unambiguous beginning will do: `t`, `of`, but not `o`.
  if (text === '1' || text === 'on' || (text && ('true'.startsWith(text) || 'yes'.startsWith(text))))
    return true
  if (text === '0' || text === 'of' || text === 'off') return false
  if (text && ('false'.startsWith(text) || 'no'.startsWith(text))) return false
  throw new BadValue(`is a boolean: write on or off, not ${JSON.stringify(value)}`)
}

const NUMBER =
  /^\s*([+-]?(?:0[xX][0-9a-fA-F]+(?![0-9a-fA-F])|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))(?:\s*([A-Za-z]+))?\s*$/

function asNumber(setting: Setting, value: Wanted): number {
  const [, digits, unit] = (typeof value === 'boolean' ? null : NUMBER.exec(String(value))) ?? []
  if (digits === undefined) throw new BadValue(`is a number${inUnits(setting)}, not ${JSON.stringify(value)}`)
  let number = /^[+-]?0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  if (unit) number = convert(setting, number, unit, value)
  if (setting.vartype === 'integer') number = toEven(number)
  const { min, max } = setting
  const isOutside = (min !== undefined && number < Number(min)) || (max !== undefined && number > Number(max))
  if (isOutside && MODES.has(setting.name))
    throw new BadValue(
      `is the mode of a file, from 0000 to ${octal(Number(max))}: write it in octal, as 0640, not ${value}`,
    )
  if (isOutside)
    throw new BadValue(
      `must lie between ${humanize(setting, min ?? '')} and ${humanize(setting, max ?? '')}, and ${value} does not`,
    )
  return number
}

function convert(setting: Setting, number: number, unit: string, value: Wanted): number {
  const own = setting.unit === undefined ? undefined : unitFactor(setting.unit)
  if (!own) throw new BadValue(`has no unit, so ${JSON.stringify(value)} is no value for it`)
  const table = own.kind === 'memory' ? MEMORY : TIME
  const size = table[unit]
  if (size === undefined)
    throw new BadValue(`has no unit "${unit}": ${Object.keys(table).join(', ')} are known (in this case)`)
  // What is no whole number of its unit is first made one of the next smaller unit (guc.c, convert_to_base_unit): 1.1GB is 1126MB.
  const smaller = Math.max(0, ...Object.values(table).filter((one) => one < size))
  const exact = number * size
  return (smaller === 0 ? exact : toEven(exact / smaller) * smaller) / own.factor
}

/** As C's rint(): half way goes to the even one. */
const toEven = (number: number): number =>
  Math.abs(number % 1) === 0.5 ? 2 * Math.round(number / 2) : Math.round(number)

const inUnits = (setting: Setting): string => (setting.unit ? ` (unit ${setting.unit})` : '')

/** Spellings that the server takes and pg_settings.enumvals does not list. */
const HIDDEN: Record<string, Record<string, string>> = {
  wal_level: { archive: 'replica', hot_standby: 'replica' },
  client_min_messages: { debug: 'debug2' },
  log_min_messages: { debug: 'debug2' },
  log_min_error_statement: { debug: 'debug2' },
}
const SWITCH: Record<string, string> = { true: 'on', yes: 'on', 1: 'on', false: 'off', no: 'off', 0: 'off' }

function asEnum(setting: Setting, value: Wanted): string {
  const text = String(value).toLowerCase()
  const values = setting.enumvals ?? []
  const found = [text, HIDDEN[setting.name]?.[text], SWITCH[text]].find(
    (one) => one !== undefined && values.some((each) => each.toLowerCase() === one),
  )
  if (found === undefined)
    throw new BadValue(`must be one of ${values.join(', ')}, not ${JSON.stringify(value)}`)
  return found
}
