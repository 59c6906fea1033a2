import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { isLocked } from './key-file.ts'
import { type SshOptions, splitWords } from './ssh-args.ts'

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** The private keys to try: all that are named, else the usual ones that are there. */
export function keyFiles(own: string | undefined, sources: SshOptions[], tokens: Tokens): string[] {
  const named = [...(own ? [own] : []), ...sources.flatMap((source) => source.identityfile ?? [])]
  if (named.length > 0)
    return [...new Set(named.filter((file) => file !== 'none').map((file) => path(file, tokens)))]
  return DEFAULT_KEYS.map((file) => join(homedir(), '.ssh', file)).filter((file) => existsSync(file))
}

/** With IdentitiesOnly the agent serves only for keys whose files cannot be used by themselves; ssh-auth.ts asks it for no others. */
export function agentOf(
  configured: string | undefined,
  identitiesOnly: boolean,
  files: readonly string[],
  tokens: Tokens,
): string | undefined {
  if (configured === 'none' || (identitiesOnly && !files.some(isLocked))) return undefined
  const named =
    configured && configured !== 'SSH_AUTH_SOCK' ? path(configured, tokens) : process.env.SSH_AUTH_SOCK
  return named || undefined
}

const DEFAULT_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
const SYSTEM_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']

/** The user's files, or those named instead, then the system's, or those named instead. */
export function knownHostsFiles(sources: readonly SshOptions[], tokens: Tokens): string[] {
  const filesOf = (option: string, usual: string[]): string[] => {
    const list = sources.find((source) => source[option])?.[option] ?? usual
    return list.length > 1 ? list : splitWords(list[0] ?? '')
  }
  const user = filesOf('userknownhostsfile', DEFAULT_KNOWN_HOSTS)
  const system = filesOf('globalknownhostsfile', SYSTEM_KNOWN_HOSTS)
  // 'none' must stay in its place: what is learnt goes into the first file.
  return [...user, ...system].map((file) => (file === 'none' ? '/dev/null' : path(file, tokens)))
}

export type Tokens = Record<string, string>

/** A file of ssh's configuration: ~ and the tokens of ssh_config(5), TOKENS; relative to the present folder. */
export function path(file: string, tokens: Tokens): string {
  const all: Tokens = { ...tokens, d: homedir(), u: userInfo().username, i: String(userInfo().uid), '%': '%' }
  const plain = file.replace(/%([a-zA-Z%])/g, (token, letter: string) => all[letter] ?? token)
  return plain.startsWith('~/') ? join(homedir(), plain.slice(2)) : resolve(plain)
}
