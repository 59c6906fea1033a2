import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { keygen, startSshd, type TestServer, withoutSshd } from './sshd.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe.skipIf(withoutSshd)(`options of ssh's${withoutSshd ? ` (skipped: ${withoutSshd})` : ''}`, () => {
  let server: TestServer
  let gate: TestServer

  beforeAll(async () => {
    server = await startSshd()
    gate = await startSshd()
  })
  afterAll(async () => {
    await server.stop()
    await gate.stop()
  })

  const at = (name: string) => join(server.dir, name)
  const file = (name: string, text: string): string => {
    writeFileSync(at(name), text)
    return at(name)
  }
  let files = 0

  /** How a connection goes whose options stand as arguments, or in a configuration file. */
  async function outcome(
    where: 'arguments' | 'file',
    options: string[],
    { key = at('id'), gateOptions }: { key?: string; gateOptions?: string[] } = {},
  ): Promise<string> {
    const usual = [`UserKnownHostsFile ${at('known_hosts')}`, 'GlobalKnownHostsFile none']
    const inFile = [
      'Host web1',
      ...(where === 'file' ? options : []),
      ...(gateOptions ? ['ProxyJump gate', 'Host gate', `Port ${gate.port}`, 'HostName 127.0.0.1'] : []),
      ...(gateOptions ?? []),
      'Host *',
      ...usual,
    ]
    const args = where === 'arguments' ? options.map((option) => `-o "${option}"`).join(' ') : ''
    const vars = {
      ansible_host: 'web1',
      ansible_port: server.port,
      ansible_user: 'root',
      ansible_ssh_private_key_file: key,
      ansible_ssh_extra_args: args,
    }
    try {
      const config = file(`config${files++}`, `${inFile.join('\n')}\n  HostName 127.0.0.1\n  User root\n`)
      await (await connect(connectionSpec('db1', vars, { sshConfigFile: config }))).close()
      return 'connected'
    } catch (error) {
      const { code, message, details = [] } = error as { code: string; message: string; details?: string[] }
      return [code, message, ...details].join('\n')
    }
  }

  describe.each(['arguments', 'file'] as const)('in %s', (where) => {
    test('RevokedHostKeys: a key of the list is refused, and every key without the list', async () => {
      const other = keyOf('other')
      const lists = {
        fine: file('fine', `# ${server.hostKey}\n${other}\n`),
        revoked: file('revoked', `${other}\n${server.hostKey} root@web1\n`),
      }
      expect(await outcome(where, [`RevokedHostKeys ${lists.fine}`])).toBe('connected')
      expect(await outcome(where, ['RevokedHostKeys none'])).toBe('connected')
      expect(await outcome(where, [`RevokedHostKeys ${lists.revoked}`])).toMatch(
        /^host_key\n.*revoked, at .*revoked:2/,
      )
      expect(await outcome(where, ['StrictHostKeyChecking no', `RevokedHostKeys ${lists.revoked}`])).toMatch(
        /^host_key/,
      )
      expect(await outcome(where, [`RevokedHostKeys ${at('no-list')}`])).toMatch(
        /^host_key\n.*cannot be read/,
      )
      execFileSync('ssh-keygen', ['-q', '-k', '-f', at('krl'), lists.revoked])
      expect(await outcome(where, [`RevokedHostKeys ${at('krl')}`])).toMatch(/^host_key\n.*is a KRL/)
    })

    test('IdentitiesOnly: of the agent only the keys that are named are offered', async () => {
      const locked = at(`locked-${where}`)
      keygen(locked, '-N', 'open sesame')
      const stop = await agentWith(at('id'), locked)
      try {
        const agent = `IdentityAgent ${at('agent')}`
        expect(await outcome(where, [agent], { key: locked })).toBe('connected')
        expect(await outcome(where, [agent, 'IdentitiesOnly yes'], { key: locked })).toMatch(/^auth/)
        expect(await outcome(where, [agent, 'IdentitiesOnly true'], { key: locked })).toMatch(/^auth/)
        // The one that is named is, also where its public half does not lie beside it.
        execFileSync('cp', [at('id'), at('id-locked')])
        execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', at('id-locked')])
        expect(await outcome(where, [agent, 'IdentitiesOnly yes'], { key: at('id-locked') })).toBe(
          'connected',
        )
      } finally {
        stop()
      }
    })

    test.each([
      ['HostKeyAlgorithms rsa-sha2-512', 'unreachable'],
      ['HostKeyAlgorithms -ssh-ed25519*', 'unreachable'],
      ['HostKeyAlgorithms ssh-dss', 'inventory'],
      ['Ciphers 3des-cbc', 'inventory'],
      ['PubkeyAcceptedAlgorithms rsa-sha2-256', 'auth'],
      ['PubkeyAuthentication no', 'auth'],
      ['PreferredAuthentications password', 'auth'],
      ['HostKeyAlias elsewhere', 'host_key'],
      ['GlobalKnownHostsFile /dev/null', 'connected'],
      ['HostKeyAlgorithms ^rsa*', 'connected'],
      ['Ciphers aes256-ctr', 'connected'],
      ['MACs hmac-sha2-512', 'connected'],
      ['KexAlgorithms ecdh-sha2-nistp256', 'connected'],
      ['AddressFamily inet', 'connected'],
      ['BindAddress 127.0.0.2', 'connected'],
      ['IdentitiesOnly maybe', 'inventory'],
      ['KnownHostsCommand /bin/true', 'inventory'],
      ['BindInterface lo', 'inventory'],
    ])('%s: %s', async (option, expected) => {
      expect((await outcome(where, [option])).split('\n')[0]).toBe(expected)
    })

    test('HostKeyAlias is the name that is looked up, and HashKnownHosts hides the one that is learnt', async () => {
      const known = file(`alias-${where}`, `elsewhere ${server.hostKey}\n`)
      const files = `UserKnownHostsFile ${known}`
      expect(await outcome(where, [files, 'HostKeyAlias elsewhere'])).toBe('connected')
      const learn = [files, 'HostKeyAlias learnt', 'HashKnownHosts yes']
      expect(await outcome(where, [...learn, 'StrictHostKeyChecking accept-new'])).toBe('connected')
      expect(readFileSync(known, 'utf8')).toMatch(/\n\|1\|[^|]+\|\S+ ssh-ed25519 /)
      expect(await outcome(where, learn)).toBe('connected')
      expect(execFileSync('ssh-keygen', ['-F', 'learnt', '-f', known], { encoding: 'utf8' })).toContain(
        'found: line 2',
      )
    })
  })

  test('CheckHostIP: the address must not be known by another key', async () => {
    const names = `[localhost]:${server.port} ${server.hostKey}\n[127.0.0.1]:${server.port} ${keyOf('foreign')}\n`
    const options = [`UserKnownHostsFile ${file('ip', names)}`, 'AddressFamily inet', 'HostName localhost']
    expect(await outcome('file', options)).toBe('connected')
    expect(await outcome('file', [...options, 'CheckHostIP yes'])).toMatch(
      /^host_key\n.*127\.0\.0\.1.* is not the known one/,
    )
  })

  test('RequiredRSASize counts for keys to log in with', async () => {
    keygen(at('rsa'), '-t', 'rsa', '-b', '2048')
    const more = readFileSync(at('rsa.pub'), 'utf8')
    writeFileSync(at('authorized_keys'), readFileSync(at('id.pub'), 'utf8') + more)
    expect(await outcome('arguments', ['RequiredRSASize 2048'], { key: at('rsa') })).toBe('connected')
    expect(await outcome('arguments', ['RequiredRSASize 3072'], { key: at('rsa') })).toMatch(/2048 bits/)
    expect(await outcome('arguments', ['PubkeyAcceptedKeyTypes ssh-ed25519'], { key: at('rsa') })).toMatch(
      /^auth/,
    )
  })

  test('a machine on the way is verified as its own options say', async () => {
    const known = `[127.0.0.1]:${gate.port} ${gate.hostKey}\n${readFileSync(at('known_hosts'), 'utf8')}`
    const both = `UserKnownHostsFile ${file('both', known)}`
    writeFileSync(join(gate.dir, 'authorized_keys'), readFileSync(at('id.pub')))
    expect(await outcome('file', [both], { gateOptions: [both] })).toBe('connected')
    const revoked = `RevokedHostKeys ${file('revoked-gate', gate.hostKey)}`
    expect(await outcome('file', [both], { gateOptions: [both, revoked] })).toMatch(/^host_key\n.*through/)
    expect(await outcome('file', [both, 'StrictHostKeyChecking no'], { gateOptions: [] })).toMatch(
      /^host_key\n.*through/,
    )
    expect(await outcome('file', [both], { gateOptions: [both, 'ProxyCommand nc %h %p'] })).toMatch(
      /^inventory\n.*ProxyCommand/,
    )
  })

  function keyOf(name: string): string {
    if (!existsSync(at(name))) keygen(at(name))
    return readFileSync(at(`${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
  }

  /** An agent that holds an open key, and one that is locked. @returns what ends it */
  async function agentWith(open: string, locked: string): Promise<() => void> {
    const socket = at('agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    while (!existsSync(socket)) await new Promise(setImmediate)
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    const says = file('askpass', "#!/bin/sh\necho 'open sesame'\n")
    execFileSync('chmod', ['+x', says])
    execFileSync('ssh-add', ['-q', open], { env, stdio: 'ignore' })
    const asking = { ...env, SSH_ASKPASS: says, SSH_ASKPASS_REQUIRE: 'force' }
    execFileSync('ssh-add', ['-q', locked], { env: asking, stdio: 'ignore' })
    return () => {
      agent.kill()
      execFileSync('rm', ['-f', socket])
    }
  }
})
