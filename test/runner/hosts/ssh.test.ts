import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import type { ConnectionSpec } from '../../../runner/hosts/types.ts'
import { freePort, keygen, startSshd, type TestServer, withoutSshd } from './sshd.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

describe.skipIf(withoutSshd)(`a real ssh server${withoutSshd ? ` (skipped: ${withoutSshd})` : ''}`, () => {
  let server: TestServer
  let few: TestServer

  beforeAll(async () => {
    server = await startSshd(['Banner /etc/hostname'])
    few = await startSshd(['MaxSessions 1'])
  })
  afterAll(async () => {
    await server.stop()
    await few.stop()
  })

  const failure = (more: Partial<ConnectionSpec>) =>
    connect(server.spec(more)).then(
      async (connection) => {
        await connection.close()
        throw new Error('it connected')
      },
      (error) => error,
    )
  const file = (name: string, text: string): string => {
    const path = join(server.dir, name)
    writeFileSync(path, text)
    return path
  }

  test("the server's banner is told", async () => {
    const banners: string[] = []
    await (await connect(server.spec(), { onBanner: (text) => banners.push(text) })).close()
    expect(banners.join('')).toBe(readFileSync('/etc/hostname', 'utf8'))
  })

  test('an unknown host key is refused, with its fingerprint and what to type', async () => {
    const error = await failure({ knownHostsFiles: [join(server.dir, 'nothing')] })
    expect(error).toMatchObject({ code: 'host_key', hint: expect.stringContaining('ssh-keyscan') })
    expect(error.details[0]).toMatch(/ssh-ed25519 SHA256:/)
  })

  test('a changed host key is refused, naming where the old one stands', async () => {
    keygen(join(server.dir, 'other'))
    const other = readFileSync(join(server.dir, 'other.pub'), 'utf8')
    const known = file('changed', `# old\n[127.0.0.1]:${server.port} ${other}`)
    for (const hostKeyChecking of ['yes', 'accept-new'] as const) {
      const error = await failure({ knownHostsFiles: [known], hostKeyChecking })
      expect(error).toMatchObject({ code: 'host_key', hint: expect.stringContaining('ssh-keygen -R') })
      expect(error.details[1]).toContain(`${known}:2`)
    }
  })

  test('a revoked host key is refused, whatever the checking', async () => {
    const known = file('revoked', `@revoked * ${server.hostKey}\n`)
    expect(await failure({ knownHostsFiles: [known], hostKeyChecking: 'no' })).toMatchObject({
      code: 'host_key',
    })
  })

  test('accept-new learns a key once, and knows it then', async () => {
    const known = join(server.dir, 'learnt/known_hosts')
    mkdirSync(join(server.dir, 'learnt'))
    writeFileSync(known, 'other ssh-ed25519 AAAA')
    for (const hostKeyChecking of ['accept-new', 'yes', 'accept-new'] as const) {
      await (await connect(server.spec({ knownHostsFiles: [known], hostKeyChecking }))).close()
    }
    expect(readFileSync(known, 'utf8')).toBe(
      `other ssh-ed25519 AAAA\n[127.0.0.1]:${server.port} ${server.hostKey}\n`,
    )
  })

  test('without checking, any key is taken and none is learnt', async () => {
    const known = join(server.dir, 'none')
    await (await connect(server.spec({ knownHostsFiles: [known], hostKeyChecking: 'no' }))).close()
    expect(existsSync(known)).toBe(false)
  })

  test('an encrypted key opens with its passphrase, and says so without', async () => {
    const key = join(server.dir, 'encrypted')
    writeFileSync(key, readFileSync(join(server.dir, 'id')), { mode: 0o600 })
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', key])
    await (await connect(server.spec({ privateKeyFiles: [key], passphrase: 'open sesame' }))).close()
    const without = await failure({ privateKeyFiles: [key] })
    expect(without).toMatchObject({ code: 'auth', hint: expect.stringContaining('ssh-add') })
    expect(without.details[0]).toMatch(/encrypted, and there is no passphrase/)
    const wrong = await failure({ privateKeyFiles: [key], passphrase: 'wrong' })
    expect(wrong.details[0]).toMatch(/passphrase is wrong/)
    expect(JSON.stringify(wrong)).not.toContain('"wrong"')
  })

  test('when no key is accepted, each that was tried is named', async () => {
    const key = join(server.dir, 'stranger')
    keygen(key)
    const error = await failure({ privateKeyFiles: [key, join(server.dir, 'absent'), file('nokey', 'text')] })
    expect(error.code).toBe('auth')
    const tried = error.details.join('\n')
    expect(tried).toMatch(/stranger \(SHA256:.*\): not accepted/)
    expect(tried).toMatch(/absent: there is no such file/)
    expect(tried).toMatch(/nokey: not a private key/)
    expect(tried).toMatch(/the server takes: publickey/)
  })

  test('a later key is tried when the first is not accepted', async () => {
    const key = join(server.dir, 'second')
    keygen(key)
    await (await connect(server.spec({ privateKeyFiles: [key, join(server.dir, 'id')] }))).close()
  })

  test('an agent is asked first for the keys that are wanted', async () => {
    const socket = join(server.dir, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      while (!existsSync(socket)) await new Promise(setImmediate)
      const add = (file: string) =>
        execFileSync('ssh-add', ['-q', file], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          stdio: 'ignore',
        })
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
        keygen(join(server.dir, `agent_${name}`))
        add(join(server.dir, `agent_${name}`))
      }
      add(join(server.dir, 'id'))
      const locked = join(server.dir, 'locked')
      writeFileSync(`${locked}.pub`, readFileSync(join(server.dir, 'id.pub')))
      await (await connect(server.spec({ privateKeyFiles: [locked], agent: socket }))).close()
      expect(await failure({ privateKeyFiles: [], agent: socket })).toMatchObject({ code: 'auth' })
    } finally {
      agent.kill()
    }
  })

  test('an agent that is gone does not keep the password or keys from being tried', async () => {
    await (await connect(server.spec({ agent: join(server.dir, 'no-agent') }))).close()
    expect(await failure({ privateKeyFiles: [], agent: join(server.dir, 'no-agent') })).toMatchObject({
      code: 'auth',
    })
  })

  test('a machine on the way is verified too', async () => {
    const jump = `root@127.0.0.1:${few.port}`
    expect(await failure({ proxyJump: [jump] })).toMatchObject({
      code: 'host_key',
      message: expect.stringContaining('through'),
    })
    const known = file('both', readFileSync(join(server.dir, 'known_hosts'), 'utf8') + knownOf(few))
    const keys = [join(server.dir, 'id'), join(few.dir, 'id')]
    const host = await connect(
      server.spec({ proxyJump: [jump], knownHostsFiles: [known], privateKeyFiles: keys }),
    )
    expect((await host.exec(['printenv', 'SSH_CONNECTION'])).stdout).toContain(` ${server.port}`)
    await host.close()
  })
  const knownOf = ({ port, hostKey }: TestServer) => `[127.0.0.1]:${port} ${hostKey}\n`

  test('a server that allows few sessions gets more connections', async () => {
    const host = await connect(few.spec())
    const outputs = await Promise.all([
      host.exec(['id', '-un']),
      host.exec(['id', '-un'], { as: 'daemon' }),
      host.exec(['wc', '-c'], { stdin: Buffer.alloc(300_000) }),
    ])
    expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['root', 'daemon', '300000'])
    await host.close()
  })

  test('a connection that is lost fails what runs and what follows', async () => {
    const host = await connect(server.spec())
    const { stdout: parent } = await host.shell('echo $PPID')
    const running = host.shell('sleep 0.5; echo late').catch((error) => error)
    process.kill(Number(parent), 'SIGKILL')
    expect(await running).toMatchObject({ code: 'unreachable' })
    await expect(host.exec(['true'])).rejects.toMatchObject({ code: 'unreachable' })
    await expect(host.exec(['true'], { as: 'daemon' })).rejects.toMatchObject({ code: 'unreachable' })
    await host.close()
  })
})

const nowhere: ConnectionSpec = {
  name: 'web1',
  kind: 'ssh',
  address: '127.0.0.1',
  port: 22,
  user: 'admin',
  privateKeyFiles: [],
  knownHostsFiles: [],
  hostKeyChecking: 'yes',
  proxyJump: [],
  connectTimeout: 300,
}

describe('hosts that cannot be reached', () => {
  test('a refused connection', async () => {
    const error = await connect({ ...nowhere, port: await freePort() }).catch((e) => e)
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('refused') })
  })

  test('a name that cannot be resolved', async () => {
    const error = await connect({ ...nowhere, address: 'name.invalid', connectTimeout: 10_000 }).catch(
      (e) => e,
    )
    expect(error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('cannot be resolved'),
    })
  })

  test.each([
    ['says nothing', () => {}, 'did not answer within 0.3 s'],
    ['closes at once', (socket: import('node:net').Socket) => socket.end(), 'closed the connection'],
    ['is no ssh server', (socket: import('node:net').Socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n'), ''],
  ])('a server that %s', async (_, behave, message) => {
    const server = createServer(behave).on('error', () => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const error = await connect({ ...nowhere, port }).catch((e) => e)
    server.close()
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(message) })
  })
})
