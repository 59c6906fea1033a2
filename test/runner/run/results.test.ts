import { describe, expect, it } from 'vitest'
import type { TaskResult } from '../../../runner/report/events.ts'
import { runLocally } from '../../support/local-run.ts'

const THREE = { hosts: 'h1 h2 h3' }
const play = (tasks: string, more = '') =>
  `# play: language=jinja\n- hosts: all\n${more}  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

/** What each host said in the task of that name. */
const saidBy = (results: TaskResult[]): string[] =>
  results
    .filter(({ task }) => task === 'says')
    .map(({ host, message }) => `${host} ${message}`)
    .sort()

describe('run_once', () => {
  it.each([['--check'], []])('sets variables for all hosts of the batch %s', async (...args) => {
    const { results } = await runLocally(
      play(`
- { set_fact: { x: "{{ inventory_hostname }}" }, run_once: true }
- { set_fact: { y: "{{ y | default('') }}{{ item }}" }, loop: [a, b], run_once: true }
- { include_vars: { file: v.yaml }, run_once: true }
- { name: says, debug: { msg: "{{ x }} {{ y }} {{ z }}" } }`),
      { ...THREE, args, files: { 'v.yaml': 'z: 3\n' } },
    )
    expect(saidBy(results)).toEqual(['h1 h1 ab 3', 'h2 h1 ab 3', 'h3 h1 ab 3'])
  })

  it('sets them for those of its batch alone', async () => {
    const { results } = await runLocally(
      play(
        `
- { set_fact: { x: "{{ inventory_hostname }}" }, run_once: true }
- { name: says, debug: { msg: "{{ x }}" } }`,
        '  serial: 2\n',
      ),
      THREE,
    )
    expect(saidBy(results)).toEqual(['h1 h1', 'h2 h1', 'h3 h3'])
  })

  it('with delegate_facts sets them for him whom it is delegated to', async () => {
    const { results } = await runLocally(
      play(`
- { set_fact: { x: "{{ inventory_hostname }}" }, run_once: true, delegate_to: h2, delegate_facts: true }
- { name: says, debug: { msg: "{{ x | default('none') }}" } }`),
      THREE,
    )
    expect(saidBy(results)).toEqual(['h1 none', 'h2 h1', 'h3 none'])
  })
})

describe('what is registered', () => {
  it.each([
    [
      'a loop that failed',
      '{ fail: { msg: "{{ item }}" }, loop: [1, 2] }',
      'r.msg',
      'One or more items failed',
    ],
    ['a loop', '{ debug: , loop: [1, 2] }', 'r.msg', 'All items completed'],
    [
      'a loop of which nothing was done',
      '{ debug: , loop: [1, 2], when: false }',
      'r.msg',
      'All items skipped',
    ],
    ['a loop over nothing', '{ debug: , loop: [] }', 'r.skipped_reason', 'No items in the list'],
    ['what was left out', '{ debug: , when: false }', 'r.skip_reason', 'Conditional result was False'],
    ['what was declared well', '{ command: "false", failed_when: false }', 'r.failed_when_result', 'False'],
    ['what was declared failed', '{ command: "true", failed_when: true }', 'r.failed_when_result', 'True'],
  ])('of %s says so, as in Ansible', async (_, task, asked, said) => {
    const { results } = await runLocally(
      play(`
- ${task.replace(/ \}$/, ', register: r, ignore_errors: true }')}
- { name: says, debug: { msg: "{{ ${asked} | string }}" } }`),
    )
    expect(String(results.at(-1)!.message)).toBe(said)
  })

  it('is seen by until with the number of its attempt', async () => {
    const { results } = await runLocally(
      play(`
- { ping: , register: u, until: u.attempts >= 2, retries: 3, delay: 0 }
- { name: says, debug: { msg: "{{ u.attempts | string }}" } }`),
    )
    expect(String(results.at(-1)!.message)).toBe('2')
  })

  it('of a loop that failed is the message that a rescue tells', async () => {
    const { results, code } = await runLocally(
      play(`
- block: [{ fail: { msg: "no {{ item }}" }, loop: [1, 2] }]
  rescue: [{ name: says, debug: { msg: "{{ ansible_failed_result.msg }}" } }]`),
    )
    expect([results.at(-1)!.message, code]).toEqual(['One or more items failed', 0])
  })
})

it('a FIFO is a file whose mode is set', async () => {
  const { results } = await runLocally(
    play(`
- command: mkfifo -m 0644 {{ dir }}/fifo
- { name: sets, file: { path: "{{ dir }}/fifo", state: file, mode: "0600" } }
- { name: sets, file: { path: "{{ dir }}/fifo", state: file, mode: "0600" } }
- { name: sees, stat: { path: "{{ dir }}/fifo" }, register: s }
- { assert: { that: "s.stat.mode == '0600'" } }`),
  )
  expect(results.map(({ status }) => status)).toEqual(['ok', 'changed', 'changed', 'ok', 'ok', 'ok'])
})
