import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectionSpec, type SpecOptions } from '../../../runner/hosts/spec.ts'
import { CONNECTION_VARIABLES } from '../../../runner/hosts/variables.ts'

let dir: string
let config: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-spec-'))
  config = join(dir, 'config')
  mkdirSync(join(dir, 'more'))
  writeFileSync(join(dir, 'more/one'), 'Host included\n  Hostname included.example.org\n')
  writeFileSync(
    config,
    `Include more/*
Host db1
  Hostname 10.0.0.5
  User deploy
  Port 2200
  IdentityFile ~/.ssh/db_%h
  ProxyJump gate
  UserKnownHostsFile /etc/known_a /etc/known_b
  StrictHostKeyChecking accept-new
  IdentitiesOnly yes
  ConnectTimeout 3
Host gate
  HostName gate.example.org
  User hop
  Port 2022
Host odd
  ProxyCommand nc %h %p
Host *
  IdentityFile /keys/all
`,
  )
  writeFileSync(join(dir, 'empty'), '')
})
afterAll(() => rmSync(dir, { recursive: true }))

const spec = (vars: Record<string, unknown>, options: SpecOptions = {}, name = 'db1') =>
  connectionSpec(name, vars, { sshConfigFile: join(dir, 'empty'), ...options })

test('without anything said, ssh to the name, as oneself, verified', () => {
  expect(spec({})).toMatchObject({
    name: 'db1',
    kind: 'ssh',
    address: 'db1',
    port: 22,
    user: userInfo().username,
    hostKeyChecking: 'yes',
    proxyJump: [],
    connectTimeout: 10_000,
  })
  expect(spec({}).knownHostsFiles[0]).toBe(join(homedir(), '.ssh/known_hosts'))
})

test("Ansible's variables", () => {
  const made = spec({
    ansible_host: '10.0.0.9',
    ansible_port: '2222',
    ansible_user: 'admin',
    ansible_ssh_pass: 'p1',
    ansible_become_pass: 1234,
    ansible_ssh_private_key_file: '~/k',
  })
  expect(made).toMatchObject({
    address: '10.0.0.9',
    port: 2222,
    user: 'admin',
    password: 'p1',
    becomePassword: '1234',
    privateKeyFiles: [join(homedir(), 'k')],
  })
})

test('a variable is above the option of the same meaning, as in Ansible', () => {
  const options = {
    remoteUser: 'opt',
    privateKeyFile: '/opt',
    becomePassword: 'opt',
    askPassword: 'opt',
    timeout: 5,
  }
  expect(spec({}, options)).toMatchObject({
    user: 'opt',
    privateKeyFiles: ['/opt'],
    becomePassword: 'opt',
    password: 'opt',
    connectTimeout: 5000,
  })
  const vars = {
    ansible_user: 'var',
    ansible_private_key_file: '/var',
    ansible_become_password: 'var',
    ansible_password: 'var',
    ansible_timeout: 7,
  }
  expect(spec(vars, options)).toMatchObject({
    user: 'var',
    privateKeyFiles: ['/var'],
    becomePassword: 'var',
    password: 'var',
    connectTimeout: 7000,
  })
})

test("ssh's arguments in variables", () => {
  const made = spec({
    ansible_ssh_common_args:
      '-o UserKnownHostsFile=/kh -o StrictHostKeyChecking=accept-new -J jump@gate:2022',
    ansible_ssh_extra_args: '-o ConnectTimeout=4 -i /k1 -o IdentityFile=/k2 -p 2022 -o User=x',
  })
  expect(made).toMatchObject({
    hostKeyChecking: 'accept-new',
    proxyJump: ['jump@gate:2022'],
    connectTimeout: 4000,
    privateKeyFiles: ['/k1', '/k2'],
    port: 2022,
    user: 'x',
  })
  expect(made.knownHostsFiles[0]).toBe('/kh')
})

test('a host of the ssh configuration, its machine on the way looked up as well', () => {
  const made = spec({}, { sshConfigFile: config })
  expect(made).toMatchObject({
    address: '10.0.0.5',
    user: 'deploy',
    port: 2200,
    privateKeyFiles: [join(homedir(), '.ssh/db_10.0.0.5'), '/keys/all'],
    proxyJump: ['hop@gate.example.org:2022'],
    hostKeyChecking: 'accept-new',
    connectTimeout: 3000,
    agent: undefined,
  })
  expect(made.knownHostsFiles.slice(0, 2)).toEqual(['/etc/known_a', '/etc/known_b'])
})

test('the configuration is looked up under ansible_host, and included files count', () => {
  expect(spec({ ansible_host: 'included' }, { sshConfigFile: config }).address).toBe('included.example.org')
})

test('what is learnt never lands in the system-wide file', () => {
  expect(spec({ ansible_ssh_common_args: '-o UserKnownHostsFile=none' }).knownHostsFiles[0]).toBe('/dev/null')
})

test('with IdentitiesOnly the agent serves only keys that their files cannot', () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const openssh = (cipher: string) => {
    const body = Buffer.concat([
      Buffer.from('openssh-key-v1\0\0\0\0\x04'),
      Buffer.from(`${cipher}\0\0\0\x04none\0`),
    ])
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
  }
  const agentWith = (key: string, only = 'yes') =>
    spec({
      ansible_private_key_file: key,
      ansible_ssh_common_args: `-o IdentitiesOnly=${only} -o IdentityAgent=/run/agent`,
    }).agent
  const pem = '-----BEGIN RSA PRIVATE KEY-----\n'
  expect(agentWith(file('open', pem))).toBeUndefined()
  expect(agentWith(file('open', pem), 'no')).toBe('/run/agent')
  expect(agentWith(file('locked', `${pem}Proc-Type: 4,ENCRYPTED\n`))).toBe('/run/agent')
  expect(agentWith(file('new', openssh('none')))).toBeUndefined()
  expect(agentWith(join(dir, 'absent'))).toBe('/run/agent')
})

test.each([false, 'no', 'False'])('host keys are not verified only when told so: %s', (value) => {
  expect(spec({ ansible_host_key_checking: value }).hostKeyChecking).toBe('no')
})

test('localhost is this machine unless it has an address', () => {
  expect(spec({}, {}, 'localhost').kind).toBe('local')
  expect(spec({ ansible_host: '127.0.0.1' }, {}, 'localhost').kind).toBe('ssh')
  expect(spec({ ansible_connection: 'ssh' }, {}, 'localhost').kind).toBe('ssh')
  expect(spec({ ansible_connection: 'local' }).kind).toBe('local')
})

test.each([
  [{ ansible_port: 'ssh' }, 'inventory'],
  [{ ansible_port: 70000 }, 'inventory'],
  [{ ansible_host: 5 }, 'inventory'],
  [{ ansible_connection: 'winrm' }, 'inventory'],
  [{ ansible_timeout: -1 }, 'inventory'],
  [{ ansible_host_key_checking: 'maybe' }, 'inventory'],
  [{ ansible_ssh_common_args: '-o "ProxyCommand=nc %h %p"' }, 'inventory'],
  [{ ansible_ssh_common_args: '-F /does/not/exist' }, 'file'],
])('%j is refused', (vars, code) => {
  expect(() => spec(vars)).toThrow(expect.objectContaining({ code }))
})

test('a password of the wrong type is not shown', () => {
  expect(() => spec({ ansible_password: ['hush'] })).toThrow(/ansible_password is of type list/)
  expect(() => spec({ ansible_password: ['hush'] })).not.toThrow(/hush/)
})

test('what is configured stands below the variables', () => {
  const options: SpecOptions = {
    hostKeyChecking: false,
    sshArgs: { ssh_common_args: '-o Port=2022 -J gate.example.org', ssh_extra_args: '-o User=me' },
  }
  expect(spec({}, options)).toMatchObject({
    port: 2022,
    user: 'me',
    hostKeyChecking: 'no',
    proxyJump: [expect.stringContaining('gate.example.org')],
  })
  const vars = { ansible_host_key_checking: true, ansible_ssh_common_args: '-o Port=2023' }
  expect(spec(vars, options)).toMatchObject({ port: 2023, hostKeyChecking: 'yes', proxyJump: [] })
})

test('the variables that it is made of are all known, so that nobody says one unheard', () => {
  const asked = new Set<string>()
  const vars = new Proxy<Record<string, unknown>>(
    {},
    {
      get(_, name) {
        asked.add(String(name))
        return undefined
      },
    },
  )
  connectionSpec('web1', vars, { sshConfigFile: join(dir, 'empty') })
  expect([...asked].sort()).toEqual(CONNECTION_VARIABLES.toSorted())
})

test('of two names for one thing the older one counts, as in Ansible', () => {
  const { address, user, port, password } = connectionSpec(
    'web1',
    {
      ...{ ansible_host: '10.0.0.1', ansible_ssh_host: '10.0.0.2', ansible_user: 'a', ansible_ssh_user: 'b' },
      ...{ ansible_port: 1, ansible_ssh_port: 2, ansible_password: 'p', ansible_ssh_pass: 'q' },
    },
    { sshConfigFile: join(dir, 'empty') },
  )
  expect({ address, user, port, password }).toEqual({
    address: '10.0.0.2',
    user: 'b',
    port: 2,
    password: 'q',
  })
})

test('the docs have each of them', () => {
  const text = readFileSync(new URL('../../../docs/inventory.md', import.meta.url), 'utf8')
  const section = /## How a host is reached\n(.*?)\n## /s.exec(text)![1]!
  const rows = section.split('\n').flatMap((row) => {
    const names = row.split('|')[1]?.match(/(?<=`)ansible_\w+/g)
    return names ? [names] : []
  })
  expect(rows.flat().sort()).toEqual(CONNECTION_VARIABLES.toSorted())
})
