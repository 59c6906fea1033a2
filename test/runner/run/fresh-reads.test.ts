import { describe, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const SOON = `shell: "(sleep 0.3; touch {{ dir }}/there) >/dev/null 2>&1 &"`

describe('what was read before is not believed', () => {
  it('when a task is tried again', async () => {
    const { lines } = await runLocally(`- hosts: all
  gather_facts: false
  tasks:
    - { name: begin, ${SOON} }
    - { name: look, stat: "{{ dir }}/there", register: found, until: found.stat.exists, retries: 40, delay: 1 }
`)
    expect(lines).toEqual(['h1 begin changed', 'h1 look ok'])
  })
  it('after a task that waited for it', async () => {
    const { lines } = await runLocally(`- hosts: all
  gather_facts: false
  tasks:
    - { name: begin, ${SOON} }
    - { name: before, stat: "{{ dir }}/there", register: first }
    - { name: wait, wait_for: { path: "{{ dir }}/there" } }
    - { name: after, stat: "{{ dir }}/there", register: second }
    - { name: it came, assert: { that: [ "!first.stat.exists", second.stat.exists ] } }
`)
    expect(lines.at(-1)).toBe('h1 it came ok')
  })
  it('from what a task changed on another host', async () => {
    const { lines } = await runLocally(
      `- hosts: all
  gather_facts: false
  tasks:
    - { name: before, stat: "{{ dir }}/there", register: first }
    - { name: make, file: { path: "{{ dir }}/there", state: touch }, when: 'inventory_hostname == "h2"' }
    - { name: after, stat: "{{ dir }}/there", register: second }
    - { name: it came, assert: { that: [ "!first.stat.exists", second.stat.exists ] } }
`,
      { hosts: 'h1 h2' },
    )
    expect(lines.filter((line) => line.includes('it came'))).toEqual(['h1 it came ok', 'h2 it came ok'])
  })
})
