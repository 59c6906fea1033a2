import { matchesGlob } from '../../contract/glob.ts'
import { PlayError } from '../errors.ts'
import { path, type Tokens } from './spec-files.ts'
import { optionName } from './ssh-options.ts'

/** Ways of logging in, in play's order. */
const METHODS = ['publickey', 'password', 'keyboard-interactive'] as const
export type Method = (typeof METHODS)[number]

/** Algorithms that play speaks, best first: what ssh2 has, without SHA-1 and CBC. */
const SPOKEN = {
  kex: [
    'curve25519-sha256@libssh.org',
    'curve25519-sha256',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
} satisfies Record<string, string[]>
export type Algorithms = { kex?: string[]; cipher?: string[]; hmac: string[]; serverHostKey: string[] }

/** What options of ssh's demand of a connection (ssh_config(5)); ssh-options.ts has all options. */
export interface SshRules {
  /** In the order in which they are tried. */
  methods: readonly Method[]
  algorithms: Algorithms
  /** Kinds of keys to log in with; all when left out. */
  keyAlgorithms?: readonly string[]
  /** Of the agent's keys only those that a key file names. */
  identitiesOnly: boolean
  /** Bits. */
  requiredRsaSize: number
  /** A file. */
  revokedHostKeys?: string
  /** What known_hosts calls the host. */
  hostKeyAlias?: string
  /** The address must not be known by another key either. */
  checkHostIp: boolean
  /** Names that are learnt are hashed. */
  hashKnownHosts: boolean
  bindAddress?: string
  family?: 4 | 6
}

/** The first value of an option, by its lower-case name. */
export type First = (option: string) => string | undefined

/** @throws {PlayError} inventory: a value that ssh would not take, or that leaves nothing to speak with */
export function sshRules(host: string, first: First, tokens: Tokens): SshRules {
  const bad = (option: string, expected: string) =>
    new PlayError(
      'inventory',
      `${host}: ssh's ${optionName(option)} is ${first(option)}, expected ${expected}`,
    )
  const truth = (option: string): boolean | undefined => {
    const said = first(option)?.toLowerCase()
    if (said === undefined) return undefined
    if (['yes', 'true'].includes(said)) return true
    if (['no', 'false'].includes(said)) return false
    throw bad(option, 'yes or no')
  }
  const number = (option: string): number | undefined => {
    const said = first(option)
    if (said !== undefined && !/^\d{1,9}$/.test(said)) throw bad(option, 'a whole number')
    return said === undefined ? undefined : Number(said)
  }
  const named = (option: string) => (first(option)?.toLowerCase() === 'none' ? undefined : first(option))
  const chosen = (option: string, from: readonly string[]): string[] => {
    const left = choose(first(option), from)
    if (left.length === 0) throw bad(option, `some of ${from.join(', ')}`)
    return left
  }
  const refusal = named('refuseconnection')
  if (refusal !== undefined)
    throw new PlayError('inventory', `${host}: ssh's configuration refuses the connection: ${refusal}`)
  const families: Record<string, 4 | 6 | undefined> = { any: undefined, inet: 4, inet6: 6 }
  const family = first('addressfamily')?.toLowerCase() ?? 'any'
  if (!Object.hasOwn(families, family)) throw bad('addressfamily', 'any, inet or inet6')
  const keys = first('pubkeyacceptedalgorithms')
  const revoked = named('revokedhostkeys')
  const noPassword = truth('batchmode') === true || number('numberofpasswordprompts') === 0
  const off: Record<Method, boolean> = {
    publickey: ['no', 'false'].includes(first('pubkeyauthentication')?.toLowerCase() ?? ''),
    password: noPassword || truth('passwordauthentication') === false,
    'keyboard-interactive': noPassword || truth('kbdinteractiveauthentication') === false,
  }
  const preferred = first('preferredauthentications')?.split(',') ?? METHODS
  return {
    methods: METHODS.filter((method) => preferred.includes(method) && !off[method]).sort(
      (a, b) => preferred.indexOf(a) - preferred.indexOf(b),
    ),
    algorithms: {
      // Else ssh2's own, whose order is this machine's.
      ...(first('kexalgorithms') !== undefined && { kex: chosen('kexalgorithms', SPOKEN.kex) }),
      ...(first('ciphers') !== undefined && { cipher: chosen('ciphers', SPOKEN.cipher) }),
      hmac: chosen('macs', SPOKEN.hmac),
      serverHostKey: chosen('hostkeyalgorithms', SPOKEN.serverHostKey),
    },
    ...(keys !== undefined && { keyAlgorithms: chosen('pubkeyacceptedalgorithms', SPOKEN.serverHostKey) }),
    identitiesOnly: truth('identitiesonly') ?? false,
    requiredRsaSize: number('requiredrsasize') ?? 1024,
    ...(revoked !== undefined && { revokedHostKeys: path(revoked, tokens) }),
    hostKeyAlias: first('hostkeyalias'),
    checkHostIp: truth('checkhostip') ?? false,
    hashKnownHosts: truth('hashknownhosts') ?? false,
    bindAddress: first('bindaddress'),
    family: families[family],
  }
}

/** Where nothing is said. */
export const NO_RULES: SshRules = sshRules('', () => undefined, {})

/** A list of algorithms, with ssh's signs in front: + adds, - takes away, ^ puts in front. */
function choose(said: string | undefined, from: readonly string[]): string[] {
  const [, sign = '', list = ''] = /^([-+^]?)(.*)$/s.exec(said ?? '+') ?? []
  const patterns = list.split(',').map((pattern) => pattern.trim())
  const isNamed = (name: string) => patterns.some((pattern) => matchesGlob(pattern, name))
  if (sign === '+') return [...from]
  if (sign === '-') return from.filter((name) => !isNamed(name))
  const named = patterns.flatMap((pattern) => from.filter((name) => matchesGlob(pattern, name)))
  return [...new Set(sign === '^' ? [...named, ...from] : named)]
}
