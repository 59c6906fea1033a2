import { createHash, createHmac, randomBytes } from 'node:crypto'
import { withoutEnd } from '../../contract/ends.ts'

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  file: string
  /** from 1 */
  line: number
  revoked: boolean
  /** Comma-separated patterns, or one hashed name. */
  names: string
  type: string
  key: Buffer
}

export type Verdict =
  | { is: 'match' | 'unknown' }
  /** The host is known by another key: the first such line. */
  | { is: 'changed'; known: KnownHost }
  | { is: 'revoked'; known: KnownHost }

/** Lines that name no key (comments, damage) and certificate authorities are passed over. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((content, index) => {
    const words = content.trim().split(/[ \t]+/)
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined
    const [names, type, base64] = words
    if (!names || names.startsWith('#') || !type || !base64) return []
    if (marker !== undefined && marker !== '@revoked') return []
    const key = Buffer.from(base64, 'base64')
    return [{ file, line: index + 1, revoked: marker === '@revoked', names, type, key }]
  })
}

/** The lines that speak of a host, its revoked keys included. @param name as known_hosts has it */
export const linesOf = (known: readonly KnownHost[], name: string): KnownHost[] =>
  known.filter((line) => names(line.names, name))

/** A name that does not tell whose it is, as HashKnownHosts wants it. */
export function hashedName(name: string): string {
  const salt = randomBytes(20)
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash}`
}

/** The length of an RSA key's modulus, and undefined for a key of another type (RFC 4253, 6.6). */
export function rsaBits(key: Buffer): number | undefined {
  if (keyType(key) !== 'ssh-rsa') return undefined
  const exponent = 4 + key.readUInt32BE(0)
  const at = exponent + 4 + key.readUInt32BE(exponent)
  const modulus = key.subarray(at + 4, at + 4 + key.readUInt32BE(at))
  const first = modulus.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (modulus.length - first - 1) * 8 + (32 - Math.clz32(modulus[first]!))
}

/**
 * Judges the key that a host shows. Stricter than ssh in one case: a host that is known by keys of other types alone
 * counts as changed, since we ask for the known types first and whoever sits between could leave them out.
 */
export function judge(lines: readonly KnownHost[], key: Buffer): Verdict {
  const same = lines.filter((line) => line.key.equals(key))
  const revoked = same.find((line) => line.revoked)
  if (revoked) return { is: 'revoked', known: revoked }
  if (same.length > 0) return { is: 'match' }
  const type = keyType(key)
  const others = lines.filter((line) => !line.revoked)
  const known = others.find((line) => line.type === type) ?? others[0]
  return known ? { is: 'changed', known } : { is: 'unknown' }
}

/** How known_hosts names a host: with its port in brackets unless that is 22. */
export const knownName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${withoutEnd(createHash('sha256').update(key).digest('base64'), /=/)}`

/** The type that a public key's first field names (RFC 4253, 6.6). */
export const keyType = (key: Buffer): string =>
  key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0))

function names(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = patterns.split('|')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
  }
  const list = patterns.toLowerCase().split(',')
  if (list.some((pattern) => pattern.startsWith('!') && glob(pattern.slice(1), name))) return false
  return list.some((pattern) => glob(pattern, name))
}

function glob(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
