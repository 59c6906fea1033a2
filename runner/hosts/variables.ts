import { Unknown, UnknownError } from '../../contract/unknown.ts'
import { PlayError } from '../errors.ts'

export type Vars = Record<string, unknown>

/** What `connectionSpec` asks for: wherever one of these is said, it may be another machine, or another user. */
export const CONNECTION_VARIABLES = [
  ...['ansible_connection', 'ansible_host', 'ansible_ssh_host', 'ansible_port', 'ansible_ssh_port'],
  ...['ansible_user', 'ansible_ssh_user', 'ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  ...['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  ...['ansible_private_key_passphrase', 'ansible_ssh_private_key_passphrase'],
  ...['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'],
  ...['ansible_host_key_checking', 'ansible_ssh_host_key_checking'],
  ...['ansible_timeout', 'ansible_ssh_timeout'],
  ...['ansible_become_method', 'ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'],
]

/** The first of some variables that is set, as text. @throws {PlayError} inventory, on any other type */
export function text(host: string, vars: Vars, ...names: string[]): string | undefined {
  return first(host, vars, names, 'a string', (value) => (typeof value === 'string' ? value : undefined))
}

/** The same for passwords, which YAML may have read as a number. */
export function textOrNumber(host: string, vars: Vars, ...names: string[]): string | undefined {
  return first(host, vars, names, 'a string', (value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : undefined,
  )
}

/** The same for yes and no. */
export function truth(host: string, vars: Vars, ...names: string[]): boolean | undefined {
  return first(host, vars, names, 'true or false', (value) => {
    if (typeof value === 'boolean') return value
    return TRUE.test(String(value)) ? true : FALSE.test(String(value)) ? false : undefined
  })
}
const TRUE = /^(true|yes|on|1)$/i
const FALSE = /^(false|no|off|0)$/i

/** The value itself is not shown: it may be a password. */
function first<T>(
  host: string,
  vars: Vars,
  names: string[],
  expected: string,
  read: (value: unknown) => T | undefined,
): T | undefined {
  const found = firstOf(host, vars, names)
  if (found === undefined) return undefined
  const result = read(found.value)
  if (result !== undefined) return result
  throw new PlayError(
    'inventory',
    `${host}: ${found.name} is of type ${kind(found.value)}, expected ${expected}`,
  )
}

/** The first that is set. @throws {UnknownError} where only the run will know it, such as what a program says */
export function firstOf(
  host: string,
  vars: Vars,
  names: readonly string[],
): { name: string; value: unknown } | undefined {
  for (const name of names) {
    const value = readOf(vars, name)
    if (value instanceof Unknown)
      throw new UnknownError(`${host}: ${name} is not known before the run: ${value.why}`)
    if (value !== undefined && value !== null) return { name, value }
  }
  return undefined
}

function readOf(vars: Vars, name: string): unknown {
  try {
    return vars[name]
  } catch (error) {
    if (error instanceof UnknownError) return new Unknown(error.message)
    throw error
  }
}

const kind = (value: unknown): string =>
  Array.isArray(value) ? 'list' : typeof value === 'object' ? 'mapping' : typeof value
