import { describe, expect, it } from 'vitest'
import { defineFact } from '../../../contract/facts.ts'
import type { Connection } from '../../../runner/hosts/types.ts'
import { reader } from '../../../runner/status/look/look-at-all.ts'
import { runLocally } from '../../support/local-run.ts'

/** So late that a busy machine has looked before. */
const SOON = `shell: "(sleep 2; touch {{ dir }}/there) >/dev/null 2>&1 &"`

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
  it('where it was an error: who asks later may have more time', async () => {
    const host = reader('h1', {} as Connection)
    const key = defineFact<string, []>('test: read twice')()
    const fails = host.fact(key, () => Promise.reject(new Error('no answer')))
    const meanwhile = host.fact(key, async () => 'not asked')
    await expect(fails).rejects.toThrow('no answer')
    await expect(meanwhile).rejects.toThrow('no answer')
    expect(await host.fact(key, async () => 'an answer')).toBe('an answer')
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
