import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Channel, Transport } from '../../../runner/hosts/channel.ts'
import { HostConnection } from '../../../runner/hosts/connection.ts'
import type { ConnectionSpec } from '../../../runner/hosts/types.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'play-become-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

/**
 * A sudo that behaves as SUDO says, and writes down the words it was given. It takes -n, -S, -p and -u as sudo does
 * and then runs the rest as it is.
 */
const SUDO = `#!/bin/sh
printf '%s\\n' "$*" >>"$0.argv"
ask=yes
while :; do
  case $1 in
    -n) ask=no; shift ;;
    -p) prompt=$2; shift 2 ;;
    -u) user=$2; shift 2 ;;
    --) shift; break ;;
    *) shift ;;
  esac
done
case $MODE in
  free) ;;
  tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1 ;;
  sudoers) echo 'admin is not in the sudoers file.' >&2; exit 1 ;;
  silent) sleep 60; exit 1 ;;
  postgres) [ "$user" = postgres ] || { echo "Sorry, user admin is not allowed to execute '/bin/sh' as root." >&2; exit 1; } ;;
  *)
    [ $ask = no ] && { echo 'sudo: a password is required' >&2; exit 1; }
    echo 'We trust you have received the usual lecture from the local System' >&2
    echo 'Administrator. Password: think before you type. Sorry for the words.' >&2
    for try in 1 2 3; do
      printf '%s' "$prompt" >&2
      IFS= read -r password || { echo 'sudo: no password was provided' >&2; exit 1; }
      [ "$password" = 'right  one' ] && break
      echo 'Sorry, try again.' >&2
      [ $try = 3 ] && exit 1
    done ;;
esac
exec "$@"
`

function host(
  mode: string,
  more: Partial<ConnectionSpec> = {},
): { connection: HostConnection; argv: () => string } {
  const bin = mkdtempSync(join(dir, 'bin-'))
  const sudo = join(bin, 'sudo')
  if (mode !== 'missing') writeFileSync(sudo, SUDO)
  if (mode !== 'missing') chmodSync(sudo, 0o755)
  const spec: ConnectionSpec = {
    name: 'web1',
    kind: 'ssh',
    address: '10.0.0.1',
    port: 22,
    user: 'admin',
    privateKeyFiles: [],
    knownHostsFiles: [],
    hostKeyChecking: 'yes',
    proxyJump: [],
    connectTimeout: 10_000,
    ...more,
  }
  const path = mode === 'missing' ? bin : `${bin}:${process.env.PATH}`
  const transport = new FakeTransport({ MODE: mode, PATH: path, LANG: 'de_DE.UTF-8', HOME: '/' })
  const connection = new HostConnection({ spec, transport, user: 'admin' })
  return { connection, argv: () => readFileSync(`${sudo}.argv`, 'utf8') }
}

class FakeTransport implements Transport {
  constructor(private readonly env: Record<string, string>) {}
  async open(command: string): Promise<Channel> {
    const child = spawn('/bin/sh', ['-c', command.replace('exec env ', 'exec /usr/bin/env ')], {
      env: this.env,
    })
    const { stdin, stdout, stderr } = child
    stdin.on('error', () => {})
    const exit = new Promise<{ code: number }>((resolve) => {
      child.once('close', (code) => resolve({ code: code ?? 128 }))
    })
    const destroy = () => {
      child.kill('SIGKILL')
    }
    return { stdin, stdout, stderr, exit, destroy }
  }
  async close(): Promise<void> {}
}

async function attempt(mode: string, more?: Partial<ConnectionSpec>) {
  const { connection, argv } = host(mode, more)
  const result = await connection.exec(['echo', 'became'], { as: 'root' }).catch((error) => error)
  await connection.close()
  return { result, argv }
}

test('sudo that asks for nothing', async () => {
  const { result, argv } = await attempt('free')
  expect(result).toEqual({ code: 0, stdout: 'became\n', stderr: '' })
  expect(argv()).toContain('-n -u root -- /bin/sh')
})

test('a password to give, and sudo does not ask', async () => {
  expect((await attempt('free', { becomePassword: 'right  one' })).result).toMatchObject({
    stdout: 'became\n',
  })
})

test('the password is given when sudo asks, after a lecture, and stands in no arguments', async () => {
  const { result, argv } = await attempt('asks', { becomePassword: 'right  one' })
  expect(result).toEqual({ code: 0, stdout: 'became\n', stderr: '' })
  expect(argv()).not.toContain('right')
})

test('large input goes to the command, not to the password prompt', async () => {
  const { connection } = host('asks', { becomePassword: 'right  one' })
  const stdin = Buffer.alloc(500_000, 'x')
  expect((await connection.exec(['wc', '-c'], { as: 'root', stdin })).stdout.trim()).toBe('500000')
  await connection.close()
})

test.each([
  ['asks', undefined, /asks admin for a password.*there is none/, /-K/],
  ['asks', 'wrong', /did not take the password of admin/, /-K/],
  ['sudoers', undefined, /not allowed to become root/, /sudoers/],
  ['sudoers', 'any', /not allowed to become root/, /sudoers/],
  ['tty', undefined, /requiretty/, /!requiretty/],
  ['missing', undefined, /sudo is not installed/, /install sudo/],
  ['missing', 'any', /sudo is not installed/, /install sudo/],
])('sudo: %s, password: %s', async (mode, becomePassword, message, hint) => {
  const { result } = await attempt(mode, { becomePassword })
  expect(result).toMatchObject({
    code: 'become',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
  expect(JSON.stringify([result.message, result.hint, result.details])).not.toContain('wrong')
})

test('a refusal is remembered: sudo is not asked again and again', async () => {
  const { connection, argv } = host('sudoers')
  for (const _ of [1, 2, 3]) await connection.exec(['true'], { as: 'root' }).catch(() => {})
  expect(argv().trim().split('\n')).toHaveLength(1)
  await connection.close()
})

test('where sudo allows one user alone, that root was refused before does not stand in his way', async () => {
  const { connection } = host('postgres')
  await expect(connection.look('now', '', 'root')).rejects.toMatchObject({ code: 'become' })
  await expect(connection.shell(':', { as: 'root' })).rejects.toMatchObject({ code: 'become' })
  expect(await connection.look('now', '', 'postgres')).toMatch(/^= \d+$/)
  await connection.close()
})
