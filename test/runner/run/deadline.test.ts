import { truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

let dir: string
let endless: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'play-deadline-'))
  endless = join(dir, 'endless')
  writeFileSync(endless, '')
  truncateSync(endless, 2 ** 42)
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const tasks = (text: string) => `- hosts: all\n  gather_facts: false\n  tasks:\n${text}`

test('a task that is still looking when its timeout is over fails, and the next one runs', async () => {
  const { code, lines, results } = await runLocally(
    tasks(`
    - { name: digest, stat: { path: ${endless}, checksum_algorithm: sha256 }, timeout: 1, ignore_errors: true }
    - { name: wait, wait_for: { path: ${dir}/never, timeout: 300 }, timeout: 1, ignore_errors: true }
    - { name: pause, pause: { seconds: 300 }, timeout: 1, ignore_errors: true }
    - { name: behind, stat: { path: ${dir} }, timeout: 60 }
`),
  )
  expect(lines).toEqual(['h1 digest failed', 'h1 wait failed', 'h1 pause failed', 'h1 behind ok'])
  expect(results[0]!.message).toContain('it took longer than the 1 s of its timeout')
  expect(code).toBe(0)
}, 60_000)

test('a look that lasts longer than ten seconds says so, and what it waits for, as the error does at its timeout', async () => {
  const { events, results } = await runLocally(
    tasks(`    - { name: digest, stat: { path: ${endless}, checksum_algorithm: sha256 }, timeout: 12 }\n`),
  )
  const told = events.filter(({ event }) => event === 'progress')
  expect(told).toEqual([
    {
      ...{ event: 'progress', task: 'digest', host: 'h1' },
      ...{ line: `stat: waits for the sha256 of ${endless}`, seconds: 10 },
    },
  ])
  expect(results[0]!.message).toBe(
    `it took longer than the 12 s of its timeout, and was ended while it looked at the host: it waited for the sha256 of ${endless}`,
  )
}, 60_000)

test('a file that is huge is not read to see that it is not the wanted one', async () => {
  const { lines } = await runLocally(
    tasks(`    - { name: a, copy: { content: x, dest: ${endless} }, timeout: 20 }\n`),
    { args: ['--check'] },
  )
  expect(lines).toEqual(['h1 a changed'])
}, 60_000)

test('one Ctrl-C ends a look', async () => {
  const { code, lines } = await runLocally(
    tasks(`
    - { name: digest, stat: { path: ${endless}, checksum_algorithm: sha256 } }
    - { name: behind, debug: { msg: x } }
`),
    {
      onEvent(event) {
        if (event.event === 'task_start') setTimeout(() => process.kill(process.pid, 'SIGINT'), 500)
      },
    },
  )
  expect(code).toBe(99)
  expect(lines.some((line) => line.includes('behind'))).toBe(false)
}, 60_000)
