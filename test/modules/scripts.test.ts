import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WAIT_FILE_SCRIPT, WAIT_PORT_SCRIPT } from '../../modules/control/wait-for/scripts.ts'
import { APT_LOCK_SCRIPT } from '../../modules/packages/shared/scripts.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'play-scripts-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (argv: string[]) => spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8', timeout: 20_000 })

describe('the script that waits for locks', () => {
  // Takes a lock as apt does, says so, and holds it until its input ends.
  const HOLD =
    'use Fcntl; open(F,"+<",$ARGV[0]); $b=pack("s s x4 q q i x4",F_WRLCK,0,0,0,0); fcntl(F,F_SETLK,$b) or die; $|=1; print "held\\n"; <STDIN>'

  it('passes where no lock is held, or none is there', () => {
    const lock = join(folder, 'free')
    writeFileSync(lock, '')
    expect(run(['perl', '-e', APT_LOCK_SCRIPT, '0', lock, join(folder, 'missing')])).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  it('names the holder when time is up', async () => {
    const lock = join(folder, 'held')
    writeFileSync(lock, '')
    const holder = spawn('perl', ['-e', HOLD, lock], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const waited = run(['perl', '-e', APT_LOCK_SCRIPT, '0', lock])
    holder.stdin.end()
    await once(holder, 'exit')
    expect(waited.status).toBe(1)
    expect(waited.stderr).toContain(`${lock} is held by process ${holder.pid} (perl)`)
  })
})

describe('the scripts that wait', () => {
  const file = (path: string, state: string, regex: string) =>
    run(['timeout', '1', 'sh', '-c', WAIT_FILE_SCRIPT, 'play', path, state, regex, '1', '0']).status

  it('see a file come, go, and hold a line', () => {
    const path = join(folder, "a 'file'")
    expect(file(path, 'absent', '')).toBe(0)
    writeFileSync(path, 'one\nready 42\n')
    expect(file(path, 'present', '')).toBe(0)
    expect(file(path, 'present', '^ready [0-9]+$')).toBe(0)
    expect(file(path, 'present', '^gone')).toBe(124)
  })

  it.skipIf(process.getuid?.() !== 0)('do not take what they cannot see for absent', () => {
    const path = join(folder, 'closed')
    mkdirSync(path, { mode: 0o700 })
    chmodSync(folder, 0o755)
    writeFileSync(join(path, 'there'), 'x')
    const seen = (what: string, state: string, regex = '') =>
      run(
        ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'timeout', '1'].concat([
          'sh',
          '-c',
          WAIT_FILE_SCRIPT,
          'play',
          join(path, what),
          state,
          regex,
          '1',
          '0',
        ]),
      )
    for (const state of ['absent', 'present'])
      for (const regex of ['', 'x']) {
        expect(seen('there', state, regex)).toMatchObject({
          status: 3,
          stderr: expect.stringContaining('Permission denied'),
        })
      }
    chmodSync(path, 0o755)
    expect(seen('there', 'present', 'x').status).toBe(0)
    expect(seen('gone', 'absent', 'x').status).toBe(0)
    expect(seen('there/in it', 'absent').status).toBe(0)
  })

  it('nor a name that nobody knows for a closed port', () => {
    const wait = [
      'timeout',
      '10',
      'bash',
      '-c',
      WAIT_PORT_SCRIPT,
      'play',
      'no.such.name.invalid',
      '22',
      'stopped',
      '1',
      '0',
    ]
    expect(run(wait)).toMatchObject({ status: 3, stderr: expect.stringContaining('no.such.name.invalid') })
  })

  it('see whether a port is open', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const wait = async (state: string) => {
      const child = spawn('timeout', [
        '60',
        'bash',
        '-c',
        WAIT_PORT_SCRIPT,
        'play',
        '127.0.0.1',
        String(port),
        state,
        '1',
        '0',
      ])
      return (await once(child, 'exit'))[0]
    }
    expect(await wait('started')).toBe(0)
    server.close()
    await once(server, 'close')
    expect(await wait('stopped')).toBe(0)
  })
})
