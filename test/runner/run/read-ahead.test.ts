import { describe, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

/** Enough calm tasks for the runner to read far ahead. */
const CALM = '    - { name: calm, ping: }\n'.repeat(5)
const play = (tasks: string): string =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${CALM}${tasks.trim().replace(/^/gm, '    ')}\n`

describe.each(['run', 'check'])('what is read ahead of its turn in a %s', (mode) => {
  const args = mode === 'check' ? ['--check'] : []
  const run = (tasks: string, hosts = 'h1', files = {}) => runLocally(play(tasks), { hosts, args, files })

  it('is read again after a change on that host', async () => {
    const { lines } = await run(`
- { name: make, file: { path: "{{ dir }}/a", state: touch } }
- { name: look, stat: "{{ dir }}/a", register: a }
- { name: it is there, assert: { that: a.stat.exists } }`)
    expect(lines.slice(-3)).toEqual(['h1 make changed', 'h1 look ok', 'h1 it is there ok'])
  })

  it('is read again after a change that was delegated', async () => {
    const { lines } = await run(
      `
- name: make
  file: { path: "{{ dir }}/a", state: touch }
  delegate_to: h1
  when: inventory_hostname == "h2"
- { name: look, stat: "{{ dir }}/a", register: a, when: inventory_hostname == "h1" }
- { name: it is there, assert: { that: a.stat.exists }, when: inventory_hostname == "h1" }`,
      'h1 h2',
    )
    expect(lines).toContain('h1 it is there ok')
  })

  it('is what the variables say in its turn', async () => {
    const { lines, results } = await run(
      `
- { name: which, set_fact: { which: b }, when: inventory_hostname == "h1" }
- { name: look, stat: "{{ dir }}/{{ which }}", register: found }
- { name: say, debug: { msg: "there: {{ found.stat.exists }}" } }
- { name: file, template: { src: one.hbs, dest: "{{ dir }}/{{ inventory_hostname }}.txt" } }`,
      'h1 h2',
      { a: '', 'one.hbs': '{{ which }}', 'group_vars/all.yaml': 'which: a\n' },
    )
    expect(lines).toContain('h1 look ok')
    const said = results.filter(({ task }) => task === 'say').map(({ host, message }) => `${host} ${message}`)
    expect(said.sort()).toEqual(['h1 there: false', 'h2 there: true'])
    const written = results
      .filter(({ task }) => task === 'file')
      .map(({ host, changes }) => `${host} ${changes[0]!.after}`)
    expect(written.sort()).toEqual(['h1 b', 'h2 a'])
  })

  it('fails nobody where its condition turns out to be false', async () => {
    const { lines } = await run(`
- { name: ask, stat: "{{ dir }}/nothing", register: there }
- { name: guarded, file: { path: "{{ dir }}/nothing", state: file }, when: there.stat.exists }`)
    expect(lines.at(-1)).toBe('h1 guarded skipped')
  })

  it('fails in its turn, once, with its own error', async () => {
    const { lines } = await run('- { name: bad, file: { path: "{{ dir }}/nothing", state: file } }')
    expect(lines.filter((line) => line.startsWith('h1 bad'))).toEqual(['h1 bad failed'])
  })
})
