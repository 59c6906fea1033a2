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

const folders = `
- hosts: h1
  gather_facts: false
  tasks:
    - { name: real, file: { path: "{{ dir }}/real", state: directory }, check_mode: false }
    - { name: link, file: { path: "{{ dir }}/link", src: real, state: link }, check_mode: false }
    - { name: file, copy: { src: one, dest: "{{ dir }}/link" } }
    - { name: slash, copy: { src: two, dest: "{{ dir }}/link/" } }
    - { name: template, template: { src: three.hbs, dest: "{{ dir }}/link" } }
    - { name: tree, copy: { src: tree/, dest: "{{ dir }}/link" } }
    - { name: text, copy: { content: hi, dest: "{{ dir }}/link" }, ignore_errors: true }
    - { name: still, file: { path: "{{ dir }}/link", src: real, state: link } }
    - { name: all there, shell: "cat {{ dir }}/real/one {{ dir }}/real/two {{ dir }}/real/three {{ dir }}/real/in/four", changed_when: false }
`

describe('a link to a folder', () => {
  const files = { 'files/one': '1', 'files/two': '2', 'templates/three.hbs': '3', 'files/tree/in/four': '4' }
  it.each([[[]], [['--check']]])(
    'is that folder to what is copied into it, %j',
    { timeout: 30_000 },
    async (args) => {
      const { lines, results } = await runLocally(folders, { args, files })
      expect(lines.slice(2, 8)).toEqual([
        'h1 file changed',
        'h1 slash changed',
        'h1 template changed',
        'h1 tree changed',
        'h1 text failed',
        'h1 still ok',
      ])
      if (args.length === 0) expect(results.at(-1)?.result).toMatchObject({ stdout: '1234' })
    },
  )
})
