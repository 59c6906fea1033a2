import { describe, expect, it } from 'vitest'
import { runLocally } from '../../../support/local-run.ts'

const playbook = `
- hosts: h1
  gather_facts: false
  tasks:
    - { name: target, copy: { dest: "{{ dir }}/shadow", content: "secret\\n" }, check_mode: false }
    - { name: link, file: { path: "{{ dir }}/pgpass", src: "{{ dir }}/shadow", state: link }, check_mode: false }
    - name: passwords
      pg_passfile: { path: "{{ dir }}/pgpass", owner: root, entries: [{ host: a, user: b, password: cccc }] }
      ignore_errors: true
      register: passwords
    - name: why
      assert: { that: ['passwords.msg.matches("is a link to .*/shadow")'] }
    - { name: target again, copy: { dest: "{{ dir }}/shadow", content: "secret\\n" } }
    - { name: copied, copy: { dest: "{{ dir }}/pgpass", content: "other\\n" } }
    - { name: left alone, copy: { dest: "{{ dir }}/shadow", content: "secret\\n" } }
`

describe('a link where a service expects its file', () => {
  it.each([[[]], [['--check']]])(
    'is refused and named, %j; copy replaces it',
    { timeout: 30_000 },
    async (args) => {
      const { lines } = await runLocally(playbook, { args })
      expect(lines.slice(2)).toEqual([
        'h1 passwords failed',
        'h1 why ok',
        'h1 target again ok',
        'h1 copied changed',
        'h1 left alone ok',
      ])
    },
  )
})
