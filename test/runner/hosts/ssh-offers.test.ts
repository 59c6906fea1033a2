import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type AuthenticationType, type ServerConfig } from 'ssh2'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { parseSshArgs } from '../../../runner/hosts/ssh-args.ts'
import { sshRules } from '../../../runner/hosts/ssh-rules.ts'
import type { ConnectionSpec } from '../../../runner/hosts/types.ts'

// A server in this process: what it is offered is what anybody on the way would be.
vi.setConfig({ testTimeout: 30_000 })

const dir = mkdtempSync(join(tmpdir(), 'play-offers-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const close: (() => void)[] = []
afterEach(() => {
  for (const one of close.splice(0)) one()
})

const newKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  }) as string

const publicLine = (key: string): string => {
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error) throw parsed
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`
}

interface Offered {
  method: string
  user: string
  password?: string
}

/** @param accept which offers let somebody in */
async function server(
  accept: (offer: Offered) => boolean,
  more: Partial<ServerConfig> = {},
  takes: AuthenticationType[] = ['publickey', 'password', 'keyboard-interactive'],
) {
  const key = newKey()
  const offers: Offered[] = []
  const listening = new ssh2.Server({ hostKeys: [key], ...more }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (context: AuthContext) => {
      const offer: Offered = { method: context.method, user: context.username }
      if (context.method === 'password') offer.password = context.password
      offers.push(offer)
      if (accept(offer)) context.accept()
      else context.reject(takes)
    })
    client.on('request', (take) => take?.())
    client.on('tcpip', (accepted, _refuse, { destPort }) => {
      const stream = accepted()
      void import('node:net').then(({ connect: dial }) => {
        const socket = dial(destPort, '127.0.0.1')
        socket.on('error', () => stream.end())
        socket.pipe(stream).pipe(socket)
      })
    })
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  close.push(() => listening.close())
  const { port } = listening.address() as AddressInfo
  const known = (line: string) => `[127.0.0.1]:${port} ${line}\n`
  return { port, offers, key, known: known(publicLine(key)), other: known(publicLine(newKey())) }
}

function specOf(port: number, known: string, more: Partial<ConnectionSpec> = {}): ConnectionSpec {
  const file = join(dir, `known_${port}`)
  writeFileSync(file, known)
  return {
    name: 'db1',
    kind: 'ssh',
    address: '127.0.0.1',
    port,
    user: 'admin',
    privateKeyFiles: [],
    knownHostsFiles: [file],
    hostKeyChecking: 'yes',
    proxyJump: [],
    connectTimeout: 10_000,
    password: 'Kr0k0dil',
    ...more,
  }
}

const failure = (spec: ConnectionSpec) =>
  connect(spec).then(
    () => undefined,
    (error) => error,
  )

test('a password is offered where the host key is the known one', async () => {
  const { port, offers, known } = await server(({ password }) => password === 'Kr0k0dil')
  await (await connect(specOf(port, known))).close()
  expect(offers).toContainEqual({ method: 'password', user: 'admin', password: 'Kr0k0dil' })
})

test('without checking, a changed host key gets neither the password nor keys of the agent', async () => {
  const { port, offers, other } = await server(() => false)
  const error = await failure(specOf(port, other, { hostKeyChecking: 'no', agent: join(dir, 'agent') }))
  expect(error).toMatchObject({ code: 'auth' })
  expect(error.details.join('\n')).toMatch(
    /the password: not offered, since the host key is not the known one/,
  )
  expect(error.details.join('\n')).toMatch(/keys of the agent at .*: not offered/)
  expect(offers.filter(({ method }) => method !== 'none')).toEqual([])
})

test('without checking, a key file still opens a host whose key changed; it is told, and sudo gets no password there', async () => {
  const { port, other } = await server(({ method }) => method === 'publickey')
  writeFileSync(join(dir, 'id'), newKey(), { mode: 0o600 })
  const told: string[] = []
  const connection = await connect(
    specOf(port, other, {
      hostKeyChecking: 'no',
      privateKeyFiles: [join(dir, 'id')],
      becomePassword: 'Kr0k0dil',
    }),
    { onChangedKey: ({ name }) => told.push(name) },
  )
  expect(told).toEqual(['db1'])
  expect(connection.spec.becomePassword).toBeUndefined()
  await connection.close()
})

test('without checking, an unknown host gets the password', async () => {
  const { port, offers } = await server(({ method }) => method === 'password')
  await (await connect(specOf(port, '', { hostKeyChecking: 'no' }))).close()
  expect(offers.map(({ method }) => method)).toContain('password')
})

test('the password of the host is not offered to a machine on the way', async () => {
  const jump = await server(({ method }) => method === 'publickey')
  const host = await server(({ password }) => password === 'Kr0k0dil')
  writeFileSync(join(dir, 'id'), newKey(), { mode: 0o600 })
  const key = { privateKeyFiles: [join(dir, 'id')], proxyJump: [`me@127.0.0.1:${jump.port}`] }
  await (await connect(specOf(host.port, host.known + jump.known, key))).close()
  expect(jump.offers.map(({ method }) => method)).not.toContain('password')
  expect(host.offers.map(({ method }) => method)).toContain('password')

  const error = await failure(specOf(host.port, host.known + jump.known, { proxyJump: key.proxyJump }))
  expect(error).toMatchObject({ code: 'auth', message: expect.stringContaining('through') })
  expect(jump.offers.map(({ password }) => password)).not.toContain('Kr0k0dil')
})

test('a server that takes no password is asked before it is offered one', async () => {
  const { port, offers, known } = await server(() => false, {}, ['publickey'])
  const error = await failure(specOf(port, known))
  expect(error).toMatchObject({ code: 'auth', details: ['the server takes: publickey'] })
  expect(offers.map(({ method }) => method)).toEqual(['none'])
})

test.each([
  ['-o PasswordAuthentication=no', ['keyboard-interactive']],
  ['-o KbdInteractiveAuthentication=no', ['password']],
  ['-o PasswordAuthentication=no -o ChallengeResponseAuthentication=no', []],
  ['-o PreferredAuthentications=publickey', []],
  ['-o PreferredAuthentications=keyboard-interactive,password', ['keyboard-interactive', 'password']],
  ['-o BatchMode=yes', []],
  ['-o NumberOfPasswordPrompts=0', []],
])('%s: the password is offered by %j', async (args, methods) => {
  const { port, offers, known } = await server(() => false)
  const options = parseSshArgs(args)
  const ssh = sshRules('db1', (option) => options[option]?.[0], {})
  expect(await failure(specOf(port, known, { ssh }))).toMatchObject({ code: 'auth' })
  expect(offers.map(({ method }) => method).filter((method) => method !== 'none')).toEqual(methods)
})

test.each([
  ['SHA-1 for its messages', { cipher: ['aes128-ctr'], hmac: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] }],
  ['compression', { compress: ['zlib@openssh.com', 'zlib'] }],
])('a server that has nothing but %s is not talked to', async (_, algorithms) => {
  const { port, known } = await server(() => true, { algorithms: algorithms as ServerConfig['algorithms'] })
  expect(await failure(specOf(port, known))).toMatchObject({ code: 'unreachable' })
})
