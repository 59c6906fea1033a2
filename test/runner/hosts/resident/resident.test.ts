import { execFileSync, spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { OTHER_SIZE } from '../../../../contract/host.ts'
import { PlayError } from '../../../../runner/errors.ts'
import { connect } from '../../../../runner/hosts/connect.ts'
import { RESIDENT_SCRIPT } from '../../../../runner/hosts/resident/script.ts'
import { connectionSpec } from '../../../../runner/hosts/spec.ts'
import type { Connection } from '../../../../runner/hosts/types.ts'
import { HostReads } from '../../../../runner/run/host-reads.ts'
import { PathReads } from '../../../../runner/run/path-reads.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let host: Connection
let reads: PathReads
let dir: string
let said: string[]
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'play-resident-'))
  said = []
  host = await connect(connectionSpec('localhost', {}, {}), { onResidentGone: (_, why) => said.push(why) })
  reads = new PathReads(host, undefined)
})
afterEach(async () => {
  await host.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Processes that read for a run of this test. */
const residents = (): string[] =>
  readdirSync('/proc').filter((id) => {
    try {
      const isOurs = readFileSync(`/proc/${id}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`)
      return isOurs && readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith('play: reads')
    } catch {
      return false
    }
  })
const kill = (): void => {
  expect(residents()).toHaveLength(1)
  for (const id of residents()) process.kill(Number(id), 'SIGKILL')
}

test('one that is killed is started again, its question asked again, and that is said; a second time is an error', async () => {
  await reads.stat('/etc')
  kill()
  expect(await reads.stat('/etc')).toMatchObject({ type: 'directory' })
  expect(said).toHaveLength(1)
  kill()
  await expect(reads.stat('/etc')).rejects.toThrow('localhost: what reads there for root ended twice')
})

test('it is gone with the connection', async () => {
  await reads.stat('/etc')
  await host.close()
  expect(residents()).toEqual([])
})

test('one that hangs holds nobody up who wants to leave', async () => {
  await reads.stat('/etc')
  const [id] = residents()
  process.kill(Number(id), 'SIGSTOP')
  reads.stat('/etc').catch(() => {})
  await host.halt(new PlayError('interrupted', 'enough'))
  process.kill(Number(id), 'SIGCONT')
})

test('all questions of a turn are answered by one process, whatever is asked', async () => {
  writeFileSync(join(dir, 'file'), 'text')
  const [stat, list, content, sha256, none] = await Promise.all([
    reads.stat(join(dir, 'file')),
    reads.list(dir),
    reads.content(join(dir, 'file')),
    reads.sha256(join(dir, 'file')),
    reads.stat(join(dir, 'none')),
  ])
  expect(stat).toMatchObject({ type: 'file', size: 4 })
  expect(list).toEqual(['file'])
  expect(String(content)).toBe('text')
  expect(sha256).toBe('982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1')
  expect(none).toBeNull()
  expect(residents()).toHaveLength(1)
})

test('a large file is digested while other questions are answered', async () => {
  writeFileSync(join(dir, 'large'), '')
  truncateSync(join(dir, 'large'), 2 ** 30)
  let isDone = false
  const digest = reads.blake2b512(join(dir, 'large')).finally(() => (isDone = true))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(await reads.stat(dir)).toMatchObject({ type: 'directory' })
  expect(isDone).toBe(false)
  expect(await digest).toMatch(/^[0-9a-f]{128}$/)
})

/** Programs that digest for a process of this test. */
const digesting = (): string[] => {
  const parents = residents().map((id) => `PPid:\t${id}\n`)
  return readdirSync('/proc').filter((id) => {
    try {
      const status = readFileSync(`/proc/${id}/status`, 'utf8')
      const isOurs = parents.some((parent) => status.includes(parent))
      return isOurs && /^(sha256|b2)sum/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'))
    } catch {
      return false
    }
  })
}

test('a digest that nobody waits for any more is ended on the host, and those asked with it are answered', async () => {
  writeFileSync(join(dir, 'endless'), '')
  truncateSync(join(dir, 'endless'), 2 ** 42)
  writeFileSync(join(dir, 'file'), 'text')
  const control = new AbortController()
  const endless = host.look('sha256', join(dir, 'endless'), undefined, control.signal)
  const other = reads.sha256(join(dir, 'file'))
  await vi.waitFor(() => expect(digesting()).toHaveLength(1), { timeout: 20_000 })
  control.abort(new Error('enough'))
  await expect(endless).rejects.toThrow('enough')
  expect(await other).toMatch(/^982d9e3eb996/)
  await vi.waitFor(() => expect(digesting()).toEqual([]), { timeout: 20_000 })
})

test('a file of another size than the wanted one is not read', async () => {
  writeFileSync(join(dir, 'endless'), '')
  truncateSync(join(dir, 'endless'), 2 ** 42)
  expect(await reads.sha256(join(dir, 'endless'), 4)).toBe(OTHER_SIZE)
  expect(await reads.blake2b512(join(dir, 'endless'), 4)).toBe(OTHER_SIZE)
  writeFileSync(join(dir, 'file'), 'text')
  expect(await reads.sha256(join(dir, 'file'), 4)).toMatch(/^982d9e3eb996/)
})

test('what is a file now and a named pipe then never keeps a digest waiting', async () => {
  const path = join(dir, 'flips')
  writeFileSync(path, 'text')
  const flip = spawn('sh', [
    '-c',
    'cd "$0"; while :; do mkfifo p; mv p flips; echo text >q; mv q flips; done',
    dir,
  ])
  try {
    for (let n = 0; n < 300; n += 1) await reads.sha256(path)
  } finally {
    flip.kill('SIGKILL')
  }
})

test('a folder of 100,000 files is listed whole, and names may hold anything', async () => {
  execFileSync('sh', ['-c', 'cd "$0" && seq -f f%g 100000 | xargs touch', dir])
  const odd = ['new\nline', 'a%0ab', '%', ' ', 'é', '=', '0']
  for (const name of odd) writeFileSync(join(dir, name), '')
  const found = await reads.list(dir)
  expect(found).toHaveLength(100_000 + odd.length)
  expect(found).toEqual(expect.arrayContaining(odd))
})

test('what is no folder is told from what cannot be looked into', async () => {
  writeFileSync(join(dir, 'file'), '')
  mkdirSync(join(dir, 'shut'), { mode: 0o700 })
  expect(await reads.list(join(dir, 'file'))).toBeNull()
  expect(await reads.list(join(dir, 'none'))).toBeNull()
  expect(await reads.list(join(dir, 'shut'))).toEqual([])
  if (process.getuid?.() !== 0) return
  execFileSync('chmod', ['755', dir])
  await expect(new PathReads(host, 'games').list(join(dir, 'shut'))).rejects.toThrow('Permission denied')
})

test.runIf(process.getuid?.() === 0)(
  'root’s acts for other users, with their rights and groups',
  async () => {
    writeFileSync(join(dir, 'of-adm'), 'x', { mode: 0o640 })
    execFileSync('chmod', ['755', dir])
    execFileSync('chgrp', ['games', join(dir, 'of-adm')])
    const as = (user: string) => new PathReads(host, user).content(join(dir, 'of-adm'))
    expect(String(await as('games'))).toBe('x')
    await expect(as('daemon')).rejects.toThrow('Permission denied')
    expect(String(await as('root'))).toBe('x')
    await expect(as('nobody-of-that-name')).rejects.toThrow('there is no user nobody-of-that-name')
    expect(residents()).toHaveLength(1)
  },
)

test('a command has its input, environment, both streams and its exit code', async () => {
  const script = 'cat; echo "$WORD" >&2; exit 3'
  const all = await Promise.all(
    ['one', 'two'].map((stdin) => host.read(['sh', '-c', script], { stdin, env: { WORD: 'a=b\nc' } })),
  )
  expect(all).toEqual([
    { code: 3, stdout: 'one', stderr: 'a=b\nc\n' },
    { code: 3, stdout: 'two', stderr: 'a=b\nc\n' },
  ])
  expect(await host.read(['no-such-program'])).toMatchObject({ code: 127, stdout: '' })
  expect(await host.read(['sh', '-c', 'kill -9 $$'])).toMatchObject({ code: 137 })
  const large = 'x'.repeat(1_000_000)
  expect((await host.read(['cat'], { stdin: large })).stdout).toBe(large)
  expect((await host.read(['sh', '-c', 'seq 200000'])).stdout).toHaveLength(1_288_895)
})

test('a command that takes too long is ended with all that it started; others go on meanwhile', async () => {
  const slow = host.read(['sh', '-c', 'trap "" TERM; sleep 987654 & wait'], { timeout: 0.2 })
  expect(await host.read(['echo', 'hello'])).toMatchObject({ stdout: 'hello\n' })
  expect(await slow).toMatchObject({ code: 124 })
  await vi.waitFor(async () => expect((await host.read(['pgrep', '-f', '^sleep 987654'])).code).toBe(1))
})

test('commands end where the run does', async () => {
  const slow = host.read(['sleep', '876543']).catch((error: unknown) => error)
  expect(await host.read(['pgrep', '-xf', 'sleep 876543'])).toMatchObject({ code: 0 })
  await host.close()
  await slow
  await vi.waitFor(() => expect(() => execFileSync('pgrep', ['-xf', 'sleep 876543'])).toThrow())
})

test.runIf(process.getuid?.() === 0)('a command runs as its user for good', async () => {
  const { stdout } = await host.read(
    ['sh', '-c', 'id -un; id -urn; echo "$HOME $USER"; grep ^Uid /proc/self/status'],
    { as: 'games' },
  )
  const uid = execFileSync('id', ['-u', 'games'], { encoding: 'utf8' }).trim()
  expect(stdout).toBe(`games\ngames\n/usr/games games\nUid:\t${[uid, uid, uid, uid].join('\t')}\n`)
})

test('it can write nothing, and starts what it is told to, coreutils for digests and systemctl for units alone', () => {
  expect(RESIDENT_SCRIPT).not.toMatch(
    /\b(unlink|rename|mkdir|rmdir|chmod|chown|symlink|link|truncate|utime|system)\b\s*[($"]|O_(WRONLY|RDWR|CREAT)|`/,
  )
  const opened = [...RESIDENT_SCRIPT.matchAll(/open \S+, "(>[&>]?)", ([^;]+);/g)].map(([, , what]) => what)
  expect(opened).toEqual(['$out'])
  const started = RESIDENT_SCRIPT.split('\n').filter((line) => line.includes('= start('))
  expect(started).toEqual([
    expect.stringContaining('[$program, "-z", "--", '),
    expect.stringContaining('[@show, map { $_->[1] } @wanted]'),
    expect.stringContaining('\\@argv, @env)'),
  ])
  expect([...RESIDENT_SCRIPT.matchAll(/\bexec\b/g)]).toHaveLength(1)
  const named = [...RESIDENT_SCRIPT.matchAll(/digest\("(\w+)"|@show = \("(\w+)", "(\w+)"/g)]
  expect(named.map(([, sum, ...show]) => sum ?? show.join(' '))).toEqual([
    'sha256sum',
    'b2sum',
    'systemctl show',
  ])
})

test('users, groups and processes are what the programs of this machine say', async () => {
  const all = new HostReads(host, undefined)
  const said = (...argv: [string, ...string[]]) =>
    execFileSync(argv[0], argv.slice(1), { encoding: 'utf8' }).trim()
  const [name, , uid, gid, , home, shell] = said('getent', 'passwd', 'games').split(':')
  expect(await all.user('games')).toEqual({ name, uid: Number(uid), gid: Number(gid), home, shell })
  const [group, , id, members] = said('getent', 'group', 'adm').split(':')
  const wanted = { name: group, gid: Number(id), members: members!.split(',').filter(Boolean) }
  expect(await all.group('adm')).toEqual(wanted)
  expect([await all.user('nobody of that name'), await all.group('')]).toEqual([null, null])
  const found = (await all.processes()).find(({ pid }) => pid === process.pid)
  expect(found?.parent).toBe(process.ppid)
  expect(found?.command).toBe(said('ps', '-o', 'args=', '-ww', '-p', String(process.pid)))
  expect(residents()).toHaveLength(1)
})

test.runIf(process.getuid?.() === 0)(
  'units of one turn are asked of one systemctl, and a bad name spoils no other’s answer',
  async () => {
    // This machine may have no systemd: what stands in for it says as it does (systemctl show of 252), and notes each start.
    const fake = `#!/bin/sh
echo "$*" >>${dir}/started
while [ "$1" != -- ]; do shift; done
shift
for name; do case $name in *' '*) echo "Failed to get properties: Unit name $name is neither a valid invocation ID nor unit name." >&2; exit 1;; esac; done
first=1
for name; do [ $first ] || echo; first=
printf 'Id=%s\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled\nFragmentPath=/lib/x\nTriggeredBy=c.socket d.timer\nCanReload=%s\nNeedDaemonReload=no\n' "$name" "$([ "$name" = a.service ] && echo yes || echo no)"; done
`
    writeFileSync(join(dir, 'systemctl'), fake, { mode: 0o755 })
    const path = process.env.PATH
    process.env.PATH = `${dir}:${path}`
    const other = await connect(connectionSpec('localhost', {}, {}))
    try {
      const all = new HostReads(other, undefined)
      const unit = {
        ...{ load: 'loaded', active: 'active', sub: 'running', result: 'success', file: 'enabled' },
        ...{
          path: '/lib/x',
          dropIns: [],
          triggeredBy: ['c.socket', 'd.timer'],
          canReload: false,
          needReload: false,
        },
      }
      const asked = ['a.service', 'b.service', 'c.socket'].map((name) => all.unit(name))
      expect(await Promise.all(asked)).toEqual([
        { ...unit, id: 'a.service', canReload: true },
        { ...unit, id: 'b.service' },
        { ...unit, id: 'c.socket' },
      ])
      expect(readFileSync(join(dir, 'started'), 'utf8').trim().split('\n')).toHaveLength(1)
      const [good, bad] = await Promise.allSettled([all.unit('a.service'), all.unit('a b.service')])
      expect(good).toMatchObject({ value: { ...unit, id: 'a.service', canReload: true } })
      expect(bad).toMatchObject({
        reason: {
          message: "systemd does not answer about 'a b.service'",
          details: [expect.stringContaining('neither a valid')],
        },
      })
    } finally {
      process.env.PATH = path
      await other.close()
    }
  },
)
