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

  it('names no host that is lost by then', async () => {
    const playbook = `${play('- { name: fail, command: "false", when: inventory_hostname == "h1" }')}
- hosts: all
  gather_facts: false
  tasks:
    - { name: name, command: "echo {{ item }}", loop: "{{ ansible_play_hosts }}" }
`
    const { results } = await runLocally(playbook, { hosts: 'h1 h2 h3', args })
    const said = results.filter(({ task }) => task === 'name')
    expect(said.map(({ host, item, changes }) => `${host} ${item} ${changes[0]!.after}`).sort()).toEqual(
      mode === 'check'
        ? ['h1', 'h2', 'h3'].flatMap((host) =>
            ['h1', 'h2', 'h3'].map((item) => `${host} ${item} echo ${item}`),
          )
        : ['h2', 'h3'].flatMap((host) => ['h2', 'h3'].map((item) => `${host} ${item} echo ${item}`)),
    )
  })

  it('is, for a command, what the variables say in its turn', async () => {
    const { lines, results } = await run(`
- { name: x, command: echo a, register: x, changed_when: false, check_mode: false }
- { name: x, command: "echo {{ x.stdout }}b", register: x, check_mode: false }
- { name: x, command: "echo {{ x.stdout }}c", register: x, check_mode: false }
- { name: y, command: echo y, when: x.stdout == "ab" }
- { name: x, debug: { msg: "{{ x.stdout }}" } }`)
    expect(lines.slice(-2)).toEqual(['h1 y skipped', 'h1 x ok'])
    expect(results.at(-1)!.message).toBe('abc')
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

const ELSEWHERE = 'ansible_connection: ssh\nansible_host: 127.0.0.1\nansible_port: 1\n'

describe('what is read ahead', () => {
  const run = (tasks: string, hosts = 'h1', files = {}) => runLocally(play(tasks), { hosts, files })
  const onlyH1 = (tasks: string) => play(tasks).replace('hosts: all', 'hosts: h1')

  it.each([
    ['a variable', '{{ leader }}', ''],
    ['the item of a loop', '{{ item }}', ', loop: ["{{ leader }}"]'],
  ])('goes to the host that %s names in its turn', async (_, target, loop) => {
    const playbook = onlyH1(`
- { name: which, set_fact: { leader: h2 } }
- { name: do, copy: { content: x, dest: "{{ dir }}/x" }, delegate_to: "${target}"${loop} }`)
    const { lines } = await runLocally(playbook, {
      hosts: 'h1 h2',
      files: { 'host_vars/h2.yaml': ELSEWHERE, 'group_vars/all.yaml': 'leader: h1\n' },
    })
    expect(lines.at(-1)).toMatch(/^h1 do.* unreachable$/)
  })

  it('has the variables of files as they are when the play begins', async () => {
    const second = `- hosts: all
  gather_facts: false
  vars_files: ["{{ env }}.yaml"]
  tasks:
    - { name: say, debug: { msg: "this is {{ who }}" } }
`
    const { results } = await runLocally(
      `${play(`
- { name: which, set_fact: { env: prod } }
- { name: gen, copy: { content: "who: new\\n", dest: "{{ dir }}/prod.yaml" } }`)}${second}`,
      {
        hosts: 'localhost',
        files: { 'prod.yaml': 'who: old\n', 'dev.yaml': 'who: dev\n', 'group_vars/all.yaml': 'env: dev\n' },
      },
    )
    expect(results.at(-1)!.message).toBe('this is new')
  })

  it('does not read for a task that is skipped', async () => {
    const { lines } = await run(`
- { name: pipe, command: "mkfifo {{ dir }}/pipe" }
${'- { name: calm, ping: }\n'.repeat(6)}
- { name: probe, stat: "{{ dir }}", register: there }
- { name: guarded, copy: { content: x, dest: "{{ dir }}/pipe" }, when: "!there.stat.exists" }
- { name: after, command: "true" }`)
    expect(lines.slice(-2)).toEqual(['h1 guarded skipped', 'h1 after changed'])
  })

  it('knows the hosts of the play, whoever failed in it', async () => {
    const { results } = await run(
      `
- { name: bad, fail: { msg: no }, when: inventory_hostname == "h3" }
${'- { name: calm, ping: }\n'.repeat(40)}
- { name: say, copy: { content: '{{ join ansible_play_hosts "," }}', dest: "{{ dir }}/{{ inventory_hostname }}" } }
- { name: say, copy: { content: '{{ join ansible_play_hosts "," }}', dest: "{{ dir }}/{{ inventory_hostname }}" } }`,
      'h1 h2 h3',
    )
    const said = results.filter(({ task }) => task === 'say').map(({ status }) => status)
    expect(said.sort()).toEqual(['changed', 'changed', 'ok', 'ok'])
  })
})

it('what a task with check_mode only plans is not there for the next one', async () => {
  const { lines } = await runLocally(
    play(`
- { name: would, copy: { content: x, dest: "{{ dir }}/x" }, check_mode: true }
- { name: does, copy: { content: x, dest: "{{ dir }}/x" } }
- { name: is there, command: "cat {{ dir }}/x" }`),
  )
  expect(lines.slice(-3)).toEqual(['h1 would changed', 'h1 does changed', 'h1 is there changed'])
})

it.each([['--check'], []])('nor in a check: what comes behind it is as in a run %s', async (...args) => {
  const { lines } = await runLocally(
    play(`
- { name: would, copy: { content: x, dest: "{{ dir }}/x" }, check_mode: true }
- { name: look, stat: { path: "{{ dir }}/x" }, register: r }
- { name: is not there, assert: { that: "!r.stat.exists" } }
- { name: mode, check_mode: '{{ ansible_check_mode }}', copy: { content: y, dest: "{{ dir }}/y" } }
- { name: look, stat: { path: "{{ dir }}/y" }, register: s }
- { name: is there, assert: { that: s.stat.exists } }`),
    { args },
  )
  expect(lines.filter((line) => line.includes('there'))).toEqual(['h1 is not there ok', 'h1 is there ok'])
})

it.each([['--check'], []])(
  'modes that are planned stay planned when more is planned for the file %s',
  async (...args) => {
    const { lines } = await runLocally(
      play(`
- { name: mode, file: { path: "{{ dir }}/d/f", mode: "0600" } }
- { name: all, file: { path: "{{ dir }}/d", state: directory, recurse: true, mode: "u=rwX" } }
- { name: text, copy: { content: new, dest: "{{ dir }}/d/f" } }
- { name: again, file: { path: "{{ dir }}/d/f", mode: "0600" } }`),
      { args, files: { 'd/f': 'old' } },
    )
    expect(lines.at(-1)).toBe('h1 again ok')
  },
)
