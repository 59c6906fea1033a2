import { describe, expect, it } from 'vitest'
import type { PlayErrors } from '../../../runner/errors.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (body: string): string =>
  `- hosts: all\n  gather_facts: false\n${body.trim().replace(/^/gm, '  ')}\n`
const say = (text: string, name = 'say'): string => `- name: ${name}\n  debug: { msg: "${text}" }\n`
const messages = ({ results }: { results: { message?: string }[] }) => results.map(({ message }) => message)
const tasks = ({ results }: { results: { task: string }[] }) => results.map(({ task }) => task)

describe('roles of a play', () => {
  it('come before its tasks, what they depend on comes first and once, and headings name them', async () => {
    const run = await runLocally(play('roles: [a, b]\ntasks:\n  - { name: own, ping: }'), {
      files: {
        'roles/a/meta/main.yml': 'dependencies: [common]\n',
        'roles/a/tasks/main.yml': say('a'),
        'roles/b/meta/main.yml': 'dependencies: [{ role: common }]\n',
        'roles/b/tasks/main.yml': '- import_tasks: more.yml\n',
        'roles/b/tasks/more.yml': say('more of b'),
        'roles/common/tasks/main.yml': say('common'),
      },
    })
    expect(tasks(run)).toEqual(['common : say', 'a : say', 'b : say', 'own'])
    expect(messages(run).slice(0, 3)).toEqual(['common', 'a', 'more of b'])
  })

  it('see variables by their precedence: defaults, inventory, play, role, facts that are set, parameters', async () => {
    const levels = ['d1', 'd2', 'd3', 'd4', 'd5', 'd6'].map((name) => `{{ ${name} }}`).join(' ')
    const file = (from: string, names: number[]) => names.map((name) => `d${name}: ${from}\n`).join('')
    const run = await runLocally(
      play(`
vars: { ${'d3: play, d4: play, d5: play, d6: play'} }
pre_tasks:
  - set_fact: { d5: fact, d6: fact }
roles:
  - { role: a, d6: param }
tasks:
  - { name: after, debug: { msg: "${levels}" } }`),
      {
        files: {
          'group_vars/all.yaml': file('inventory', [2, 3, 4, 5, 6]),
          'roles/a/defaults/main.yml': file('default', [1, 2, 3, 4, 5, 6]),
          'roles/a/vars/main.yml': file('role', [4, 5, 6]),
          'roles/a/tasks/main.yml': say(levels),
        },
      },
    )
    expect(messages(run).slice(1)).toEqual([
      'default inventory play role fact param',
      // What a role is given is its own; what it brings is seen by all.
      'default inventory play role fact fact',
    ])
  })

  it('of whom it is used a role sees the variables, and in its templates too', async () => {
    const run = await runLocally(play('roles: [{ role: a, vars: { name_of_it: x } }]'), {
      files: {
        'roles/a/meta/main.yml': 'dependencies: [{ role: b, vars: { made: "{{ name_of_it }}y" } }]\n',
        'roles/a/tasks/main.yml': say('{{ role_name }} {{ of_b }}'),
        'roles/b/vars/main.yml': 'of_b: "{{ made }}z"\n',
        'roles/b/tasks/main.yml': say('{{ role_name }} {{ name_of_it }} {{ of_b }}'),
      },
    })
    expect(messages(run)).toEqual(['b x xyz', 'the variable made is not defined'])
  })

  it('bring handlers, which are called by their name or by their role and name, and see the variables of it', async () => {
    const run = await runLocally(
      play('roles: [a]\ntasks:\n  - { command: "true", notify: ["a : again", once] }'),
      {
        files: {
          'roles/a/defaults/main.yml': 'mine: default\n',
          'roles/a/tasks/main.yml': '- { name: change, command: "true", notify: again }\n',
          'roles/a/handlers/main.yml':
            say('{{ mine }}', 'again') + say('heard', 'other').replace('debug', 'listen: once\n  debug'),
        },
      },
    )
    expect(tasks(run)).toEqual(['a : change', 'command', 'a : again', 'a : other'])
    expect(messages(run).slice(2)).toEqual(['default', 'heard'])
  })

  it('keywords where a role is named count for its tasks and for what it depends on', async () => {
    const files = {
      'roles/a/meta/main.yml': 'dependencies: [b]\n',
      'roles/a/tasks/main.yml': say('a'),
      'roles/b/tasks/main.yml': say('b'),
    }
    const roles = play('roles:\n  - { role: a, tags: [one], when: wanted }')
    expect(
      messages(await runLocally(roles, { files, args: ['-e', '{"wanted":true}', '--tags', 'one'] })),
    ).toEqual(['b', 'a'])
    const none = await runLocally(roles, { files, args: ['-e', '{"wanted":false}'] })
    expect(none.lines).toEqual(['h1 b : say skipped', 'h1 a : say skipped'])
  })
})

describe('import_role and include_role', () => {
  const files = {
    'roles/a/defaults/main.yml': 'x: default\n',
    'roles/a/defaults/other.yml': 'x: other\n',
    'roles/a/tasks/main.yml': say('main {{ x }}'),
    'roles/a/tasks/sub/setup.yml': say('setup {{ x }} {{ role_path | basename }}').replace(
      ' {{ role_path | basename }}',
      '',
    ),
  }
  it('read the file of tasks and of defaults that they name, as often as they are there', async () => {
    const run = await runLocally(
      play(`
tasks:
  - import_role: { name: a }
  - import_role: name=a tasks_from=sub/setup.yml defaults_from=other
  - include_role: { name: a, tasks_from: sub/setup }
    vars: { x: given }
    loop: [1, 2]`),
      { files },
    )
    expect(messages(run)).toEqual([
      ...['main default', 'setup other'],
      ...[undefined, undefined, 'setup given', 'setup given'],
    ])
  })

  it('an include under a name that is a template keeps its variables for itself, unless it is public', async () => {
    const run = (more: string) =>
      runLocally(
        play(`
tasks:
  - include_role: { name: "{{ item }}"${more} }
    loop: [a]
  - { name: after, ping: , when: has(vars.x) }`),
        { files },
      )
    expect((await run('')).lines.slice(1)).toEqual(['h1 a : say ok', 'h1 after skipped'])
    expect((await run(', public: true')).lines.slice(1)).toEqual(['h1 a : say ok', 'h1 after ok'])
  })

  it('a role that is not there is told before anything is done, with where it was looked for', async () => {
    const run = runLocally(play('roles: [commn]\ntasks:\n  - import_role: { name: a, tasks_from: no }'), {
      files: { ...files, 'roles/common/tasks/main.yml': '' },
    })
    const { errors } = await run.then(
      () => expect.unreachable(),
      (error: PlayErrors) => error,
    )
    const texts = errors.map(({ message, hint }) => `${message}: ${hint}`)
    expect(texts[0]).toMatch(/^there is no role commn: did you mean common\?/)
    expect(texts[1]).toContain('there is no file no in')
  })

  it('a role that is not there, and that requirements.yml names, is told with where it comes from and where it is to be', async () => {
    const requirements = `roles:
  - name: our.web
  - src: git+https://example.org/ansible-db.git
    version: "1.2"
collections: [{ name: acme.tools, version: ">=1" }]
`
    const run = runLocally(play('roles: [our.web, ansible-db, acme.tools.greet]'), {
      files: { 'requirements.yml': requirements },
    })
    const { errors } = await run.then(
      () => expect.unreachable(),
      (error: PlayErrors) => error,
    )
    expect(errors.map(({ hint }) => hint)).toEqual([
      expect.stringMatching(
        /requirements.yml:2 names it, from our.web: put it into .*\/roles\/our.web \(looked for/,
      ),
      expect.stringMatching(
        /requirements.yml:3 names it, from git\+https:.*, version 1.2: put it into .*\/roles\/ansible-db /,
      ),
      expect.stringMatching(
        /requirements.yml:5 names it, from acme.tools, version >=1: put it into .*\/collections\/ansible_collections\/acme\/tools /,
      ),
    ])
  })

  it('a role that uses itself is an error, not a run without end', async () => {
    const run = runLocally(play('roles: [a]'), {
      files: {
        'roles/a/meta/main.yml': 'dependencies: [b]\n',
        'roles/b/meta/main.yml': 'dependencies: [a]\n',
      },
    })
    await expect(run).rejects.toThrow('the role a uses itself')
  })

  it('files and templates are looked up in the role first', async () => {
    const run = await runLocally(play('roles: [a]'), {
      files: {
        'files/text': 'of the playbook\n',
        'roles/a/files/text': 'of the role\n',
        'roles/a/tasks/main.yml':
          '- copy: { src: text, dest: "{{ out }}" }\n- { name: read, shell: "cat {{ out }}" }\n',
      },
      args: ['-e', 'out=/tmp/play-roles-test-{{ inventory_hostname }}-out'],
    })
    expect(run.results.at(-1)?.result).toMatchObject({ stdout: 'of the role' })
  })
})

it('what a loop of an include goes through is data, whatever a host says', async () => {
  const run = await runLocally(
    play(`
tasks:
  - { name: asks, shell: "printf '%s' '{''{ 1 }''}'", register: said }
  - { include_tasks: more.yaml, loop: ["{{ said.stdout }}"] }`),
    { files: { 'more.yaml': say('{{ item }}') } },
  )
  expect(messages(run).at(-1)).toBe('{{ 1 }}')
})

describe('include_vars', () => {
  it('brings variables of a file of the role, above those of tasks and below facts that are set, and renders them late', async () => {
    const run = await runLocally(
      play('roles: [r]\ntasks:\n  - { name: after, debug: { msg: "{{ a }} {{ b }} {{ c }}" } }'),
      {
        files: {
          'roles/r/vars/Debian.yml': 'a: "{{ x }}"\nb: included\nc: included\n',
          'roles/r/tasks/main.yml': `- set_fact: { c: fact }
- include_vars: "{{ item }}"
  with_first_found: [Suse.yml, Debian.yml]
- set_fact: { x: late }
- debug: { msg: "{{ a }} {{ b }} {{ c }}" }
  vars: { b: task }
`,
        },
      },
    )
    expect(messages(run).filter(Boolean)).toEqual(['late included fact', 'late included fact'])
  })

  it('of a folder it reads the files in order, and holds them in one variable where that is named', async () => {
    const run = await runLocally(
      play(`
tasks:
  - { include_vars: { dir: more, files_matching: "^[ab]", name: all }, register: read }
  - debug: { msg: "{{ all.x }} {{ all.y }} {{ read.ansible_included_var_files.[1] }}" }`),
      {
        files: {
          'vars/more/a.yml': 'x: 1\ny: 1\n',
          'vars/more/b.yml': 'y: 2\n',
          'vars/more/c.yml': 'y: 3\n',
        },
      },
    )
    expect(messages(run).at(-1)).toMatch(/^1 2 .*b\.yml$/)
  })

  it('a file that is not there fails its task, with where it was looked for', async () => {
    const run = await runLocally(play('tasks:\n  - include_vars: none.yml'))
    expect(run.results[0]).toMatchObject({ status: 'failed' })
    expect(run.results[0]!.message).toContain('there is no "none.yml" on this machine')
  })
})
