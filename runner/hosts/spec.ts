import { userInfo } from 'node:os'
import { PlayError } from '../errors.ts'
import { connectionKind } from './connection-kind.ts'
import { hopOf } from './hop.ts'
import { agentOf, keyFiles, knownHostsFiles, path, type Tokens } from './spec-files.ts'
import { parseSshArgs, type SshOptions } from './ssh-args.ts'
import { sshConfigOf } from './ssh-config-file.ts'
import { refuseOptions, toldOptions } from './ssh-objections.ts'
import { sshRules } from './ssh-rules.ts'
import type { ConnectionSpec } from './types.ts'
import { firstOf, text, textOrNumber, truth, type Vars } from './variables.ts'

export interface SpecOptions {
  /** -u or `remote_user`. */
  remoteUser?: string
  /** `port` */
  port?: number
  /** `connection` */
  connection?: string
  /** `become_method` */
  becomeMethod?: string
  privateKeyFile?: string
  /** -K */
  becomePassword?: string
  /** -k: the login user's password. */
  askPassword?: string
  /** Seconds to connect. */
  timeout?: number
  hostKeyChecking?: boolean
  /** As the variables ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args. */
  sshArgs?: Readonly<Partial<Record<(typeof SSH_ARGS)[number], string>>>
  sshConfigFile?: string
}

const SSH_ARGS = ['ssh_args', 'ssh_common_args', 'ssh_extra_args'] as const

/**
 * How to reach a host. Of two names for one thing the older one counts, as in Ansible. As there, a variable is above the option or keyword of the same meaning, and both are
 * above ssh's own arguments (`ansible_ssh_common_args`), which are above its configuration files
 * (Ansible, "Controlling how Ansible behaves: precedence rules"; ssh_config(5)).
 *
 * @throws {PlayError} inventory: a variable that means nothing; file: a configuration file that is not there
 */
export function connectionSpec(name: string, vars: Vars, options: SpecOptions): ConnectionSpec {
  const host = text(name, vars, 'ansible_ssh_host', 'ansible_host')
  const becomePassword =
    textOrNumber(name, vars, 'ansible_sudo_pass', 'ansible_become_pass', 'ansible_become_password') ??
    options.becomePassword
  const becomeMethod = methodOf(name, vars, options.becomeMethod)
  if (isLocal(name, vars, host, options.connection))
    return { ...localSpec(name, becomePassword), becomeMethod }

  const alias = host ?? name
  const wantedUser = text(name, vars, 'ansible_ssh_user', 'ansible_user') ?? options.remoteUser
  const args = SSH_ARGS.map((which) =>
    parseSshArgs(text(name, vars, `ansible_${which}`) ?? options.sshArgs?.[which] ?? ''),
  )
  const configFile = args.flatMap((one) => one.configfile ?? [])[0] ?? options.sshConfigFile
  const config = sshConfigOf(alias, wantedUser, configFile && path(configFile, {}))
  SSH_ARGS.forEach((which, index) => {
    refuseOptions(name, `ansible_${which}`, args[index]!, 'arguments')
  })
  refuseOptions(name, "ssh's configuration", config, 'files')
  const sources = [...args, config]
  const first = firstIn(sources)

  const user = wantedUser ?? first('user') ?? userInfo().username
  const port = portOf(
    name,
    firstOf(name, vars, ['ansible_ssh_port', 'ansible_port'])?.value ?? options.port ?? first('port') ?? 22,
  )
  const address = (config.hostname?.[0] ?? alias).replaceAll('%h', alias)
  const tokens = { h: address, n: alias, p: String(port), r: user }
  const jumps = first('proxyjump')
  const proxyJump =
    !jumps || jumps === 'none' ? [] : jumps.split(',').map((hop) => resolveHop(name, hop, configFile))
  const keyFile =
    text(name, vars, 'ansible_ssh_private_key_file', 'ansible_private_key_file') ?? options.privateKeyFile
  const privateKeyFiles = keyFiles(keyFile, [...sources, ...proxyJump.map((hop) => hop.config)], tokens)
  /** What arguments say of the host's own key says nothing of machines on the way. */
  const ofHops = args.map((one) => ({ ...one, hostkeyalias: undefined }))
  const verified = (from: readonly SshOptions[], own: Tokens) => {
    const firstOf = firstIn(from)
    const ssh = sshRules(name, firstOf, own)
    return {
      ssh,
      agent: agentOf(firstOf('identityagent'), ssh.identitiesOnly, privateKeyFiles, own),
      knownHostsFiles: knownHostsFiles(from, own),
      hostKeyChecking: hostKeyChecking(name, vars, firstOf('stricthostkeychecking'), options.hostKeyChecking),
    }
  }
  return {
    name,
    kind: 'ssh',
    address,
    port,
    user,
    privateKeyFiles,
    password:
      textOrNumber(name, vars, 'ansible_ssh_password', 'ansible_ssh_pass', 'ansible_password') ??
      options.askPassword,
    passphrase: textOrNumber(
      name,
      vars,
      'ansible_ssh_private_key_passphrase',
      'ansible_private_key_passphrase',
    ),
    ...verified(sources, tokens),
    proxyJump: proxyJump.map((hop) => hop.target),
    hops: proxyJump.map((hop) => verified([...ofHops, hop.config], hop.tokens)),
    warnings: toldOptions([config, ...proxyJump.map((hop) => hop.config)]),
    connectTimeout:
      1000 *
      seconds(
        name,
        firstOf(name, vars, ['ansible_ssh_timeout', 'ansible_timeout'])?.value ??
          options.timeout ??
          first('connecttimeout'),
      ),
    becomePassword,
    becomeMethod,
  }
}

/** Where the login user is root neither is needed. */
function methodOf(name: string, vars: Vars, keyword: string | undefined): ConnectionSpec['becomeMethod'] {
  const method = (text(name, vars, 'ansible_become_method') ?? keyword)?.replace(/^ansible\.builtin\./, '')
  if (method === undefined || method === 'sudo') return undefined
  if (method === 'su') return 'su'
  throw new PlayError('inventory', `${name}: ansible_become_method is ${method}, expected sudo or su`)
}

function isLocal(name: string, vars: Vars, host: string | undefined, keyword: string | undefined): boolean {
  const kind = connectionKind(name, text(name, vars, 'ansible_connection') ?? keyword, host)
  if (kind === 'local' || kind === 'ssh') return kind === 'local'
  throw new PlayError('inventory', `${name}: ansible_connection is ${kind}, expected ssh or local`, {
    hint: 'remove the variable to connect with ssh',
  })
}

function localSpec(name: string, becomePassword: string | undefined): ConnectionSpec {
  return {
    name,
    kind: 'local',
    address: 'localhost',
    port: 0,
    user: userInfo().username,
    privateKeyFiles: [],
    knownHostsFiles: [],
    hostKeyChecking: 'yes',
    proxyJump: [],
    connectTimeout: 10_000,
    becomePassword,
  }
}

function portOf(name: string, value: unknown): number {
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new PlayError(
    'inventory',
    `${name}: ansible_port is ${String(value)}, expected a number from 1 to 65535`,
  )
}

/** Ansible waits 10 s by default (DEFAULT_TIMEOUT). */
function seconds(name: string, value: unknown = 10): number {
  const number = Number(value)
  if (number > 0) return number
  throw new PlayError(
    'inventory',
    `${name}: the time to connect is ${String(value)}, expected seconds, more than 0`,
  )
}

/** The first source that says something of an option counts (ssh_config(5)). */
const firstIn =
  (sources: readonly SshOptions[]) =>
  (option: string): string | undefined =>
    sources.find((source) => source[option])?.[option]?.[0]

/** A machine on the way may be an alias of the configuration too. */
function resolveHop(
  name: string,
  hop: string,
  configFile: string | undefined,
): { target: string; config: SshOptions; tokens: Tokens } {
  const { user, host: alias, port } = hopOf(hop.trim().replace(/^ssh:\/\//, ''))
  if (!alias) throw new PlayError('inventory', `${name}: ProxyJump is ${hop}, expected user@host:port`)
  const config = sshConfigOf(alias, user, configFile && path(configFile, {}))
  refuseOptions(name, `ssh's configuration of ${alias}`, config, 'files')
  const address = (config.hostname?.[0] ?? alias).replaceAll('%h', alias)
  const login = user ?? config.user?.[0] ?? userInfo().username
  const at = portOf(name, port ?? config.port?.[0] ?? 22)
  return {
    target: `${login}@${address.includes(':') ? `[${address}]` : address}:${at}`,
    config,
    tokens: { h: address, n: alias, p: String(at), r: login },
  }
}

function hostKeyChecking(
  name: string,
  vars: Vars,
  configured: string | undefined,
  otherwise: boolean | undefined,
): ConnectionSpec['hostKeyChecking'] {
  const said = truth(name, vars, 'ansible_ssh_host_key_checking', 'ansible_host_key_checking') ?? otherwise
  if (said === false) return 'no'
  const asked = configured?.toLowerCase() ?? 'yes'
  if (asked === 'accept-new') return 'accept-new'
  return ['no', 'off', 'false'].includes(asked) ? 'no' : 'yes'
}
