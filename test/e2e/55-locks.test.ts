import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  command,
  eventually,
  inventory,
  named,
  network,
  onHost,
  play,
  playJson,
  root,
} from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

const scratch = mkdtempSync(join(tmpdir(), 'play-locks-'))
/** A word that stands in the arguments of what a test has started, and in nothing else. */
const SLEEP = '3987.5'
const working: ChildProcess[] = []

function playbook(name: string, tasks: string, hosts = 'vm1:vm2', more = 'become: true'): string {
  const path = join(scratch, `${name}.yaml`)
  writeFileSync(path, `- hosts: ${hosts}\n  gather_facts: false\n  ${more}\n  tasks:\n    - ${tasks}\n`)
  return path
}
const long = playbook('long', `command: sleep ${SLEEP}`)
const quick = playbook('quick', 'command: "true"')

interface Running {
  child: ChildProcess
  said: () => string
  ended: Promise<number | null>
}

/** play, at work. Its own process group, so that a signal is what the test sends. */
const begin = (...args: string[]): Running => beginWith([...args, '-i', inventory])
function beginWith(args: string[]): Running {
  const child = spawn(process.execPath, [join(root, 'dist/play.js'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    detached: true,
  })
  working.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      said += part
    })
  return { child, said: () => said, ended: new Promise((resolve) => child.on('close', resolve)) }
}

const sleeps = (host: string): Promise<string> =>
  onHost(host, `pgrep -f '^sleep ${SLEEP.replace('.', '[.]')}' || true`)
const isAtWork = (host: string) =>
  eventually(`the command on ${host}`, async () => (await sleeps(host)) !== '')
const isGone = (host: string, seconds = 30) =>
  eventually(`the command on ${host} to end`, async () => (await sleeps(host)) === '', seconds)
/** What the lock says, files of dead runs, and processes that were stopped and never went on. */
const leftovers = (host: string): Promise<string> =>
  onHost(host, 'cat /run/play/lock; ls /run/play | grep -v ^lock$; ps axo stat,args | grep ^T || true')

afterAll(() => rmSync(scratch, { recursive: true }))

describe('one run at a time', () => {
  beforeAll(async () => {
    expect((await playJson(SITE)).code).toBe(0)
  })
  afterEach(async () => {
    for (const child of working.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(['vm1', 'vm2'].map((host) => isGone(host)))
  })
  it('a second one is refused before it reads anything, and told whose the machines are', async () => {
    const first = begin(long)
    await isAtWork('vm1')
    const second = await playJson(SITE)
    expect(second.code).toBe(1)
    expect(second.results).toEqual([])
    expect(second.stderr).toMatch(
      /^error\[lock\]: vm1, vm2 are held by .*long\.yaml, run by \S+@\S+ \(process \d+\), since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\n {2}hint: .*--wait-for-lock/,
    )
    expect(first.said()).not.toMatch(/WARNING/)
  })

  it('or waits, and goes on when the first has ended', async () => {
    const first = begin(long)
    await isAtWork('vm1')
    const second = begin(quick, '--wait-for-lock', '60')
    await eventually('it to wait', async () => /waiting: vm1, vm2 are held by/.test(second.said()))
    await onHost('vm1', `pkill -f '^sleep ${SLEEP}'`)
    await onHost('vm2', `pkill -f '^sleep ${SLEEP}'`)
    expect(await second.ended).toBe(0)
    await first.ended
  })

  it.each(['--no-destructive', 'apply'])('and says so where it checks first: %s', async (how) => {
    const plan = join(scratch, 'plan.json')
    if (how === 'apply') expect((await play([quick, '-i', inventory, '--check', '--out', plan])).code).toBe(0)
    const first = begin(long)
    await isAtWork('vm1')
    const second =
      how === 'apply'
        ? beginWith(['apply', plan, '--wait-for-lock', '60'])
        : begin(quick, how, '--wait-for-lock', '60')
    await eventually('it to wait', async () => /waiting: vm1, vm2 are held by/.test(second.said()))
    await onHost('vm1', `pkill -f '^sleep ${SLEEP}'`)
    await onHost('vm2', `pkill -f '^sleep ${SLEEP}'`)
    expect(await second.ended).toBe(0)
    await first.ended
  })

  it('but what changes nothing goes on beside it, and says whose run is under way', async () => {
    begin(long)
    await isAtWork('vm1')
    const check = await play([...SITE, '--check'])
    expect(check.code).toBe(0)
    expect(check.stdout).toMatch(/a run is under way on vm1, vm2: .*long\.yaml, run by/)
    const status = await play(['status', '-i', inventory])
    expect(status.code).toBe(0)
    expect(status.stderr).toMatch(/a run is under way on vm1, vm2: .*long\.yaml, run by/)
    const look = playbook('look', 'stat: { path: /etc/hosts }')
    expect((await play([look, '-i', inventory])).code).toBe(0)
  })

  it('also where one is root and the other postgres, whoever was first', async () => {
    const asPostgres = 'become: true\n  become_user: postgres'
    const own = playbook('postgres', `command: sleep ${SLEEP}`, 'vm1', asPostgres)
    const first = begin(own)
    await isAtWork('vm1')
    expect((await play([quick, '-i', inventory])).code).toBe(1)
    first.child.kill('SIGKILL')
    await isGone('vm1')
    // After a boot there is no folder that postgres could not have made.
    await onHost('vm1', 'rm -rf /run/play')
    begin(own)
    await isAtWork('vm1')
    expect((await play([quick, '-i', inventory])).stderr).toMatch(/vm1 is held by .*postgres\.yaml/)
  })

  it('and a host that only a task names is tried, not waited for', async () => {
    begin(playbook('other', `command: sleep ${SLEEP}`, 'vm2'))
    await isAtWork('vm2')
    const there = 'set_fact: { there: vm2 }\n    - command: "true"\n      delegate_to: "{{ there }}"'
    const late = await playJson([playbook('late', there, 'vm1'), '-i', inventory, '--wait-for-lock', '60'])
    expect(late.code).toBe(2)
    expect(late.results.at(-1)?.error).toMatchObject({
      code: 'lock',
      message: expect.stringMatching(/^vm2 is held by/),
    })
  })

  it('two names of one machine are no two runs', async () => {
    const twice = join(scratch, 'twice.ini')
    writeFileSync(twice, `other ansible_host=${network}.11\n`)
    const both = playbook('both', 'command: "true"', 'vm1:other')
    const ran = await playJson([both, '-i', inventory, '-i', twice])
    expect(ran.stderr).toBe('')
    expect(named(ran, 'changed')).toHaveLength(2)
  })

  it('--no-lock goes on beside it, and the recap says so', async () => {
    begin(long)
    await isAtWork('vm1')
    const ran = await play([quick, '-i', inventory, '--no-lock'])
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/done in .*, without a lock on any host \(--no-lock\)/)
  })

  it('a plan is checked and carried out under the lock', async () => {
    const plan = join(scratch, 'plan.json')
    expect((await play([quick, '-i', inventory, '--check', '--out', plan])).code).toBe(0)
    begin(long)
    await isAtWork('vm1')
    const applied = await play(['apply', plan])
    expect(applied.code).toBe(1)
    expect(applied.stderr).toMatch(/error\[lock\]/)
  })
})

describe('a run that is cut short leaves nothing at work that could be ended', () => {
  beforeAll(async () => {
    expect((await playJson(SITE)).code).toBe(0)
  })
  afterEach(async () => {
    for (const child of working.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(['vm1', 'vm2'].map((host) => isGone(host)))
  })

  it('killed, its commands end, and the next run goes at once', async () => {
    const first = begin(long)
    await isAtWork('vm1')
    first.child.kill('SIGKILL')
    expect((await playJson([quick, '-i', inventory])).code).toBe(0)
    await isGone('vm1', 5)
    expect(await leftovers('vm1')).toBe('')
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('%s ends what runs there, and names it', async (signal) => {
    const first = begin(long)
    await isAtWork('vm1')
    await isAtWork('vm2')
    first.child.kill(signal)
    expect(await first.ended).toBe(99)
    for (const host of ['vm1', 'vm2'])
      expect(first.said()).toMatch(new RegExp(`\\[${host}\\] ended: process \\d+ \\(sleep ${SLEEP}\\)`))
    expect(await sleeps('vm1')).toBe('')
    expect(await leftovers('vm1')).toBe('')
  })

  it('a second Ctrl-C leaves at once, and says what still ran', async () => {
    const first = begin(long)
    await isAtWork('vm1')
    first.child.kill('SIGINT')
    await eventually('the first to be heard', async () => /press Ctrl-C again/.test(first.said()))
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(99)
    expect(first.said()).toMatch(new RegExp(`\\[vm1\\] still runs: process \\d+ \\(sleep ${SLEEP}\\)`))
    await isGone('vm1')
  })

  it('a host that has not heard from it for a while ends its commands by itself', async () => {
    const first = begin(long)
    await isAtWork('vm1')
    await command(['lab/lab', 'net', 'vm1', 'cut'])
    try {
      const look = () => command(['lab/lab', 'exec', 'vm1', 'pgrep', '-f', `^sleep ${SLEEP}`])
      await eventually('its commands to end', async () => (await look()).code === 1, 40)
      // vm2 still answers: its task goes on.
      expect(await sleeps('vm2')).not.toBe('')
    } finally {
      await command(['lab/lab', 'net', 'vm1', 'heal'])
    }
    await eventually('the run to give the host up', async () => /vm1.*UNREACHABLE/s.test(first.said()))
    expect(await leftovers('vm1')).toBe('')
  })

  it('a run whose keeper was killed ends before its next step', async () => {
    const steps = playbook(
      'steps',
      `command: sleep ${SLEEP}\n    - { name: after, command: touch /tmp/after }`,
    )
    const first = begin(steps)
    await isAtWork('vm1')
    await onHost('vm1', "pkill -KILL -f '^play: the lock'")
    await eventually('it to notice', async () => /the lock on vm1 was lost/.test(first.said()))
    // What it had started holds the machine all the same.
    const second = await play([quick, '-i', inventory, '-l', 'vm1'], { timeout: 20 })
    expect(second.stdout + second.stderr).toMatch(/vm1 is held by what an earlier run left|waiting/)
    await onHost('vm1', `pkill -f '^sleep ${SLEEP}'`)
    await onHost('vm2', `pkill -f '^sleep ${SLEEP}'`)
    expect(await first.ended).toBe(2)
    expect(first.said()).not.toMatch(/TASK \[after\]/)
  })

  it('what must not be cut is left to end, keeps the lock, and is named by the next run', async () => {
    const unit = '/run/systemd/system/postgresql@15-main.service.d'
    await onHost(
      'vm1',
      `mkdir -p ${unit}; printf '[Service]\\nExecStartPre=/bin/sleep 6\\n' >${unit}/slow.conf; systemctl daemon-reload`,
    )
    try {
      const restart = playbook(
        'restart',
        'pg_cluster: { version: 15, cluster: main, state: restarted }',
        'vm1',
      )
      const first = begin(restart)
      await eventually(
        'the server to be starting',
        async () => (await onHost('vm1', 'pgrep -f "^/bin/sleep 6" || true')) !== '',
      )
      first.child.kill('SIGKILL')
      const next = await play([quick, '-i', inventory, '-l', 'vm1'])
      expect(next.stdout).toMatch(/waiting: vm1 is held by .*restart\.yaml/)
      expect(next.code).toBe(0)
      expect(await onHost('vm1', 'systemctl is-active postgresql@15-main')).toBe('active')
      expect(await leftovers('vm1')).toBe('')
    } finally {
      await onHost('vm1', `rm -r ${unit}; systemctl daemon-reload`)
    }
  })

  it('a program that a task left in the background on purpose holds nobody up', async () => {
    const left = playbook('left', `shell: nohup sleep ${SLEEP} >/dev/null 2>&1 &`, 'vm1')
    expect((await play([left, '-i', inventory])).code).toBe(0)
    expect(await sleeps('vm1')).not.toBe('')
    expect((await play([quick, '-i', inventory])).code).toBe(0)
    await onHost('vm1', `pkill -f '^sleep ${SLEEP}'`)
  })
})
