import { isIPv6 } from 'node:net'
import { PlayError, type Pos } from '../../errors.ts'

/** Above this a range is a slip of the pen rather than a fleet. */
const MAX_HOSTS = 100_000
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const HOST_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u

/**
 * The hosts that one inventory entry names: `web[01:10:2].example.com:2222` is five hosts and a port. Ranges include
 * their end; a leading zero fixes the width; letters run a-z, then A-Z (Ansible, "Adding ranges of hosts").
 *
 * @throws {PlayError} code 'inventory'
 */
export function expandHosts(entry: string, pos: () => Pos): { names: string[]; port?: number } {
  const { name, port } = splitPort(entry, pos)
  if (name.includes(':') && isIPv6(name)) return { names: [name], port }
  const names = name.includes('[') || name.includes(']') ? expand(name, pos) : [name]
  for (const each of names) {
    if (HOST_NAME.test(each)) continue
    throw new PlayError('inventory', `${JSON.stringify(each)} is not a host name`, {
      pos: pos(),
      hint: hintFor(each),
    })
  }
  return { names, port }
}

/** Also `[fe80::1]:22`; an address without brackets has no port. */
function splitPort(entry: string, pos: () => Pos): { name: string; port?: number } {
  if (!entry.includes(':')) return { name: entry }
  if (entry.includes(':') && isIPv6(entry)) return { name: entry }
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry)
  if (bracketed && isIPv6(bracketed[1]!)) return { name: bracketed[1]!, port: portOf(bracketed[2], pos) }
  const found = /^(.*[^:]):(\d+)$/.exec(entry)
  return found ? { name: found[1]!, port: portOf(found[2], pos) } : { name: entry }
}

function portOf(digits: string | undefined, pos: () => Pos): number | undefined {
  if (digits === undefined) return undefined
  const port = Number(digits)
  if (port >= 1 && port <= 65_535) return port
  throw new PlayError('inventory', `${digits} is not a port`, { pos: pos(), hint: 'ports are 1 to 65535' })
}

function expand(name: string, pos: () => Pos): string[] {
  const parts = name.split(/(\[[^[\]]*\])/)
  let names = ['']
  for (const part of parts) {
    const choices = part.startsWith('[') && part.endsWith(']') ? range(part, pos) : [part]
    if (names.length * choices.length > MAX_HOSTS) {
      throw new PlayError('inventory', `${name} names more than ${MAX_HOSTS} hosts`, { pos: pos() })
    }
    names = names.flatMap((head) => choices.map((choice) => head + choice))
  }
  return names
}

function range(brackets: string, pos: () => Pos): string[] {
  const fail = (why: string, hint?: string): never => {
    throw new PlayError('inventory', `the range ${brackets} ${why}`, { pos: pos(), hint })
  }
  const [begin = '', end = '', step = '1', ...rest] = brackets.slice(1, -1).split(':')
  if (end === '' || rest.length > 0) fail('is not begin:end or begin:end:step', 'write web[01:10] or db[a:f]')
  if (!/^\d{1,9}$/.test(step) || Number(step) === 0) fail(`has the step ${step}`, 'a step is 1 or more')
  const letters = /^[a-zA-Z]$/.test(begin) && /^[a-zA-Z]$/.test(end)
  if (!letters && !(/^\d{0,15}$/.test(begin) && /^\d{1,15}$/.test(end))) {
    fail('runs neither between two numbers nor between two letters')
  }
  const first = letters ? LETTERS.indexOf(begin) : Number(begin)
  const last = letters ? LETTERS.indexOf(end) : Number(end)
  if (first > last) fail('ends before it begins', `write [${end}:${begin}]`)
  const width = begin.length > 1 && begin.startsWith('0') ? begin.length : 0
  if (width > 0 && end.length !== width) {
    fail('has ends of different width', `write [${begin}:${end.padStart(width, '0')}]`)
  }
  const count = Math.floor((last - first) / Number(step)) + 1
  if (count > MAX_HOSTS) fail(`has more than ${MAX_HOSTS} members`)
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * Number(step)
    return letters ? LETTERS[at]! : String(at).padStart(width, '0')
  })
}

function hintFor(name: string): string {
  if (name.includes('=')) return 'variables of a group stand in a section [group:vars]'
  if (name.includes('@')) return 'write the user as a variable: ansible_user=…'
  return 'letters, digits, dots, hyphens and underscores make one'
}
