/** What play makes of an option of ssh_config(5). What is not in the table counts as `told`. */
export type Stance =
  /** It counts as it does for ssh. @param how what of it, where that is not all. @param only in configuration files alone */
  | { is: 'heeded'; how?: string; only?: 'files' }
  /** Whatever it says, passing it over gives nobody more than ssh would. */
  | { is: 'harmless'; why: string }
  /** An error, but with the values in `unless`. */
  | { is: 'refused'; why: string; instead: string; unless?: readonly string[] }
  /** The same in arguments, and a warning in a configuration file, which may be there for other programs. */
  | { is: 'told'; why: string; instead: string; unless?: readonly string[] }

const heeded = (how?: string): Stance => ({ is: 'heeded', ...(how && { how }) })
const harmless = (why: string): Stance => ({ is: 'harmless', why })

const FORWARDS = harmless('play forwards nothing')
const TERMINAL = harmless('play has no terminal on the host')
const SAYS = harmless('only about what ssh prints')
const LOGS_IN = harmless('play logs in with keys and passwords only')
const OWN_LINE = harmless('play keeps one connection open by itself')
const CANONICAL = harmless('counts with CanonicalizeHostname only')
const LIST = '`+` adds nothing that play does not speak, and a list that leaves nothing is refused'

/** All options of OpenSSH 10.1, and those of Debian and macOS. */
export const SSH_OPTIONS: Readonly<Record<string, Stance>> = {
  AddKeysToAgent: harmless('play adds no keys to an agent'),
  AddressFamily: heeded(),
  BatchMode: heeded('`yes`: no password is offered'),
  BindAddress: heeded(),
  BindInterface: {
    is: 'refused',
    why: 'play cannot choose the interface',
    instead: 'BindAddress with its address',
    unless: ['none'],
  },
  CanonicalDomains: CANONICAL,
  CanonicalizeFallbackLocal: CANONICAL,
  CanonicalizeHostname: {
    is: 'told',
    why: 'names are not made whole, and what is said of the whole name does not count',
    instead: 'HostName, or ansible_host with the whole name',
    unless: ['no', 'none', 'false'],
  },
  CanonicalizeMaxDots: CANONICAL,
  CanonicalizePermittedCNAMEs: CANONICAL,
  CASignatureAlgorithms: harmless('play trusts no certificates of hosts'),
  CertificateFile: {
    is: 'told',
    why: 'play shows no certificates',
    instead: 'a key that the host knows, in IdentityFile',
    unless: ['none'],
  },
  ChannelTimeout: harmless('what runs on the host ends with the run'),
  CheckHostIP: heeded(),
  Ciphers: heeded(LIST),
  ClearAllForwardings: FORWARDS,
  Compression: harmless('play compresses nothing'),
  ConnectionAttempts: harmless('play tries once'),
  ConnectTimeout: heeded(),
  ControlMaster: OWN_LINE,
  ControlPath: OWN_LINE,
  ControlPersist: OWN_LINE,
  DynamicForward: FORWARDS,
  EnableEscapeCommandline: TERMINAL,
  EnableSSHKeysign: LOGS_IN,
  EscapeChar: TERMINAL,
  ExitOnForwardFailure: FORWARDS,
  FingerprintHash: SAYS,
  ForkAfterAuthentication: TERMINAL,
  ForwardAgent: harmless('play never forwards the agent'),
  ForwardX11: FORWARDS,
  ForwardX11Timeout: FORWARDS,
  ForwardX11Trusted: FORWARDS,
  GatewayPorts: FORWARDS,
  GlobalKnownHostsFile: heeded(),
  GSSAPIAuthentication: LOGS_IN,
  GSSAPIClientIdentity: LOGS_IN,
  GSSAPIDelegateCredentials: LOGS_IN,
  GSSAPIKexAlgorithms: LOGS_IN,
  GSSAPIKeyExchange: LOGS_IN,
  GSSAPIRenewalForcesRekey: LOGS_IN,
  GSSAPIServerIdentity: LOGS_IN,
  GSSAPITrustDns: LOGS_IN,
  HashKnownHosts: heeded(),
  Host: { is: 'heeded', only: 'files' },
  HostbasedAcceptedAlgorithms: LOGS_IN,
  HostbasedAuthentication: LOGS_IN,
  HostKeyAlgorithms: heeded(LIST),
  HostKeyAlias: heeded(),
  HostName: heeded(),
  IdentitiesOnly: heeded(),
  IdentityAgent: heeded(),
  IdentityFile: heeded(),
  IgnoreUnknown: heeded('a name that matches is not told'),
  Include: { is: 'heeded', only: 'files' },
  IPQoS: harmless('only about the order of packets'),
  KbdInteractiveAuthentication: heeded(),
  KbdInteractiveDevices: harmless('the server chooses'),
  KexAlgorithms: heeded(LIST),
  KnownHostsCommand: {
    is: 'refused',
    why: 'play does not run it, and it may say which keys are revoked',
    instead: 'UserKnownHostsFile with a file that holds its lines',
    unless: ['none'],
  },
  LocalCommand: harmless('nothing is run on this machine'),
  LocalForward: FORWARDS,
  LogLevel: SAYS,
  LogVerbose: SAYS,
  MACs: heeded(LIST),
  Match: {
    is: 'heeded',
    how: 'by `all`, `final`, `host`, `originalhost`, `user`, `localuser`; another is told where options that count stand under it, and does not match',
    only: 'files',
  },
  NoHostAuthenticationForLocalhost: harmless('play verifies this machine too'),
  NumberOfPasswordPrompts: heeded('`0`: no password is offered; else it is offered once'),
  ObscureKeystrokeTiming: TERMINAL,
  PasswordAuthentication: heeded(),
  PermitLocalCommand: harmless('nothing is run on this machine'),
  PermitRemoteOpen: FORWARDS,
  PKCS11Provider: {
    is: 'told',
    why: 'play loads no libraries',
    instead: 'ssh-add -s LIBRARY: keys of tokens are used through the agent',
    unless: ['none'],
  },
  Port: heeded(),
  PreferredAuthentications: heeded('ways that it does not name are not tried'),
  ProxyCommand: {
    is: 'refused',
    why: 'play does not run it',
    instead: 'ProxyJump: -J user@gateway in ansible_ssh_common_args, or ProxyJump in ~/.ssh/config',
    unless: ['none'],
  },
  ProxyJump: heeded(),
  ProxyUseFdpass: harmless('counts with ProxyCommand only'),
  PubkeyAcceptedAlgorithms: heeded(
    'keys of other kinds are not offered; an RSA key counts with `rsa-sha2-256`',
  ),
  PubkeyAuthentication: heeded(),
  RefuseConnection: heeded(),
  RekeyLimit: {
    is: 'told',
    why: 'new keys are made for a connection when the server wants them, not before',
    instead: 'RekeyLimit in sshd_config of the host',
    unless: ['default', 'default none'],
  },
  RemoteCommand: harmless('play runs what tasks say'),
  RemoteForward: FORWARDS,
  RequestTTY: TERMINAL,
  RequiredRSASize: heeded(),
  RevokedHostKeys: heeded('a text file; a list of ssh-keygen -k (KRL) is refused'),
  SecurityKeyProvider: {
    is: 'told',
    why: 'play loads no libraries',
    instead: 'ssh-add: keys of tokens are used through the agent',
    unless: ['none', 'internal'],
  },
  SendEnv: harmless('commands get the environment that tasks say'),
  ServerAliveCountMax: harmless('play asks the host every 15 s, and gives it up after four'),
  ServerAliveInterval: harmless('play asks the host every 15 s, and gives it up after four'),
  SessionType: TERMINAL,
  SetEnv: harmless('commands get the environment that tasks say'),
  StdinNull: TERMINAL,
  StreamLocalBindMask: FORWARDS,
  StreamLocalBindUnlink: FORWARDS,
  StrictHostKeyChecking: heeded('`ask` is `yes`'),
  SyslogFacility: SAYS,
  Tag: {
    is: 'told',
    why: 'what stands under Match tagged does not count',
    instead: 'Host with the names of the hosts',
    unless: ['none'],
  },
  TCPKeepAlive: harmless('play has the system ask too'),
  Tunnel: FORWARDS,
  TunnelDevice: FORWARDS,
  UpdateHostKeys: harmless('play learns no further keys of a known host'),
  UseKeychain: harmless('of macOS: play asks no keychain'),
  User: heeded(),
  UserKnownHostsFile: heeded(),
  VerifyHostKeyDNS: harmless('play believes no keys that the DNS names'),
  VersionAddendum: harmless('only about how ssh calls itself'),
  VisualHostKey: SAYS,
  WarnWeakCrypto: SAYS,
  XAuthLocation: FORWARDS,
}

/** Other names of options, as ssh takes them. */
export const SSH_ALIASES: Readonly<Record<string, string>> = {
  ChallengeResponseAuthentication: 'KbdInteractiveAuthentication',
  SkeyAuthentication: 'KbdInteractiveAuthentication',
  TISAuthentication: 'KbdInteractiveAuthentication',
  DSAAuthentication: 'PubkeyAuthentication',
  HostbasedKeyTypes: 'HostbasedAcceptedAlgorithms',
  PubkeyAcceptedKeyTypes: 'PubkeyAcceptedAlgorithms',
  IdentityFile2: 'IdentityFile',
  KeepAlive: 'TCPKeepAlive',
  ProtocolKeepAlives: 'ServerAliveInterval',
  SetupTimeOut: 'ServerAliveInterval',
  SmartcardDevice: 'PKCS11Provider',
}

/** What ssh itself has forgotten, and passes over. */
export const SSH_FORGOTTEN: readonly string[] = [
  'AFSTokenPassing',
  'Cipher',
  'CompressionLevel',
  'FallBackToRsh',
  'GlobalKnownHostsFile2',
  'KerberosAuthentication',
  'KerberosTgtPassing',
  'Protocol',
  'RhostsAuthentication',
  'RhostsRSAAuthentication',
  'RSAAuthentication',
  'UseBlacklistedKeys',
  'UsePrivilegedPort',
  'UseRoaming',
  'UseRsh',
  'UserKnownHostsFile2',
]

const NAMES = new Map<string, string>([
  ...Object.keys(SSH_OPTIONS).map((name): [string, string] => [name.toLowerCase(), name]),
  ...Object.entries(SSH_ALIASES).map(([alias, name]): [string, string] => [alias.toLowerCase(), name]),
])
const FORGOTTEN = new Set(SSH_FORGOTTEN.map((name) => name.toLowerCase()))

/** The name of an option as the manual has it; one that is not in the table as it is written. */
export const optionName = (written: string): string => NAMES.get(written.toLowerCase()) ?? written

/** By whichever of its names; undefined where the table does not know it. */
export const stanceOf = (written: string): Stance | undefined =>
  Object.hasOwn(SSH_OPTIONS, optionName(written)) ? SSH_OPTIONS[optionName(written)] : undefined

/** What play makes of an option, and undefined where that is nothing to speak of. */
export function objection(
  option: string,
  values: readonly string[],
  where: 'arguments' | 'files',
): { is: 'refused' | 'told'; why: string; instead: string } | undefined {
  const name = optionName(option)
  if (FORGOTTEN.has(name.toLowerCase())) return undefined
  if (where === 'files' && name.startsWith('match '))
    return {
      is: 'told',
      why: 'play does not answer it, and what stands under it is passed over',
      instead: 'Host with the names of the hosts',
    }
  const stance = stanceOf(name)
  if (!stance)
    return {
      is: where === 'files' ? 'told' : 'refused',
      why: 'play does not know it',
      instead: where === 'files' ? `IgnoreUnknown ${name}, where it may be passed over` : 'leave it out',
    }
  if (stance.is === 'harmless') return undefined
  if (stance.is === 'heeded')
    return stance.only === 'files' && where === 'arguments'
      ? { is: 'refused', why: 'it stands in files', instead: '-F with a file that has it' }
      : undefined
  const { is, why, instead, unless } = stance
  if (values.every((value) => unless?.includes(value.toLowerCase()))) return undefined
  return { is: where === 'files' ? is : 'refused', why, instead }
}
