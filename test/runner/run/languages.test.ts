import { describe, expect, it } from 'vitest'
import type { PlayErrors } from '../../../runner/errors.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (body: string, first = ''): string =>
  `${first}- hosts: all\n  gather_facts: false\n${body.trim().replace(/^/gm, '  ')}\n`
const messages = ({ results }: { results: { result?: Record<string, unknown> }[] }) =>
  results.map(({ result }) => result?.msg)

const JINJA = '# play: language=jinja\n'
const SUM = play('vars: { xs: [1, 2] }\ntasks:\n  - debug: { msg: "{{ xs[0] + xs[1] }}" }')

describe('a file is of one language', () => {
  it.each([
    ['its first line says so', JINJA + SUM, {}, []],
    ['the project is one of Ansible', SUM, { 'ansible.cfg': '[defaults]\n' }, []],
    [
      'play.yaml says so, whatever else is there',
      SUM,
      { 'ansible.cfg': '', 'play.yaml': 'language: jinja\n' },
      [],
    ],
    ['play.yaml says so in another way of YAML', SUM, { 'play.yaml': '{ "language" : jinja }\n' }, []],
    ['the command line says so, and the file does not', SUM, {}, ['--language', 'jinja']],
  ])('Jinja, where %s', async (_, text, files, args) => {
    expect(messages(await runLocally(text, { files, args }))).toEqual([3])
  })

  it.each([
    ['nothing says otherwise', SUM, {}, []],
    ['play.yaml is nearer than ansible.cfg', SUM, { 'ansible.cfg': '', 'play.yaml': '' }, []],
    [
      'its first line says so',
      `# play: language=native\n${SUM}`,
      { 'ansible.cfg': '' },
      ['--language', 'jinja'],
    ],
  ])('native, where %s', async (_, text, files, args) => {
    const { errors } = await runLocally(text, { files, args }).then(
      () => expect.unreachable(),
      (error: PlayErrors) => error,
    )
    expect(errors[0]!.message).toContain('this is a Jinja expression')
  })

  it('the nearest word counts: a project inside a folder of roles keeps its own', async () => {
    const files = {
      'roles/mine/play.yaml': '',
      'roles/mine/tasks.yaml': '- debug: { msg: "{{ upper word }}" }\n',
      'roles/mine/roles/r/tasks/main.yml': '- debug: { msg: "{{ word | upper }}" }\n',
    }
    const text = play(
      'vars: { word: x }\ntasks:\n  - import_tasks: roles/mine/tasks.yaml\n  - import_role: { name: roles/mine/roles/r }',
    )
    expect(messages(await runLocally(text, { files }))).toEqual(['X', 'X'])
  })

  it('and a language that is none is told', async () => {
    await expect(runLocally(`# play: language=jinj\n${SUM}`)).rejects.toThrow('the language jinj is none')
  })
})

describe('an expression keeps the language of its file', () => {
  it('a native playbook uses a role, whose files are Jinja, and gives it native variables', async () => {
    const run = await runLocally(
      play(`
vars: { given: "{{ join list '-' }}", list: [a, b] }
roles: [r]
tasks:
  - debug: { msg: "{{ upper of_role }}" }`),
      {
        files: {
          'roles/r/defaults/main.yml': 'of_role: "{{ given ~ list[-1] }}"\n',
          'roles/r/tasks/main.yml':
            '- debug: { msg: "{{ of_role }} {{ list[1:][0] }}" }\n  when: list and given\n',
        },
      },
    )
    expect(messages(run)).toEqual(['a-bb b', 'A-BB'])
  })

  it('-e follows the playbook, a template file its end', async () => {
    const run = await runLocally(
      `${JINJA}${play(`
vars: { dir: "/tmp/play-languages-{{ inventory_hostname }}" }
tasks:
  - file: { path: "{{ dir }}", state: directory }
  - template: { src: t.hbs, dest: "{{ dir }}/hbs" }
  - template: { src: t.j2, dest: "{{ dir }}/j2" }
  - { command: "cat {{ dir }}/hbs {{ dir }}/j2", register: said }
  - debug: { msg: "{{ said.stdout }}" }
  - file: { path: "{{ dir }}", state: absent }`)}`,
      {
        files: {
          'templates/t.hbs': '{{#each xs}}<{{this}}>{{/each}}\n',
          'templates/part.j2': 'part {{ x }}',
          'templates/t.j2': '{% for x in xs %}\n({{ x + more }}) {% include "part.j2" %}\n\n{% endfor %}\n',
        },
        args: ['-e', '{"xs":[1,2],"more":"{{ xs[0] + xs[1] }}"}'],
      },
    )
    expect(messages(run)[4]).toBe('<1><2>\n(4) part 1\n(5) part 2')
  })

  it('a template in a folder below templates/ includes what is named from there, and what is beside it', async () => {
    const run = await runLocally(
      `${JINJA}${play(`
tasks:
  - { template: { src: sub/t.j2, dest: "{{ dir }}/made" } }
  - { command: "cat {{ dir }}/made", register: said }
  - debug: { msg: "{{ said.stdout }}" }`)}`,
      {
        files: {
          'templates/sub/t.j2': "{% include 'sub/a.j2' %} {% include 'b.j2' %} {% include 'top.j2' %}\n",
          'templates/sub/a.j2': 'a',
          'templates/sub/b.j2': 'b',
          'templates/top.j2': 'top',
        },
      },
    )
    expect(messages(run)[2]).toBe('a b top')
  })
})

describe('what a host says is never a template, in Jinja too', () => {
  it('nor in lists, registered results and facts that are set', async () => {
    const run = await runLocally(
      JINJA +
        play(`
tasks:
  - { shell: "printf '%s' '{''{ 1 + 1 }''} {''% if true %''}x{''% endif %''}'", register: said }
  - set_fact: { kept: "{{ [said.stdout] }}" }
  - debug: { msg: "{{ said.stdout }}|{{ kept[0] }}|{{ said.stdout_lines[0] }}" }
  - debug: { msg: "{{ item }}" }
    loop: "{{ kept }}"
  - debug: { msg: "it is" }
    when: said.stdout`),
    )
    const text = '{{ 1 + 1 }} {% if true %}x{% endif %}'
    expect(messages(run).slice(2)).toEqual([`${text}|${text}|${text}`, text, 'it is'])
  })
})

it('an error of Jinja has its place, and names what is wrong', async () => {
  const text = `${JINJA}${play('tasks:\n  - name: a\n    debug:\n      msg: >-\n        one\n        {{ two + }}')}`
  const { errors } = await runLocally(text).then(
    () => expect.unreachable(),
    (error: PlayErrors) => error,
  )
  expect(errors[0]!.pos).toMatchObject({ line: 9 })
})

it('what is not there is an error where it is read, and not where it is asked for', async () => {
  const run = await runLocally(
    JINJA +
      play(`
tasks:
  - { name: a, ping: , when: nowhere is defined }
  - { name: b, ping: , when: nowhere.deep.er is defined }
  - { name: c, debug: { msg: "{{ nowhere }}" }, ignore_errors: true }
  - { name: d, ping: , when: nowhere is not defined }`),
  )
  expect(run.lines).toEqual(['h1 a skipped', 'h1 b skipped', 'h1 c failed', 'h1 d ok'])
  expect(run.results[2]!.message).toContain('nowhere')
})

it('lookups find variables, files and the environment; what runs a program is unknown in a check', async () => {
  const text =
    JINJA +
    play(`
tasks:
  - debug: { msg: "{{ lookup('env', 'HOME') }} {{ lookup('file', 'note.txt') }} {{ query('items', [1, [2]]) | length }}" }
  - debug: { msg: "{{ lookup('pipe', 'echo said') }}" }
  - debug: { msg: "{{ lookup('template', 't.j2') }}" }`)
  const files = { 'files/note.txt': 'a note\n', 'templates/t.j2': '{{ inventory_hostname }} is here' }
  expect(messages(await runLocally(text, { files }))).toEqual([
    `${process.env.HOME} a note 2`,
    'said',
    'h1 is here',
  ])
  const check = await runLocally(text, { files, args: ['--check'] })
  expect(check.results.map(({ status }) => status)).toEqual(['ok', 'unknown', 'ok'])
})

describe('a module that is not there', () => {
  const pacman = '{ name: a, community.general.pacman: { name: x }'
  it('is a warning where a condition or an include stands before it, and a failure where it is reached', async () => {
    const files = { 'more.yml': `${JINJA}- ${pacman} }\n` }
    const text = (tasks: string) => JINJA + play(`tasks:\n${tasks}`)
    const away = await runLocally(text(`  - ${pacman}, when: false }\n  - { name: b, ping: }`), { files })
    expect(away.lines).toEqual(['h1 a skipped', 'h1 b ok'])
    expect(away.events.find(({ event }) => event === 'warning')).toMatchObject({
      message: expect.stringContaining('there is no module community.general.pacman here'),
    })
    // Its name is near that of apt_repository, and it is another one.
    const other = await runLocally(text('  - { name: a, yum_repository: { name: x }, when: false }'))
    expect(other.lines).toEqual(['h1 a skipped'])
    const reached = await runLocally(text('  - include_tasks: more.yml'), { files })
    expect(reached.lines).toEqual(['h1 include_tasks ok', 'h1 a failed'])
    expect(reached.results.at(-1)!.message).toContain('no module community.general.pacman')
  })

  it('stays an error where nothing is between, where it is nearly another, and in native files', async () => {
    for (const text of [
      JINJA + play(`tasks:\n  - ${pacman} }`),
      JINJA + play('tasks:\n  - { pign: , when: false }'),
      play(`tasks:\n  - ${pacman}, when: false }`),
    ])
      await expect(runLocally(text)).rejects.toThrow(/unknown (module|keyword)/)
  })
})

describe('an argument that is not taken', () => {
  const text = (tasks: string) => JINJA + play(`tasks:\n${tasks}`)
  it('is a warning where a condition or an include stands before it, and a failure where it is reached', async () => {
    const repo = '{ name: a, package: { name: x, enablerepo: y }'
    const away = await runLocally(text(`  - ${repo}, when: false }\n  - { name: b, ping: }`))
    expect(away.lines).toEqual(['h1 a skipped', 'h1 b ok'])
    expect(away.events.find(({ event }) => event === 'warning')).toMatchObject({
      message: expect.stringContaining(
        'package has no argument enablerepo: the task fails where it is reached',
      ),
    })
    const refused = await runLocally(text('  - { name: a, apt: { deb: /tmp/x.deb }, when: false }'))
    expect(refused.lines).toEqual(['h1 a skipped'])
    const reached = await runLocally(text('  - include_tasks: more.yml'), {
      files: { 'more.yml': `${JINJA}- ${repo} }\n` },
    })
    expect(reached.lines.at(-1)).toBe('h1 a failed')
    expect(reached.results.at(-1)!.message).toBe('package has no argument enablerepo')
  })

  it('stays an error where nothing is between, where it is nearly another, and where its value is wrong', async () => {
    for (const task of [
      '{ package: { name: x, enablerepo: y } }',
      '{ package: { nane: x }, when: false }',
      '{ package: { name: x, state: there }, when: false }',
    ])
      await expect(runLocally(text(`  - ${task}`))).rejects.toThrow(/package/)
    await expect(
      runLocally(play('tasks:\n  - { package: { name: x, enablerepo: y }, when: "false" }')),
    ).rejects.toThrow(/enablerepo/)
  })
})

it('environment may be a template of a mapping, or a list of mappings', async () => {
  const run = await runLocally(
    JINJA +
      play(`
vars: { env: { A: one, B: one } }
environment: "{{ env }}"
tasks:
  - { shell: "echo $A $B $C", register: said, environment: [{ B: two }, { C: three }] }
  - debug: { msg: "{{ said.stdout }}" }`),
  )
  expect(messages(run).at(-1)).toBe('one two three')
})

it('a text of a host that is made to take long does not: filters go through it once', async () => {
  const run = await runLocally(
    JINJA +
      play(`
vars: { n: 200000 }
tasks:
  - debug: { msg: "{{ ('<' * n) | striptags | length }}" }
  - debug: { msg: "{{ ('<!--' * n) | striptags | length }}" }
  - debug: { msg: "{{ ('\${' * n) | expandvars | length }}" }
  - debug: { msg: "{{ ('1' * n) | int }}" }
  - debug: { msg: "{{ (' ' * n ~ 'x') | wordwrap(5) | length > 0 }}" }`),
  )
  expect(messages(run)).toEqual([200000, 800000, 400000, 0, true])
})
