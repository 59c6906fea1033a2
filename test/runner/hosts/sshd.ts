import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ConnectionSpec } from '../../../runner/hosts/types.ts'

/** Why there is no ssh server to test with; undefined where there is one. */
export const withoutSshd =
  !existsSync('/usr/sbin/sshd') || !existsSync('/usr/bin/ssh-keygen')
    ? 'openssh-server is not installed'
    : userInfo().uid !== 0
      ? 'starting an ssh server needs root'
      : undefined

export interface TestServer {
  port: number
  dir: string
  /** Public half of the server's key, `type base64`. */
  hostKey: string
  spec(more?: Partial<ConnectionSpec>): ConnectionSpec
  stop(): Promise<void>
}

/** An ssh server of our own on the loopback address, with its own host key and one key that may log in as root. */
export async function startSshd(settings: string[] = []): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'play-sshd-'))
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  keygen(join(dir, 'host_key'))
  keygen(join(dir, 'id'))
  const port = await freePort()
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(join(dir, 'id.pub')), { mode: 0o600 })
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host_key`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    `PidFile ${dir}/pid`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    ...settings,
  ]
  writeFileSync(join(dir, 'config'), `${config.join('\n')}\n`)
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'config')], { stdio: 'ignore' })
  await listening(port, server)
  const hostKey = readFileSync(join(dir, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`)
  return {
    port,
    dir,
    hostKey,
    spec: (more) => ({
      name: 'web1',
      kind: 'ssh',
      address: '127.0.0.1',
      port,
      user: 'root',
      privateKeyFiles: [join(dir, 'id')],
      knownHostsFiles: [join(dir, 'known_hosts')],
      hostKeyChecking: 'yes',
      proxyJump: [],
      connectTimeout: 10_000,
      ...more,
    }),
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill()
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function keygen(file: string, ...options: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', ...options, '-f', file])
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

async function listening(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
  }
  throw new Error('the ssh server of the test did not start')
}
