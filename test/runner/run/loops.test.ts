import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { inTurn } from '../../../runner/run/loop.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string): string =>
  `- hosts: h1\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('the commands of a loop', () => {
  it('run in order, and each answers for itself', async () => {
    const { lines, results } = await runLocally(
      play(`
- { name: many, shell: "echo {{ item }} | tee -a {{ dir }}/log", loop: [${numbers(100)}], register: many }
- { name: log, command: "cat {{ dir }}/log", register: log }
- name: results
  assert:
    that:
      - many.results.map(r, r.stdout) == log.stdout_lines
      - many.results.map(r, string(r.item)) == log.stdout_lines
      - many.results.all(r, r.changed && r.delta < 10.0)`),
    )
    expect(lines.slice(0, 100)).toEqual(numbers(100).map((item) => `h1 many(${item}) changed`))
    expect(results.find(({ task }) => task === 'log')).toMatchObject({
      result: { stdout_lines: numbers(100).map(String) },
    })
    expect(lines.at(-1)).toBe('h1 results ok')
  })

  it('say how long each took by itself', async () => {
    const { results } = await runLocally(
      play('- { name: some, shell: "sleep {{ item }}", loop: [0.3, 0, 0] }'),
    )
    const [first, ...others] = results.map(({ result }) => Number(result!.delta))
    // From when the host said that it begins, which may be told late.
    expect(first).toBeGreaterThan(0.15)
    for (const other of others) expect(other).toBeLessThan(first!)
  })

  it('all run where one fails, and the task fails', async () => {
    const { lines, recap } = await runLocally(
      play(`
- { name: some, shell: "echo {{ item }} >> {{ dir }}/log; test {{ item }} != 2", loop: [1, 2, 3], register: some, ignore_errors: true }
- { name: log, command: "cat {{ dir }}/log", register: log }
- { name: all, assert: { that: ['log.stdout_lines == ["1", "2", "3"]', some.failed] } }
- { name: again, command: "test {{ item }} != 2", loop: [1, 2, 3] }`),
    )
    expect(lines).toEqual([
      'h1 some(1) changed',
      'h1 some(2) failed',
      'h1 some(3) changed',
      'h1 log changed',
      'h1 all ok',
      'h1 again(1) changed',
      'h1 again(2) failed',
      'h1 again(3) changed',
    ])
    expect(recap.hosts.h1).toMatchObject({ failed: 1, ignored: 1 })
  })

  it.runIf(userInfo().uid === 0)('run as a user that only some items name', async () => {
    const { lines } = await runLocally(
      play(`
- name: some
  command: id -un
  become: true
  become_user: "{{ item.user }}"
  when: has(item.user)
  loop: [{ n: 1, user: root }, { n: 2 }, { n: 3, user: root }]
  loop_control: { label: "{{ item.n }}" }`),
    )
    expect(lines).toEqual(['h1 some(1) changed', 'h1 some(2) skipped', 'h1 some(3) changed'])
  })

  it('fail where what is to be ignored cannot be told, and those behind are told of all the same', async () => {
    const { lines, recap } = await runLocally(
      play(`
- name: some
  command: "test {{ item.n }} = 1"
  ignore_errors: item.may
  loop: [{ n: 1 }, { n: 2 }, { n: 3, may: true }]
  loop_control: { label: "{{ item.n }}" }
- { name: never, command: "true" }`),
    )
    expect(lines).toEqual(['h1 some(1) changed', 'h1 some(2) failed', 'h1 some(3) failed'])
    expect(recap.hosts.h1).toMatchObject({ failed: 1, ignored: 0 })
  })

  it('fail the host where one failure is ignored and another is not', async () => {
    const { lines, recap } = await runLocally(
      play(`
- { name: some, command: "false", loop: [1, 2], ignore_errors: item == 1 }
- { name: never, command: "true" }`),
    )
    expect(lines).toEqual(['h1 some(1) failed', 'h1 some(2) failed'])
    expect(recap.hosts.h1).toMatchObject({ failed: 1, ignored: 0 })
  })

  it('are skipped in their place where a condition is false', async () => {
    const { lines } = await runLocally(
      play('- { name: some, command: "true", loop: [1, 2, 3, 4], when: item % 2 == 0 }'),
    )
    expect(lines).toEqual([1, 2, 3, 4].map((n) => `h1 some(${n}) ${n % 2 === 0 ? 'changed' : 'skipped'}`))
  })

  it('wait for each other where what they look at may come of the one before', async () => {
    const { lines } = await runLocally(
      play('- { name: once, command: { cmd: "touch {{ dir }}/a", creates: "{{ dir }}/a" }, loop: [1, 2] }'),
    )
    expect(lines).toEqual(['h1 once(1) changed', 'h1 once(2) ok'])
  })

  it('keep their order where they are done on other hosts in turn', async () => {
    const { lines } = await runLocally(
      play(`
- name: in turn
  shell: "{{ item.slowly }}echo {{ item.n }} >> {{ dir }}/log"
  delegate_to: "{{ item.on }}"
  loop:
    - { n: 1, on: h1, slowly: "sleep 0.2;" }
    - { n: 2, on: h2, slowly: "" }
    - { n: 3, on: h1, slowly: "sleep 0.2;" }
    - { n: 4, on: h2, slowly: "" }
- { name: log, command: "cat {{ dir }}/log", register: log }
- { name: ordered, assert: { that: 'log.stdout_lines == ["1", "2", "3", "4"]' } }`),
      { hosts: 'h1 h2' },
    )
    expect(lines.at(-1)).toBe('h1 ordered ok')
  })

  it('end at Ctrl-C with those that run', async () => {
    let pressed = false
    const { code, results } = await runLocally(
      play(`- { name: many, command: "touch {{ dir }}/{{ item }}", loop: [${numbers(300)}] }`),
      {
        onEvent({ event }) {
          if (event !== 'task_result' || pressed) return
          pressed = true
          process.emit('SIGINT')
        },
      },
    )
    expect(code).toBe(99)
    expect(results.length).toBeLessThan(300)
    expect(results.at(-1)).toMatchObject({ status: 'failed', item: null })
    expect(results.at(-1)!.message).toBe(`stopped after ${results.length - 1} of 300 items`)
  })

  it('are not tried again after Ctrl-C', async () => {
    const { code, events, results } = await runLocally(
      play('- { name: some, command: "false", until: false, retries: 1000, delay: 0, register: it }'),
      { onEvent: ({ event }) => event === 'retry' && process.emit('SIGINT') },
    )
    expect(code).toBe(99)
    expect(events.filter(({ event }) => event === 'retry')).toHaveLength(1)
    expect(results).toMatchObject([{ status: 'failed', attempts: 1 }])
  })

  it('are only planned in a check', async () => {
    const { lines, recap } = await runLocally(
      play('- { name: some, command: "touch {{ dir }}/{{ item }}", loop: [a, b] }'),
      { args: ['--check'] },
    )
    expect(lines).toEqual(['h1 some(a) changed', 'h1 some(b) changed'])
    expect(recap.hosts.h1).toMatchObject({ changed: 1 })
  })
})

describe('inTurn', () => {
  it('begins an item before the one before it is done, where that one says so', async () => {
    const log: string[] = []
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    await inTurn([1, 2], async (item, _, { next }) => {
      log.push(`begin ${item}`)
      if (item === 2) end()
      next()
      await ended
    })
    expect(log).toEqual(['begin 1', 'begin 2'])
  })

  it('has a limited number of items under way', async () => {
    let underWay = 0
    let most = 0
    const results = await inTurn(numbers(200), async (item, _, { next }) => {
      underWay += 1
      most = Math.max(most, underWay)
      next()
      await new Promise(setImmediate)
      underWay -= 1
      return item
    })
    expect(results).toEqual(numbers(200))
    expect(most).toBe(32)
  })

  it('throws the first error when all that began have ended', async () => {
    let ended = 0
    const run = inTurn(numbers(5), async (item, _, { next }) => {
      next()
      await new Promise(setImmediate)
      ended += 1
      if (item === 1) throw new Error('the second')
    })
    await expect(run).rejects.toThrow('the second')
    expect(ended).toBe(5)
  })
})
