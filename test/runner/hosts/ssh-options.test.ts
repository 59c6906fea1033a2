import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { objection, optionName, SSH_OPTIONS } from '../../../runner/hosts/ssh-options.ts'

const dir = mkdtempSync(join(tmpdir(), 'play-options-'))
afterAll(() => rmSync(dir, { recursive: true }))

let files = 0
function spec(args: string, config: string) {
  const sshConfigFile = join(dir, `config${files++}`)
  writeFileSync(sshConfigFile, config)
  return connectionSpec('db1', { ansible_ssh_common_args: args }, { sshConfigFile })
}

const noSsh = existsSync('/usr/bin/ssh') ? undefined : 'ssh is not installed'

test.skipIf(noSsh)(`the table has every option that ssh prints${noSsh ? ` (skipped: ${noSsh})` : ''}`, () => {
  const said = [
    ...['CertificateFile=/x', 'ControlPath=/x', 'HostKeyAlias=x', 'KnownHostsCommand=/x', 'LocalCommand=x'],
    ...['PKCS11Provider=/x', 'ProxyCommand=x', 'RemoteCommand=x', 'RevokedHostKeys=/x', 'SetEnv=A=b'],
    ...['BindAddress=::1', 'BindInterface=lo', 'IdentityAgent=/x', 'LocalForward=1 a:1', 'SendEnv=A'],
    ...['RemoteForward=1 a:1', 'DynamicForward=1', 'KbdInteractiveDevices=x', 'PreferredAuthentications=x'],
  ]
  const options = said.flatMap((option) => ['-o', option])
  const printed = execFileSync('ssh', ['-G', '-F', '/dev/null', ...options, 'host'], { encoding: 'utf8' })
  const names = [
    ...new Set(
      printed
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]!),
    ),
  ]
  expect(names.length).toBeGreaterThan(80)
  expect(names.filter((name) => SSH_OPTIONS[optionName(name)] === undefined)).toEqual([])
})

describe('an option that the table does not know', () => {
  test('is refused in arguments, each with what to do instead', () => {
    expect(() => spec('-o TrustEverybody=no -o ProxyCommand=nc gate', '')).toThrow(
      expect.objectContaining({
        code: 'inventory',
        message:
          'db1: ansible_ssh_common_args has TrustEverybody, ProxyCommand, gate, which play does not heed',
        hint: expect.stringMatching(/leave it out.*ProxyJump/),
      }),
    )
  })

  test('is told where it stands in a configuration file, unless that says that it may be unknown', () => {
    const config = 'Host db1\n  TrustEverybody no\nHost other\n  TrustNobody yes\n'
    expect(spec('', config).warnings).toEqual([expect.stringMatching(/trusteverybody.*IgnoreUnknown/)])
    expect(spec('', `IgnoreUnknown Use*,Trust*\n${config}`).warnings).toEqual([])
  })
})

test.each([
  ['RekeyLimit 1G 1h', 'RekeyLimit default none'],
  ['CanonicalizeHostname yes', 'CanonicalizeHostname no'],
  ['CertificateFile ~/.ssh/id-cert.pub', 'CertificateFile none'],
  ['PKCS11Provider /lib/x.so', 'PKCS11Provider none'],
])('%s is refused in arguments and told in a file, %s is neither', (option, fine) => {
  const [name] = option.split(' ')
  expect(() => spec(`-o "${option}"`, '')).toThrow(new RegExp(`${name}, which play does not heed`))
  expect(spec('', option).warnings).toEqual([expect.stringContaining(`has ${name}`)])
  expect(spec(`-o "${fine}"`, fine).warnings).toEqual([])
})

test.each([
  '-o Include=/x',
  '-o "Match all"',
  '-B lo',
  '-c 3des-cbc',
  '-m hmac-md5',
  '-I /lib/x.so',
  '-Z',
  '-o',
  'gate',
])('%s is refused in arguments', (args) => {
  expect(() => spec(args, '')).toThrow(expect.objectContaining({ code: 'inventory' }))
})

test('what says nothing of safety is passed over', () => {
  const usual = 'ServerAliveInterval 30\nControlMaster auto\nSendEnv LANG LC_*\nGSSAPIAuthentication yes\n'
  expect(
    spec('-C -q -o ControlPersist=60s -o Protocol=2 -tt -A', `Host *\n${usual}Protocol 2\n`).warnings,
  ).toEqual([])
})

test('what stands under a Match that is not answered is told, where it would count', () => {
  const of = (option: string) => spec('', `Match exec "test -e /vpn"\n  ${option}\n`).warnings
  expect(of('RevokedHostKeys /x')).toEqual([expect.stringContaining('match exec')])
  expect(of('SendEnv LANG')).toEqual([])
  expect(spec('', 'Match !host db1\n  ProxyJump gate\n').warnings).toEqual([
    expect.stringContaining('match !host'),
  ])
  expect(spec('', 'Match host db1\n  Port 2022\n')).toMatchObject({ port: 2022, warnings: [] })
})

test('a host that its configuration refuses is refused, with its reason', () => {
  expect(() => spec('', 'RefuseConnection "use the other gate"')).toThrow(/use the other gate/)
})

test('an option is found by whichever of its names, and what is harmless is never refused', () => {
  expect(optionName('CHALLENGERESPONSEAUTHENTICATION')).toBe('KbdInteractiveAuthentication')
  for (const [name, stance] of Object.entries(SSH_OPTIONS)) {
    expect(optionName(name.toUpperCase())).toBe(name)
    if (stance.is === 'harmless') expect(objection(name, ['yes'], 'arguments')).toBeUndefined()
  }
})
