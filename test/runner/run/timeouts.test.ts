import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string) => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`
const HALF = 'shell: "sleep 30", timeout: 1'

test('what its timeout has ended has failed, whatever failed_when looks at, and says so', async () => {
  const { lines, results, recap } = await runLocally(
    play(`
    - { name: half, ${HALF}, register: r, failed_when: "'ERROR' in r.stderr", ignore_errors: true }
    - { name: said, assert: { that: [ r.failed, "r.timedout.period == 1", "r.rc == 124" ] } }
    - name: block
      block:
        - { name: again, ${HALF}, register: s, until: s.rc == 0, retries: 50, delay: 0, failed_when: false }
      rescue:
        - { name: rescued, debug: { msg: "{{ ansible_failed_result.timedout.period }}" } }
    - { name: long, shell: "sleep 0.3; exit 124", timeout: 60, failed_when: false }
`),
  )
  expect(lines).toEqual([
    'h1 half failed',
    'h1 said ok',
    'h1 again failed',
    'h1 rescued ok',
    'h1 long changed',
  ])
  expect(results[0]!.message).toBe('it took longer than the 1 s of its timeout, and was ended')
  expect(String(results[3]!.result!.msg)).toBe('1')
  expect(recap.exit_code).toBe(0)
}, 60_000)

test('a timeout of 0 is none', async () => {
  const { lines } = await runLocally(
    play(`
    - { name: one, shell: "sleep 1.5", timeout: 0 }
    - { name: two, shell: "sleep 1.5", timeout: "{{ x | default(0) }}" }
    - { name: three, pause: { seconds: 2 }, timeout: 0 }
`),
    { files: { 'play.yaml': 'language: jinja\n' } },
  )
  expect(lines).toEqual(['h1 one changed', 'h1 two changed', 'h1 three ok'])
}, 60_000)

test('what failed notifies nobody, ignored or rescued as it may be', async () => {
  const { lines } = await runLocally(`- hosts: all
  gather_facts: false
  tasks:
    - { name: ignored, command: "false", notify: h, ignore_errors: true }
    - { name: made to, command: "true", notify: h, failed_when: true, ignore_errors: true }
    - { name: loop, command: "{{ item }}", loop: ["true", "false"], notify: h, ignore_errors: true }
    - name: block
      block:
        - { name: in it, command: "false", notify: h }
      rescue:
        - { name: rescue, command: "true", notify: other }
  handlers:
    - { name: h, debug: { msg: h } }
    - { name: other, debug: { msg: other } }
`)
  expect(lines.filter((line) => /^h1 (h|other) /.test(line))).toEqual(['h1 other ok'])
})

test('the bits that stand before a folder mode are as they are said', async () => {
  const { lines } = await runLocally(
    play(`
    - { name: make, shell: "mkdir a b; chmod 2775 a; chmod 7777 b", args: { chdir: "{{ dir }}" } }
    - { name: a, file: { path: "{{ dir }}/a", state: directory, mode: "0755" } }
    - { name: b, file: { path: "{{ dir }}/b", state: directory, mode: "g-s" } }
    - { name: a again, file: { path: "{{ dir }}/a", state: directory, mode: "0755" } }
    - { name: b again, file: { path: "{{ dir }}/b", state: directory, mode: "u=rwxs,g=rwx,o=rwxt" } }
    - { name: kept, file: { path: "{{ dir }}/b", state: directory, mode: "g+s" } }
    - { name: says, command: "stat -c %a a b", args: { chdir: "{{ dir }}" }, register: r }
    - { name: is, assert: { that: "r.stdout_lines == ['755', '7777']" } }
`),
  )
  expect(lines.slice(1)).toEqual([
    'h1 a changed',
    'h1 b changed',
    'h1 a again ok',
    'h1 b again ok',
    'h1 kept changed',
    'h1 says changed',
    'h1 is ok',
  ])
})
