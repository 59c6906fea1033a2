import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import type { Connection } from '../../../runner/hosts/types.ts'
import { startSshd, type TestServer, withoutSshd } from './sshd.ts'

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const isRoot = userInfo().uid === 0
/** Any but NUL, which no argument can hold, and lone halves of a surrogate pair. */
const character = fc
  .oneof(
    fc.integer({ min: 1, max: 0xff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
    fc.integer({ min: 1, max: 0xd7ff }),
  )
  .map((code) => String.fromCodePoint(code))
const kinds = [{ kind: 'local' }, { kind: 'ssh' }] as const

describe.each(kinds)('$kind', ({ kind }) => {
  if (kind === 'ssh' && withoutSshd) {
    test.skip(`skipped: ${withoutSshd}`, () => {})
    return
  }
  let server: TestServer | undefined
  let host: Connection
  let dir: string

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'play-host-'))
    if (kind === 'ssh') server = await startSshd()
    host = await connect(server?.spec() ?? connectionSpec('localhost', {}, {}))
  })
  afterAll(async () => {
    await host.close()
    await server?.stop()
    rmSync(dir, { recursive: true })
  })

  test("a user's commands run in the order of the calls, one with a large input too", async () => {
    const file = join(dir, 'order')
    const calls = [
      host.shell(`sleep 0.2; echo small >>${file}`),
      host.shell(`cat >/dev/null; echo large >>${file}`, { stdin: 'x'.repeat(300 * 1024) }),
    ]
    await Promise.all(calls)
    expect((await host.shell(`cat ${file}`)).stdout).toBe('small\nlarge\n')
  })

  test('a command gives its exit code and both streams', async () => {
    expect(await host.shell('echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  test.each([
    ['exit 3', 3],
    ['cd /; set -e; false; true', 1],
    ['exec true', 0],
    ['unset PATH; trap "echo bye" EXIT', 0],
    ['echo "unbalanced', 2],
    ["echo 'unbalanced", 2],
    ['if', 2],
    ['cat <<END', 0],
    [')', 2],
    ['set -x; printf() { :; }; exec >/dev/null 2>&1', 0],
    ['readonly PATH LC_ALL', 0],
    ['return 4', 4],
  ])('%j leaves the shell as it was', async (text, code) => {
    const before = await host.shell('pwd; umask; command -v ls; set -o; trap')
    expect((await host.shell(text)).code).toBe(code)
    expect(await host.shell('pwd; umask; command -v ls; set -o; trap')).toEqual(before)
  })

  test('nothing in a command can be taken for the end of its output', async () => {
    const seen = await host.shell('set; printf "\\036"; printf "\\0360\\n" >&2')
    expect(seen.code).toBe(0)
    expect(seen.stdout.endsWith('\x1e')).toBe(true)
    expect(seen.stderr).toBe('\x1e0\n')
  })

  test('words reach the program as they are', async () => {
    const word = fc.string({ unit: character, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 4 }), async (words) => {
        const { stdout } = await host.exec(['printf', '%s\\0', 'first', ...words])
        expect(stdout).toBe(['first', ...words, ''].map((one) => Buffer.from(one).toString()).join('\0'))
      }),
      { numRuns: 40 },
    )
  })

  test('input reaches the program byte for byte', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6000 }).map((list) => Buffer.from(list))
    const text = fc.string({ minLength: 1 }).map((line) => Buffer.from(`${line}\n`))
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, text), async (stdin) => {
        const { stdout } = await host.exec(['od', '-An', '-v', '-tx1'], { stdin })
        expect(stdout.replace(/\s/g, '')).toBe(stdin.toString('hex'))
      }),
      { numRuns: 40 },
    )
  })

  test('a program of a name that the shell has for itself is still the program', async () => {
    expect(await host.exec(['echo', 'a\\nb'])).toMatchObject({ stdout: 'a\\nb\n' })
    expect(await host.exec(['if'])).toMatchObject({ code: 127 })
    expect(await host.exec(['A=b'])).toMatchObject({ code: 127 })
    expect(await host.exec(['cd', '/'])).toMatchObject({ code: 0 })
  })

  test('a command without input finds an empty one, not the commands behind it', async () => {
    const [first, second] = await Promise.all([host.exec(['cat']), host.exec(['echo', 'next'])])
    expect(first).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(second.stdout).toBe('next\n')
  })

  test('calls made together run in order, each with its own result', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index)
    const outputs = await Promise.all(numbers.map((n) => host.shell(`echo ${n}; echo e${n} >&2; exit ${n}`)))
    expect(outputs).toEqual(numbers.map((n) => ({ code: n, stdout: `${n}\n`, stderr: `e${n}\n` })))
  })

  test('environment and folder hold for one command', async () => {
    const options = { env: { GREETING: "it's $HOME" }, cwd: '/usr' }
    expect((await host.shell('echo "$GREETING"; pwd', options)).stdout).toBe("it's $HOME\n/usr\n")
    expect((await host.exec(['printenv', 'GREETING'], { env: options.env })).stdout).toBe("it's $HOME\n")
    expect((await host.exec(['pwd'], options)).stdout).toBe('/usr\n')
    expect((await host.shell('echo "[$GREETING]"')).stdout).toBe('[]\n')
    expect(await host.exec(['ls'], { cwd: '/no/such/folder' })).not.toMatchObject({ code: 0 })
  })

  test('a known locale, PATH and umask', async () => {
    const { stdout } = await host.shell('echo $LC_ALL; umask; echo ":$PATH:"')
    expect(stdout).toMatch(/^C\.UTF-8\n0022\n.*:\/usr\/sbin:.*\n$/)
  })

  test('lines are told as they come', async () => {
    const lines: string[] = []
    await host.shell('echo one; echo two >&2; printf three', {
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    })
    expect(lines.sort()).toEqual(['stderr two', 'stdout one', 'stdout three'])
  })

  test('large output and input pass whole', async () => {
    const stdin = Buffer.alloc(3_000_000, 'abc\n')
    const { stdout } = await host.exec(['cat'], { stdin })
    expect(Buffer.from(stdout).equals(stdin)).toBe(true)
    const both = await host.shell('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2')
    expect([both.stdout.length, both.stderr.length]).toEqual([3_000_000, 3_000_000])
  })

  test('a command that takes too long is ended with all its children, and the next one runs', async () => {
    const name = `${61 + Math.floor(Math.random() * 1e6)}.5`
    const [slow, next] = await Promise.all([
      host.shell(`trap '' TERM; sleep ${name} & sleep ${name}`, { timeout: 0.2 }),
      host.exec(['echo', 'next']),
    ])
    expect(slow.code).toBe(124)
    expect(next.stdout).toBe('next\n')
    // Killed, a process is there until somebody has looked how it ended.
    await vi.waitFor(() => expect(processes(name)).toEqual([]))
  })

  test('a shell that was stopped under a command is given up at its timeout, and the next one runs in another', async () => {
    const [stopped, next] = await Promise.all([
      host.shell('kill -STOP $$', { timeout: 0.5 }),
      host.exec(['echo', 'next']),
    ])
    expect([stopped.code, next.stdout]).toEqual([124, 'next\n'])
  })

  test('a command that kills the shell ends with it, and those behind it run in a new one', async () => {
    const [killed, next] = await Promise.all([host.shell('kill -9 $$'), host.exec(['echo', 'next'])])
    expect(killed.code).toBe(137)
    expect(next.stdout).toBe('next\n')
  })

  test('a program reads a stream that is too large for the shell', async () => {
    const content = Buffer.alloc(2_000_000, 'content ')
    const input = Readable.from([content.subarray(0, 5), content.subarray(5)])
    const { code, stdout } = await host.stream(['wc', '-c'], input, {})
    expect([code, stdout]).toEqual([0, '2000000\n'])
    const failed = await host.stream(['sh', '-c', 'cat >/dev/full'], Readable.from(['x']), {})
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/space/i) })
  })

  test('a stream whose source fails, fails with that', async () => {
    const source = new Readable({
      read() {
        this.destroy(new Error('the source broke'))
      },
    })
    await expect(host.stream(['cat'], source, {})).rejects.toThrow('the source broke')
  })

  test.runIf(isRoot)('commands run as another user, at home there', async () => {
    const { stdout } = await host.shell('id -un; echo $HOME $USER; pwd', { as: 'daemon' })
    expect(stdout).toBe('daemon\n/usr/sbin daemon\n/usr/sbin\n')
    expect(await host.stream(['id', '-un'], Readable.from(['x']), { as: 'daemon' })).toMatchObject({
      stdout: 'daemon\n',
    })
  })

  test('a user who is not there is said, and not asked for again', async () => {
    for (const _ of [1, 2]) {
      await expect(host.exec(['id'], { as: 'nosuchuser' })).rejects.toMatchObject({ code: 'become' })
    }
    await expect(host.exec(['id'], { as: 'a; rm -rf x' })).rejects.toMatchObject({ code: 'become' })
  })

  test('a process left in the background does not keep the connection open, nor speak in later results', async () => {
    const own = await connect(server?.spec() ?? connectionSpec('localhost', {}, {}))
    const name = `${81 + Math.floor(Math.random() * 1e6)}.5`
    await own.shell(`{ sleep ${name}; } & echo started`)
    expect((await own.shell('echo next')).stdout).toBe('next\n')
    await own.close()
    // The shell has gone on before it has become that program.
    const left = await vi.waitFor(() => {
      const found = processes(name)
      expect(found).toHaveLength(1)
      return found
    })
    process.kill(left[0]!)
  })

  test('a program that moved is found again', async () => {
    const [first, second] = [join(dir, 'first'), join(dir, 'second')]
    const env = { PATH: `${first}:${second}:/usr/bin:/bin` }
    await host.shell(
      `mkdir ${first} ${second}; printf '#!/bin/sh\necho here' >${first}/moved; chmod +x ${first}/moved`,
    )
    expect((await host.exec(['moved'], { env })).stdout).toBe('here\n')
    await host.exec(['mv', `${first}/moved`, second])
    expect((await host.exec(['moved'], { env })).stdout).toBe('here\n')
  })

  test('closing ends what still runs, and leaves nothing behind', async () => {
    const name = `${71 + Math.floor(Math.random() * 1e6)}.5`
    const own = await connect(server?.spec() ?? connectionSpec('localhost', {}, {}))
    await own.exec(['true'], isRoot ? { as: 'daemon' } : {})
    const started = withResolvers()
    const running = own.shell(`echo up; sleep ${name}`, { onLine: started.resolve }).catch((error) => error)
    const behind = own.shell(`sleep ${name}`).catch((error) => error)
    await started.promise
    await own.close()
    expect(await running).toMatchObject({ code: 'interrupted' })
    expect(await behind).toMatchObject({ code: 'interrupted' })
    expect(processes(name)).toEqual([])
    await expect(own.exec(['true'])).rejects.toMatchObject({ code: 'interrupted' })
  })
})

function withResolvers() {
  let resolve!: (value?: unknown) => void
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** The ids of this machine's processes whose arguments hold a word. */
function processes(word: string): number[] {
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id) && commandLine(id).includes(word))
    .map(Number)
}
function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
