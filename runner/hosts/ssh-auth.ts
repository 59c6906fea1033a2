import { readFileSync } from 'node:fs'
import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type BaseAgent,
  type IdentityCallback,
  type ParsedKey,
} from 'ssh2'
import { PlayError } from '../errors.ts'
import { publicHalf } from './key-file.ts'
import { fingerprint, keyType, rsaBits } from './known-hosts.ts'
import { type Method, NO_RULES, type SshRules } from './ssh-rules.ts'
import type { ConnectionSpec } from './types.ts'

interface Attempt {
  label: string
  kind: AuthenticationType
  method: AnyAuthMethod
}

/**
 * The ways of logging in, tried in turn: key files, agent, password. Remembers what became of each. Where the host key is
 * not the known one, key files alone are: whoever is there may be another machine, and would have the password
 * (ssh_config(5), StrictHostKeyChecking).
 */
export class Authentication {
  private readonly attempts: Attempt[] = []
  private readonly tried: string[] = []
  private encrypted: string | undefined
  private accepted: readonly string[] = []
  private readonly rules: SshRules

  constructor(
    private readonly spec: ConnectionSpec,
    private readonly hostKey: { changed: boolean } = { changed: false },
  ) {
    this.rules = spec.ssh ?? NO_RULES
    for (const method of this.rules.methods) this.addMethod[method]()
    if (spec.password !== undefined && !this.rules.methods.includes('password'))
      this.tried.push("the password: not offered, since ssh's options do not allow it")
    if (!this.rules.methods.includes('publickey'))
      this.tried.push("keys: not offered, since ssh's options do not allow them")
  }

  private readonly addMethod: Record<Method, () => void> = {
    publickey: () => {
      const { spec } = this
      for (const file of spec.privateKeyFiles) this.addKey(file)
      const agent = spec.agent && agentFor(spec, (key) => this.objection(key) === undefined)
      if (agent) this.add('agent', `keys of the agent at ${spec.agent}`, { agent })
    },
    password: () => {
      const { password } = this.spec
      if (password !== undefined) this.add('password', 'the password', { password })
    },
    'keyboard-interactive': () => {
      const { password } = this.spec
      if (password === undefined) return
      this.add('keyboard-interactive', "the password, on the server's prompt", {
        prompt: (...args: unknown[]) => {
          const [prompts, finish] = args.slice(-2) as [unknown[], (answers: string[]) => void]
          finish(prompts.map(() => password))
        },
      })
    },
  }

  /** For ssh2: the next method, or false when none is left. `left` is null before the first answer. */
  next = (left: readonly AuthenticationType[] | null): AnyAuthMethod | false => {
    if (left) this.accepted = left
    // A password is not sent before the server has said that it takes one.
    else if (this.attempts[0] && !['publickey', 'agent'].includes(this.attempts[0].kind))
      return { type: 'none', username: this.spec.user }
    for (let attempt = this.attempts.shift(); attempt; attempt = this.attempts.shift()) {
      const wanted = attempt.kind === 'agent' ? 'publickey' : attempt.kind
      if (left && !left.includes(wanted)) continue
      if (this.hostKey.changed && attempt.kind !== 'publickey') {
        this.tried.push(`${attempt.label}: not offered, since the host key is not the known one`)
        continue
      }
      this.tried.push(`${attempt.label}: not accepted`)
      return attempt.method
    }
    return false
  }

  /** Why nobody was let in. */
  error(): PlayError {
    const { spec, encrypted, accepted } = this
    const none = this.tried.length === 0 ? ': there is no key or password to try' : ''
    const hint = encrypted
      ? `add the key to an agent (ssh-add ${encrypted}), which play uses through SSH_AUTH_SOCK`
      : `put your public key there (ssh-copy-id -p ${spec.port} ${spec.user}@${spec.address}), or name the right key with --private-key and the right user with -u`
    return new PlayError('auth', `${spec.name}: ${spec.address} did not let ${spec.user} in${none}`, {
      hint,
      details: [...this.tried, ...(accepted.length > 0 ? [`the server takes: ${accepted.join(', ')}`] : [])],
    })
  }

  private add(kind: AuthenticationType, label: string, fields: object): void {
    this.attempts.push({
      kind,
      label,
      method: { type: kind, username: this.spec.user, ...fields } as AnyAuthMethod,
    })
  }

  private addKey(file: string): void {
    const key = this.readKey(file)
    const why = typeof key === 'string' ? key : this.objection(key)
    if (why !== undefined) this.tried.push(`${file}: ${why}`)
    else this.add('publickey', `${file} (${fingerprint((key as ParsedKey).getPublicSSH())})`, { key })
  }

  /** Why ssh's options do not let a key be offered. */
  private objection(key: ParsedKey): string | undefined {
    const { keyAlgorithms, requiredRsaSize } = this.rules
    const blob = key.getPublicSSH()
    const algorithm = keyType(blob) === 'ssh-rsa' ? 'rsa-sha2-256' : keyType(blob)
    if (keyAlgorithms && !keyAlgorithms.includes(algorithm))
      return 'not offered: see PubkeyAcceptedAlgorithms'
    const bits = rsaBits(blob)
    return bits !== undefined && bits < requiredRsaSize
      ? `not offered: ${bits} bits, expected ${requiredRsaSize} or more (RequiredRSASize)`
      : undefined
  }

  /** The key, or what is wrong with its file. */
  private readKey(file: string): ParsedKey | string {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      return code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'not readable for you'
          : message
    }
    const key = parse(text, this.spec.passphrase)
    if (!(key instanceof Error)) return key.isPrivateKey() ? key : 'a public key; the private one is needed'
    if (!/passphrase|encrypted|integrity|decrypt/i.test(key.message))
      return `not a private key (${key.message})`
    this.encrypted ??= file
    return this.spec.passphrase === undefined
      ? 'encrypted, and there is no passphrase'
      : 'the passphrase is wrong'
  }
}

const keys = new Map<string, ParsedKey | Error>()

/** Parsed once for all hosts: an encrypted key takes long by design. */
function parse(text: string, passphrase: string | undefined): ParsedKey | Error {
  const name = `${passphrase ?? ''}\0${text}`
  let key = keys.get(name)
  if (!key) {
    key = ssh2.utils.parseKey(text, passphrase)
    keys.set(name, key)
  }
  return key
}

/**
 * The agent, asked first for the keys whose public halves are known by the key files: a server counts the tries. With
 * IdentitiesOnly it is asked for no others.
 */
function agentFor(
  { agent, privateKeyFiles, ssh }: ConnectionSpec,
  isTaken: (key: ParsedKey) => boolean,
): BaseAgent {
  const wanted = new Set(privateKeyFiles.map(publicHalf))
  const isWanted = (key: ParsedKey) => wanted.has(key.getPublicSSH().toString('base64'))
  const made = ssh2.createAgent(agent!)
  const all = made.getIdentities.bind(made)
  made.getIdentities = (done: IdentityCallback) =>
    all((error, found) => {
      const keys = ((found ?? []) as ParsedKey[]).filter(isTaken)
      const others = ssh?.identitiesOnly ? [] : keys.filter((key) => !isWanted(key))
      done(error, [...keys.filter(isWanted), ...others])
    })
  return made
}
