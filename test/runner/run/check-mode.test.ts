import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string): string =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`

describe('a check', () => {
  it('fails by an environment that the run would fail by, and needs to know none', async () => {
    const text = play(`
- { name: said, shell: echo x, register: said }
- { name: not known, shell: id, environment: { X: "{{ said.stdout }}" } }
- { name: wrong, shell: id, environment: { X: "{{ said.nothing.more }}" }, ignore_errors: true }
- { name: no mapping, shell: id, environment: ["{{ 5 }}"], ignore_errors: true }`)
    const check = await runLocally(text, { args: ['--check'] })
    expect(check.lines).toEqual([
      'h1 said changed',
      'h1 not known changed',
      'h1 wrong failed',
      'h1 no mapping failed',
    ])
    expect((await runLocally(text)).lines).toEqual(check.lines)
  })
  it('lets later tasks read what earlier ones plan', async () => {
    const text = play(`
- { name: folder, file: { path: "{{ dir }}/a/b", state: directory } }
- { name: file, copy: { dest: "{{ dir }}/a/b/c", content: "hello\\n", mode: '0600' } }
- { name: same file, copy: { dest: "{{ dir }}/a/b/c", content: "hello\\n", mode: '0600' } }
- { name: look, stat: { path: "{{ dir }}/a/b/c" }, register: found }
- { name: only if there, ping: , when: found.stat.exists }
- { name: gone, file: { path: "{{ dir }}/a", state: absent } }
- { name: look again, stat: { path: "{{ dir }}/a/b/c" }, register: found }
- { name: not there, ping: , when: found.stat.exists }`)
    const check = await runLocally(text, { args: ['--check'] })
    expect(check.lines).toEqual([
      'h1 folder changed',
      'h1 file changed',
      'h1 same file ok',
      'h1 look ok',
      'h1 only if there ok',
      'h1 gone changed',
      'h1 look again ok',
      'h1 not there skipped',
    ])
    expect((await runLocally(text)).lines).toEqual(check.lines)
  })

  it('goes on as a user whom an earlier task will make, and not as one whom nothing could make', async () => {
    const task = `- { name: as it, become: true, become_user: play-later, stat: { path: /etc/passwd }, register: found }
- { name: there, ping: , when: found.stat.exists }
- { name: write, become: true, become_user: play-later, copy: { dest: "{{ dir }}/x", content: y } }`
    const early = await runLocally(play(task), { args: ['--check'] })
    expect(early.lines).toEqual(['h1 as it failed'])
    expect(early.results[0]!.error?.message).toMatch(/there is no user play-later/)
    const late = await runLocally(play(`- { name: make, command: useradd play-later }\n${task}`), {
      args: ['--check'],
    })
    expect(late.lines).toEqual(['h1 make changed', 'h1 as it ok', 'h1 there ok', 'h1 write changed'])
  })

  it('touches nothing', async () => {
    const path = `/tmp/play-check-${process.pid}`
    const { lines } = await runLocally(
      play(`- { name: a, copy: { dest: ${path}, content: x } }\n- { name: b, command: touch ${path} }`),
      {
        args: ['--check'],
      },
    )
    expect(lines).toEqual(['h1 a changed', 'h1 b changed'])
    expect(existsSync(path)).toBe(false)
  })

  it('reports as unknown what hangs on a command that has not run, and guesses nothing', async () => {
    const { results, recap } = await runLocally(
      play(`
- { name: a, command: echo yes, register: said }
- { name: b, ping: , when: said.stdout == "yes" }
- { name: c, debug: { msg: "{{ said.stdout }}" } }
- { name: d, ping: , when: true || said.stdout == "yes" }`),
      { args: ['--check'] },
    )
    expect(results.map(({ task, status }) => `${task} ${status}`)).toEqual([
      'a changed',
      'b unknown',
      'c unknown',
      'd ok',
    ])
    expect(recap.hosts.h1!.unknown).toBe(2)
    expect(recap.exit_code).toBe(0)
  })

  it('notifies handlers as the run would', async () => {
    const text = `${play('- { name: a, copy: { dest: "{{ dir }}/x", content: y }, notify: h }')}  handlers:\n    - { name: h, command: "true" }\n`
    expect((await runLocally(text, { args: ['--check'] })).lines).toEqual(['h1 a changed', 'h1 h changed'])
  })

  it('knows not whether a handler runs that only a task notifies that is unknown', async () => {
    const handlers = `  handlers:
    - { name: h, command: "true" }
    - { name: both, command: "true" }
    - { name: never, command: "true", when: "false" }
`
    const text = `${play(`
- { name: a, command: echo yes, register: said }
- { name: b, copy: { dest: "{{ dir }}/x", content: y }, notify: [h, never, both], when: said.stdout == "yes" }
- { name: c, copy: { dest: "{{ dir }}/z", content: y }, notify: both }`)}${handlers}`
    const check = await runLocally(text, { args: ['--check'] })
    expect(check.lines).toEqual([
      'h1 a changed',
      'h1 b unknown',
      'h1 c changed',
      'h1 h unknown',
      'h1 both changed',
      'h1 never skipped',
    ])
    expect(check.results.find(({ task }) => task === 'h')?.message).toMatch(/b$/)
  })

  it('check_mode: false really runs, which only the author of a playbook can ask for', async () => {
    const { results } = await runLocally(
      play('- { command: echo hi, check_mode: false, register: r }\n- { debug: { msg: "{{ r.stdout }}" } }'),
      {
        args: ['--check'],
      },
    )
    expect(results[1]!.message).toBe('hi')
  })

  it('what check_mode: false asks too early is unknown, and a failure where nothing is planned', async () => {
    const ask = '- { name: ask, command: "ls {{ dir }}/x", check_mode: false, register: r }'
    const early = await runLocally(
      play(`
- { name: a, copy: { dest: "{{ dir }}/x", content: y } }
${ask}
- { name: c, copy: { dest: "{{ dir }}/z", content: "{{ r.stdout }}" } }`),
      { args: ['--check'] },
    )
    expect(early.lines).toEqual(['h1 a changed', 'h1 ask unknown', 'h1 c unknown'])
    expect((await runLocally(play(ask), { args: ['--check'] })).lines).toEqual(['h1 ask failed'])
    const asUser = '- { name: ask, become: true, become_user: play-later, command: id, check_mode: false }'
    const check = { args: ['--check'] }
    expect((await runLocally(play(asUser), check)).lines).toEqual(['h1 ask failed'])
    const made = await runLocally(play(`- { name: make, command: useradd play-later }\n${asUser}`), check)
    expect(made.lines).toEqual(['h1 make changed', 'h1 ask unknown'])
  })
})
