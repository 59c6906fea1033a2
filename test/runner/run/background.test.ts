import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readJob, START_JOB } from '../../../modules/commands/async-status/scripts.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string) =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.replace(/^/gm, '    ')}`

it('a job goes on by itself, is looked at until it has ended, and is taken away', async () => {
  const ran = await runLocally(
    play(`- name: start
  shell: read line; sleep 1; echo "$line $X"; echo wrong >&2
  args: { stdin: hello }
  environment: { X: there }
  async: 30
  poll: 0
  register: job
- name: wait
  async_status: { jid: "{{ job.ansible_job_id }}" }
  register: state
  until: state.finished
  retries: 60
  delay: 0.1
- assert: { that: ["state.stdout == 'hello there'", "state.stderr_lines == ['wrong']", "state.rc == 0"] }
- name: clean
  async_status: { jid: "{{ job.ansible_job_id }}", mode: cleanup }
- stat: { path: "{{ job.results_file }}" }
  register: left
- assert: { that: "!left.stat.exists" }`),
  )
  expect(ran.lines).toEqual([
    'h1 start changed',
    'h1 wait ok',
    'h1 assert ok',
    'h1 clean changed',
    'h1 stat ok',
    'h1 assert ok',
  ])
})

it('a job that is waited for gives what the task gives', async () => {
  const ran = await runLocally(
    play(`- shell: sleep 0.3; echo out; exit 3
  async: 10
  poll: 0.1
  register: r
  failed_when: r.rc != 3
- assert: { that: "r.stdout == 'out' && !has(r.ansible_job_id)" }`),
  )
  expect(ran.lines).toEqual(['h1 shell changed', 'h1 assert ok'])
})

it('one that takes too long is ended, and says so', async () => {
  const ran = await runLocally(play('- { name: a, command: sleep 30, async: 1, poll: 0.2 }'))
  expect(ran.results[0]).toMatchObject({ status: 'failed' })
  expect(ran.results[0]!.message).toContain('that async allows')
})

it('one that nobody knows is a failure, and in a check nothing is started', async () => {
  const ran = await runLocally(play('- { name: a, async_status: { jid: j1.1 } }'))
  expect(ran.results[0]!.message).toContain('there is no job j1.1')
  const checked = await runLocally(play('- { name: a, command: "true", async: 5, poll: 0 }'), {
    args: ['--check'],
  })
  expect(checked.lines).toEqual(['h1 a changed'])
})

it('a plan of files is carried out, and has ended when it began', async () => {
  const ran = await runLocally(
    play(`- copy: { content: x, dest: "{{ dir }}/f" }
  async: 5
  poll: 0
  register: job
- assert: { that: job.finished }
- async_status: { jid: "{{ job.ansible_job_id }}" }
  register: state
  until: state.finished
  delay: 0.1`),
  )
  expect(ran.lines).toEqual(['h1 copy changed', 'h1 assert ok', 'h1 async_status ok'])
})

it('what is printed of a job is read back', () => {
  expect(readJob('/x\nnone\n')).toBeNull()
  expect(readJob('/x\nrunning\n3\n\n\n')).toEqual({ folder: '/x', seconds: 3, stdout: '', stderr: '' })
})

it('a job whose end could not be written down is a failure, and no success', () => {
  const job = readJob(`/root/.play_async/j1\nlost\n0\n\n${Buffer.from('said ').toString('base64')}\n`)
  expect(job).toMatchObject({ code: 256, seconds: 0 })
  expect(job!.stderr).toContain('said how it ended is not known')
})

it('a command does not begin whose input could not be kept, and nothing of it is left', () => {
  const home = mkdtempSync(join(tmpdir(), 'play-job-'))
  const script = START_JOB.replace(/^home=.*$/m, `home=${home}`)
  mkdirSync(join(home, '.play_async/j1/stdin'), { recursive: true })
  const started = spawnSync('sh', ['-c', script, 'play', 'j1', '5', 'touch', join(home, 'begun')], {
    input: 'x',
  })
  expect(started.status).toBe(1)
  expect(started.stderr.toString()).toContain('the job cannot be kept in')
  expect(readdirSync(home)).toEqual(['.play_async'])
  expect(readdirSync(join(home, '.play_async'))).toEqual([])
  rmSync(home, { recursive: true })
})

it('of what a job says the beginning and the end are kept, and how much was left out', async () => {
  const ran = await runLocally(
    play(`- shell: echo first; head -c 5000000 /dev/zero | tr '\\\\0' x; echo; echo last
  async: 30
  poll: 0.2
  register: r
- assert: { that: ["r.stdout.startsWith('first')", "r.stdout.endsWith('last')", "r.stdout.contains('bytes are left out')", "size(r.stdout) < 2200000"] }`),
  )
  expect(ran.lines).toEqual(['h1 shell changed', 'h1 assert ok'])
})

it('a script is bounded as a command is, and taken away however it ends', async () => {
  const script = (tasks: string) =>
    runLocally(play(tasks), {
      files: { 'long.sh': '#!/bin/sh\nprintf "$0"; sleep 60\n', 'short.sh': '#!/bin/sh\necho "$0"\n' },
    })
  const late = await script(`- { script: long.sh, async: 1, poll: 0.2, register: r, ignore_errors: true }
- stat: { path: "{{ r.stdout }}" }
  register: left
- assert: { that: ["r.failed", "!left.stat.exists"] }`)
  expect(late.lines).toEqual(['h1 script failed', 'h1 stat ok', 'h1 assert ok'])
  expect(late.results[0]!.message).toContain('that async allows')
  const well = await script(`- { script: short.sh, async: 20, poll: 0.1, register: r }
- stat: { path: "{{ r.stdout }}" }
  register: left
- assert: { that: ["r.rc == 0", "r.stdout.startsWith('/')", "!left.stat.exists"] }`)
  expect(well.lines).toEqual(['h1 script changed', 'h1 stat ok', 'h1 assert ok'])
  const alone = await script('- { script: short.sh, async: 20, poll: 0 }')
  expect(alone.results[0]).toMatchObject({ status: 'failed' })
  expect(alone.results[0]!.message).toContain('with poll: 0 nobody waits')
}, 60_000)
