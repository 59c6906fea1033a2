import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { quoteWord } from '../../contract/quote.ts'
import { PlayError } from '../errors.ts'
import {
  fingerprint,
  hashedName,
  judge,
  type KnownHost,
  keyType,
  knownName,
  linesOf,
  parseKnownHosts,
  rsaBits,
} from './known-hosts.ts'
import { revokedIn } from './revoked-keys.ts'
import type { ConnectionSpec } from './types.ts'

/** Decides whether a host's key is taken, and which kinds of key to ask it for. */
export class HostKeyCheck {
  private readonly lines: KnownHost[]
  /** Why the key was not taken. */
  error: PlayError | undefined
  /** It is not the known one, and was taken all the same, since nothing is checked. */
  changed = false

  /** By the address that the name leads to, where that must not be known by another key (CheckHostIP). */
  private readonly linesOfAddress: KnownHost[]
  private readonly addressName: string

  /** @param address what the connection leads to, where it is a direct one */
  constructor(
    private readonly spec: ConnectionSpec,
    address?: string,
  ) {
    const known = spec.knownHostsFiles.flatMap(readKnownHosts)
    this.lines = linesOf(known, nameOf(spec))
    this.addressName = knownName(address?.replace(/^::ffff:(?=\d+\.)/, '') ?? '', spec.port)
    const { checkHostIp = false, hostKeyAlias } = spec.ssh ?? {}
    this.linesOfAddress =
      checkHostIp && address !== undefined && hostKeyAlias === undefined
        ? linesOf(known, this.addressName)
        : []
  }

  /** Kinds of key the host is known by, to be asked for first, so that it is not taken for unknown by another kind. */
  get knownTypes(): string[] {
    const types = this.lines.filter((line) => !line.revoked).map((line) => line.type)
    return [...new Set(types)].flatMap((type) =>
      type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type],
    )
  }

  accept(key: Buffer): boolean {
    const { hostKeyChecking, ssh } = this.spec
    const list = ssh?.revokedHostKeys
    this.error =
      tooShort(this.spec, key) ?? (list === undefined ? undefined : revokedIn(this.spec, list, key))
    if (this.error) return false
    const byAddress = judge(this.linesOfAddress, key)
    const isAddress = byAddress.is === 'changed' || byAddress.is === 'revoked'
    const verdict = isAddress ? byAddress : judge(this.lines, key)
    const name = isAddress ? this.addressName : nameOf(this.spec)
    if (verdict.is === 'match') return true
    if (verdict.is === 'revoked') this.error = revoked(this.spec, key, verdict.known)
    else if (hostKeyChecking === 'no') this.changed = verdict.is === 'changed'
    else if (verdict.is === 'changed') this.error = changed(this.spec, key, verdict.known, name)
    else if (hostKeyChecking === 'yes') this.error = unknown(this.spec, key)
    else learn(this.spec, key)
    return this.error === undefined
  }
}

const parsed = new Map<string, { stamp: string; lines: KnownHost[] }>()

/** A file that is not there knows nobody. Parsed once for all hosts, until it changes. */
function readKnownHosts(file: string): KnownHost[] {
  try {
    const { mtimeMs, size } = statSync(file)
    const stamp = `${mtimeMs} ${size}`
    const before = parsed.get(file)
    if (before?.stamp === stamp) return before.lines
    const lines = parseKnownHosts(readFileSync(file, 'utf8'), file)
    parsed.set(file, { stamp, lines })
    return lines
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new PlayError('host_key', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** How known_hosts calls the host. */
const nameOf = ({ address, port, ssh }: ConnectionSpec): string =>
  ssh?.hostKeyAlias?.toLowerCase() ?? knownName(address, port)

function learn(spec: ConnectionSpec, key: Buffer): void {
  const {
    name,
    knownHostsFiles: [file],
  } = spec
  if (!file) return
  const known = spec.ssh?.hashKnownHosts ? hashedName(nameOf(spec)) : nameOf(spec)
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const before = lastByte(file)
    const line = `${known} ${keyType(key)} ${key.toString('base64')}\n`
    appendFileSync(file, before === '' || before === '\n' ? line : `\n${line}`, { mode: 0o600 })
  } catch (cause) {
    throw new PlayError(
      'host_key',
      `${name}: its key cannot be added to ${file}: ${(cause as Error).message}`,
      { cause },
    )
  }
}

function lastByte(file: string): string {
  try {
    return readFileSync(file, 'latin1').slice(-1)
  } catch {
    return ''
  }
}

function tooShort(spec: ConnectionSpec, key: Buffer): PlayError | undefined {
  const bits = rsaBits(key)
  const wanted = spec.ssh?.requiredRsaSize ?? 0
  if (bits === undefined || bits >= wanted) return undefined
  return new PlayError(
    'host_key',
    `${spec.name}: ${nameOf(spec)} shows an RSA key of ${bits} bits, expected ${wanted} or more (RequiredRSASize)`,
    { hint: 'give the machine a longer host key (ssh-keygen -A there makes those that are missing)' },
  )
}

const show = (key: Buffer): string => `${keyType(key)} ${fingerprint(key)}`

function scan(spec: ConnectionSpec, key: Buffer): string {
  const { address, port, knownHostsFiles, ssh } = spec
  const own = knownHostsFiles.find((name) => name !== '/dev/null' && !name.startsWith('/etc/'))
  const file = own ?? '~/.ssh/known_hosts'
  const type = keyType(key).replace(/^ssh-|-sha2-.*/gs, '')
  const alias = ssh?.hostKeyAlias === undefined ? '' : ` | sed 's/^[^ ]*/${nameOf(spec)}/'`
  return `ssh-keyscan -t ${type} -p ${port} ${quoteWord(address)}${alias} >> ${tilde(file)}`
}
const tilde = (file: string): string => (file.startsWith('~/') ? file : quoteWord(file))

function unknown(spec: ConnectionSpec, key: Buffer): PlayError {
  return new PlayError('host_key', `${spec.name}: the host key of ${nameOf(spec)} is not known`, {
    hint: `compare the fingerprint with the machine's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there); if they are equal: ${scan(spec, key)}`,
    details: [`it shows ${show(key)}`, `looked in ${spec.knownHostsFiles.join(', ') || 'no file'}`],
  })
}

function changed(spec: ConnectionSpec, key: Buffer, known: KnownHost, name: string): PlayError {
  return new PlayError(
    'host_key',
    `${spec.name}: the host key of ${name} is not the known one: the machine was reinstalled, or this is another one`,
    {
      hint: `if you know that it was reinstalled: ssh-keygen -R ${quoteWord(name)} -f ${quoteWord(known.file)} && ${scan(spec, key)}`,
      details: [`it shows ${show(key)}`, `known is ${show(known.key)}, at ${known.file}:${known.line}`],
    },
  )
}

function revoked(spec: ConnectionSpec, key: Buffer, known: KnownHost): PlayError {
  return new PlayError('host_key', `${spec.name}: ${nameOf(spec)} shows a host key that was revoked`, {
    hint: 'do not connect: give the machine a new host key (ssh-keygen -A after removing the old one)',
    details: [`it shows ${show(key)}`, `revoked at ${known.file}:${known.line}`],
  })
}
