import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

it('a rescue knows which task failed, and with what', async () => {
  const { code, results } = await runLocally(`
- hosts: h1
  gather_facts: false
  tasks:
    - block:
        - { name: tolerated, command: "false", ignore_errors: true }
        - { name: breaks, shell: "echo oh >&2; exit 3" }
      rescue:
        - debug: { msg: "{{ ansible_failed_task.name }} {{ ansible_failed_result.rc }} {{ ansible_failed_result.stderr }}" }
      always:
        - debug: { msg: "{{ ansible_failed_task.action }}" }
`)
  expect(code).toBe(0)
  expect(results.slice(2).map(({ result }) => result?.msg)).toEqual(['breaks 3 oh', 'shell'])
})

it('a loop over what is not there fails its task, which may be ignored like any other', async () => {
  const { code, lines } = await runLocally(`
- hosts: h1
  gather_facts: false
  tasks:
    - { name: made, command: echo x, register: made }
    - { name: loop, debug: { msg: x }, loop: "{{ made.rows }}", ignore_errors: true }
    - { name: behind, debug: { msg: x } }
`)
  expect(lines).toEqual(['h1 made changed', 'h1 loop failed', 'h1 behind ok'])
  expect(code).toBe(0)
})
