import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { KnownModule } from '../../../runner/load/playbook/context.ts'
import { LOOKUPS } from '../../../runner/load/playbook/keyword-table.ts'
import { HANDLER_KEYWORDS, PLAY_KEYWORDS } from '../../../runner/load/playbook/keywords.ts'
import { loadPlaybooks, loadTaskFile } from '../../../runner/load/playbook.ts'
import {
  type Block,
  type IncludeTasks,
  META_ACTIONS,
  type Play,
  type Task,
  type Vars,
} from '../../../runner/load/types.ts'
import { errorsOf, files, marks } from './files.ts'

const modules = new Map(
  [
    { name: 'apt_install' },
    { name: 'service' },
    { name: 'sql' },
    { name: 'command', freeForm: 'cmd', pairs: ['creates', 'chdir'] },
    { name: 'debug', freeForm: 'msg' },
  ].map((module) => [module.name, module]),
)

function load(contents: string | Record<string, string>, extraVars: Vars = {}): Play[] {
  const folder = files(typeof contents === 'string' ? { 'site.yaml': contents } : contents)
  return loadPlaybooks([join(folder, 'site.yaml')], { modules, extraVars })
}
const play = (text: string): Play => load(text)[0]!
const tasks = (text: string): Task[] =>
  load(`- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}`)[0]!.sections[1]!.entries as Task[]
const wrong = (text: string): string[] => marks(() => load(text), text)
/** The same for the lines of a task; line 1 is the task's first. */
const wrongTask = (text: string): string[] => {
  const whole = `- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}`
  return wrong(whole).map((mark) =>
    mark.replace(/ (\d+):(\d+)/, (_, line, col) => ` ${Number(line) - 2}:${Number(col) - 4}`),
  )
}
const hints = (text: string) => errorsOf(() => load(text)).map(({ hint }) => hint)
const taskHints = (text: string) => hints(`- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}`)

describe('module_defaults', () => {
  const known = (name: string, names: string[], group?: string): [string, KnownModule] => [
    name,
    {
      name,
      group,
      params: z.strictObject(Object.fromEntries(names.map((one) => [one, z.unknown().optional()]))),
    },
  ]
  const some = new Map([
    known('pg_conf', ['version', 'settings'], 'postgres'),
    known('sql', ['version', 'query'], 'postgres'),
    known('copy', ['dest', 'mode']),
  ])
  const argsOf = (text: string, more: Record<string, string> = {}) => {
    const folder = files({ 'site.yaml': text, ...more })
    const [play] = loadPlaybooks([join(folder, 'site.yaml')], { modules: some, extraVars: {} })
    return play!.sections[1]!.entries.flatMap((entry) =>
      (entry.kind === 'block' ? entry.block : entry.kind === 'include' ? entry.entries! : [entry]).map(
        (task) => (task as Task).args.value,
      ),
    )
  }

  it('give what a task does not say; of a group what each of its modules has', () => {
    expect(
      argsOf(`
- hosts: all
  module_defaults: { group/postgres: { version: 15, settings: none }, copy: { mode: "0600" } }
  tasks:
    - pg_conf: { settings: own }
    - sql: { query: select 1, version: 14 }
    - ansible.builtin.copy: { dest: /a }`),
    ).toEqual([
      { version: 15, settings: 'own' },
      { query: 'select 1', version: 14 },
      { mode: '0600', dest: '/a' },
    ])
  })

  it('further in replace those of the same module, and hold in files of tasks', () => {
    expect(
      argsOf(
        `
- hosts: all
  module_defaults: { copy: { mode: "0600", dest: /play } }
  tasks:
    - module_defaults: { copy: { mode: "0640" } }
      block: [{ copy: {} }]
    - import_tasks: more.yaml
    - { include_tasks: more.yaml, module_defaults: { copy: { dest: /include } } }
    - { copy: { mode: "0644" }, module_defaults: { copy: { dest: /task } } }`,
        { 'more.yaml': '- copy: { mode: "0400" }' },
      ),
    ).toEqual([
      { mode: '0640' },
      { mode: '0400', dest: '/play' },
      { mode: '0400', dest: '/include' },
      { mode: '0644', dest: '/task' },
    ])
  })

  it('of what is no module are told, with the nearest', () => {
    const text = '- hosts: all\n  module_defaults: { pg_cnof: { version: 15 } }\n  tasks: []'
    const folder = files({ 'site.yaml': text })
    const errors = errorsOf(() =>
      loadPlaybooks([join(folder, 'site.yaml')], { modules: some, extraVars: {} }),
    )
    expect(errors[0]).toMatchObject({ code: 'module', hint: 'did you mean pg_conf?' })
  })
})

describe('plays', () => {
  it('take all their keywords', () => {
    const found = play(`
- name: everything
  hosts: [web, db]
  become: yes
  become_user: postgres
  gather_facts: off
  serial: [1, "50%"]
  remote_user: admin
  force_handlers: true
  any_errors_fatal: true
  strategy: linear
  environment: { LANG: C }
  tags: a, b
  vars: { x: 1 }
  vars_files: secrets.yaml
  pre_tasks: [command: one]
  tasks: [command: two]
  post_tasks: [command: three]
  handlers:
    - name: restart
      listen: [changed, conf]
      service: { name: postgresql }
`)
    expect(found).toMatchObject({
      name: 'everything',
      hosts: 'web,db',
      become: true,
      becomeUser: 'postgres',
      gatherFacts: false,
      serial: [1, '50%'],
      remoteUser: 'admin',
      forceHandlers: true,
      anyErrorsFatal: true,
      tags: ['a', 'b'],
      vars: { x: 1 },
      varsFiles: [{ path: 'secrets.yaml' }],
      handlers: [{ name: 'restart', listen: ['changed', 'conf'] }],
    })
    expect(found.sections.map(({ name, entries }) => [name, entries.length])).toEqual([
      ['pre_tasks', 1],
      ['tasks', 1],
      ['post_tasks', 1],
    ])
  })
  it('gather facts unless told not to, and are named after their hosts', () => {
    expect(play('- hosts: all')).toMatchObject({ gatherFacts: true, name: 'all', serial: [] })
  })
  it('need hosts', () => {
    expect(wrong('- tasks: []')).toEqual(['playbook 1:3 tasks: []'])
    expect(wrong('- hosts:\n')).toEqual(['playbook 1:3 hosts'])
  })
  it.each([
    ['sudo', 'write become: true'],
    ['when', 'put it on the tasks, on a block around them, or on import_playbook'],
    ['become_exe', 'leave it out: play runs the sudo or su that it finds on the host'],
    [
      'debugger',
      'leave it out: no debugger stops a run here; -vvv shows what each task was given and what it said',
    ],
    ['hsots', 'did you mean hosts?'],
  ])('refuse %s with what to write instead', (key, hint) => {
    const text = `- hosts: all\n  ${key}: x`
    expect(wrong(text)).toEqual([`playbook 2:3 ${key}`])
    expect(hints(text)).toEqual([hint])
  })
  it('refuse other strategies and batches that are no number', () => {
    expect(wrong('- hosts: all\n  strategy: debug')).toEqual(['playbook 2:13 debug'])
    expect(wrong('- hosts: all\n  serial: [1, 0, 5x]')).toEqual(['playbook 2:15 0', 'playbook 2:18 5x'])
  })
  it('have prompts with a name each', () => {
    expect(wrong('- hosts: all\n  vars_prompt: [{ prompt: x }, { name: y, encrypt: md5 }]')).toEqual([
      'playbook 2:17 { prompt: x }',
      'playbook 2:43 encrypt',
    ])
  })
  it('take every meta, and no other', () => {
    expect(META_ACTIONS.flatMap((action) => wrongTask(`- meta: ${action}`))).toEqual([])
    expect(wrongTask('- meta: end_plya')).toEqual(['playbook 1:9 end_plya'])
    expect(taskHints('- meta: end_plya')).toEqual(['did you mean end_play?'])
  })
  it('are told from a file of tasks', () => {
    expect(hints('- command: ls')).toContain(
      'this looks like a file of tasks: name it in import_tasks of a play',
    )
  })
})

describe('tasks', () => {
  it('take all their keywords', () => {
    const [task] = tasks(`
- name: go
  command: uptime
  when: [a > 1, true]
  loop: "{{ xs }}"
  loop_control: { loop_var: x, index_var: i, label: "{{ x }}", pause: 2 }
  register: out
  notify: [one, two]
  until: out.rc == 0
  retries: 9
  delay: 1
  changed_when: no
  failed_when: out.rc > 1
  ignore_errors: yes
  no_log: true
  run_once: on
  delegate_to: localhost
  timeout: 30
  check_mode: false
  diff: no
  tags: [a, "b,c"]
  environment: { A: b }
  vars: { y: 1 }`)
    expect(task).toMatchObject({
      kind: 'task',
      name: 'go',
      named: true,
      module: 'command',
      args: { value: { cmd: 'uptime' } },
      when: [{ text: 'a > 1' }, { text: 'true' }],
      loop: { value: '{{ xs }}' },
      loopControl: { loopVar: 'x', indexVar: 'i', label: '{{ x }}', pause: 2 },
      register: 'out',
      notify: [{ name: 'one' }, { name: 'two' }],
      until: [{ text: 'out.rc == 0' }],
      retries: 9,
      delay: 1,
      changedWhen: false,
      failedWhen: [{ text: 'out.rc > 1' }],
      ignoreErrors: true,
      noLog: true,
      runOnce: true,
      delegateTo: 'localhost',
      timeout: 30,
      checkMode: false,
      diff: false,
      tags: ['a', 'b', 'c'],
      vars: { y: 1 },
    })
  })
  it('have defaults', () => {
    expect(tasks('- debug:')[0]).toMatchObject({
      name: 'debug',
      named: false,
      args: { value: {} },
      retries: 3,
      delay: 5,
      loopControl: { loopVar: 'item' },
      notify: [],
    })
  })
  it('accept the builtin collection before a name', () => {
    expect(tasks('- ansible.builtin.command: ls')[0]).toMatchObject({ module: 'command', name: 'command' })
    expect(wrongTask('- community.general.command: ls')).toEqual(['module 1:3 community.general.command'])
    expect(wrongTask('- ansible.posix.command: ls')).toEqual(['module 1:3 ansible.posix.command'])
  })
  it('locate a free-form argument at its text', () => {
    const [task] = tasks('- command: "uptime"')
    expect(task!.args.locate(['cmd'])).toMatchObject({ line: 3, col: 17, length: 6 })
  })
  it.each([
    ['- apt_instal: { name: curl }', 'module 1:3 apt_instal', 'did you mean apt_install?'],
    ['- postgresql_idx: { name: x }', 'module 1:3 postgresql_idx', 'did you mean sql?'],
    ['- command: ls\n  regsiter: x', 'playbook 2:3 regsiter', 'did you mean register?'],
    [
      '- apt_install: { name: x }\n  update_cache: yes',
      'playbook 2:3 update_cache',
      'remove it, or indent it under apt_install if it is one of its arguments',
    ],
    [
      '- command: ls\n  service: x',
      'playbook 2:3 service',
      'make service a task of its own, with "- " before it',
    ],
    [
      '- name: nothing',
      'playbook 1:3 name: nothing',
      'add a line with a module and its arguments, such as command: uptime',
    ],
    [
      '- command: ls\n  with_itms: [a]',
      'playbook 2:3 with_itms',
      `the loops are loop, ${LOOKUPS.map((name) => `with_${name}`).join(', ')}`,
    ],
    ['- command: ls\n  loop: [a]\n  with_items: [b]', 'playbook 3:3 with_items', 'remove one of them'],
    ['- action: comand ls', 'module 1:11 comand ls', 'did you mean command?'],
    [
      '- command: ls\n  action: command ls',
      'playbook 2:3 action',
      'make action a task of its own, with "- " before it',
    ],
    ['- command: ls\n  loop: xs', 'playbook 2:9 xs', 'write loop: "{{ xs }}" if that is a variable'],
    [
      '- command: ls\n  register: a-b',
      'playbook 2:13 a-b',
      'use letters, digits and _, and start with a letter or _',
    ],
    [
      '- apt_install: name=curl latest',
      'argument 1:26 latest',
      'put quotes around a value with spaces in it, or write each argument on a line of its own',
    ],
    ['- apt_install: name="curl', 'argument 1:21 "', 'close it, or write each argument on a line of its own'],
    ['- command', 'playbook 1:3 command', 'write - command: followed by its arguments'],
  ])('tell what is wrong with %j', (text, mark, hint) => {
    const found = wrongTask(text)
    expect(found.filter((one) => !one.startsWith('argument') || one === mark)).toEqual([mark])
    expect(taskHints(text)).toContain(hint)
  })
  it.each([
    ['- apt_install: name=curl state=latest', { name: 'curl', state: 'latest' }],
    ['- apt_install: >-\n    name=curl\n    state="{{ x }} y"', { name: 'curl', state: '{{ x }} y' }],
    ['- apt_install: name=curl\n  args: { state: latest, name: x }', { name: 'curl', state: 'latest' }],
    ['- command: make all creates=/x', { cmd: 'make all', creates: '/x' }],
    ['- command: dd if=/a of=/b', { cmd: 'dd if=/a of=/b' }],
    ['- action: apt_install name=curl', { name: 'curl' }],
    ['- action: { module: apt_install, name: curl }', { name: 'curl' }],
    ['- action: command make all chdir=/x', { cmd: 'make all', chdir: '/x' }],
    ['- action: apt_install\n  args: { name: curl }', { name: 'curl' }],
    ['- local_action: ansible.builtin.command uptime', { cmd: 'uptime' }],
  ])('take the arguments of %j', (text, args) => {
    expect(tasks(text)[0]!.args.value).toEqual(args)
  })
  it('a whole template gives all arguments', () => {
    const [task] = tasks('- apt_install: "{{ wanted }}"')
    expect(task).toMatchObject({ args: { value: {} }, moreArgs: { template: '{{ wanted }}' } })
  })
  it('local_action is done here', () => {
    expect(tasks('- local_action: command uptime')[0]!.delegateTo).toBe('localhost')
  })
  it('each name=value knows where it stands', () => {
    const text = '- hosts: all\n  tasks:\n    - apt_install: name=curl state="la test"'
    const folder = files({ 'site.yaml': text })
    const [play] = loadPlaybooks([join(folder, 'site.yaml')], { modules, extraVars: {} })
    const { args } = play!.sections[1]!.entries[0] as Task
    expect(args.locate(['state'])).toMatchObject({ line: 3, col: 37, length: 7 })
    expect(args.locateKey(['state'])).toMatchObject({ line: 3, col: 30, length: 5 })
  })
  it.each([
    ['- command: ls\n  become: maybe', 'playbook 2:11 maybe'],
    ['- command: ls\n  retries: many', 'playbook 2:12 many'],
    ['- command: ls\n  vars: [a]', 'playbook 2:9 [a]'],
    ['- command: ls\n  vars: { a-b: 1 }', 'playbook 2:11 a-b'],
    ['- command: ls\n  notify: [a, { b: 1 }]', 'playbook 2:15 { b: 1 }'],
    ['- command: ls\n  when: [x, [y]]', 'playbook 2:13 [y]'],
    ['- command: ls\n  listen: x', 'playbook 2:3 listen'],
    ['-\n', 'playbook 1:1 -'],
  ])('point at the wrong value in %j', (text, mark) => {
    expect(wrongTask(text)).toEqual([mark])
  })
  it('take no braces in a condition', () => {
    const text = '- command: ls\n  when: "{{ x }}"'
    expect(wrongTask(text)).toEqual(['condition 2:10 {{ x }}'])
    expect(taskHints(text)[0]).toContain('x')
  })
})

describe('blocks', () => {
  it('hold tasks, rescue and always', () => {
    const [block] = tasks(
      '- block: [command: a]\n  rescue: [command: b]\n  always: [command: c]\n  when: x',
    ) as unknown[] as Block[]
    expect(block).toMatchObject({ kind: 'block', when: [{ text: 'x' }] })
    expect([block!.block, block!.rescue, block!.always].map((entries) => entries.length)).toEqual([1, 1, 1])
  })
  it('refuse what they cannot hold', () => {
    expect(wrongTask('- block: x')).toEqual(['playbook 1:10 x'])
    expect(wrongTask('- block: []\n  whne: x')).toEqual(['playbook 2:3 whne'])
    expect(wrongTask('- rescue: []')).toEqual(['playbook 1:3 rescue'])
  })
})

describe('imports', () => {
  it('put tasks in place with what stands on the import, their own keywords winning', () => {
    const [found] = load({
      'site.yaml': `- hosts: all
  tasks:
    - import_tasks: tasks/a.yaml
      tags: outer
      when: x
      become: true
      become_user: root
      vars: { a: 1, b: 1 }
    - command: last`,
      'tasks/a.yaml':
        '- command: one\n  tags: inner\n  when: y\n  become_user: postgres\n  vars: { b: 2 }\n- import_tasks: b.yaml',
      'tasks/b.yaml': '- command: two',
    })
    const entries = found!.sections[1]!.entries as Task[]
    expect(entries.map(({ args }) => args.value)).toEqual([{ cmd: 'one' }, { cmd: 'two' }, { cmd: 'last' }])
    expect(entries[0]).toMatchObject({
      tags: ['outer', 'inner'],
      when: [{ text: 'x' }, { text: 'y' }],
      become: true,
      becomeUser: 'postgres',
      vars: { a: 1, b: 2 },
    })
    expect(entries[0]!.varsAt!.locate(['a']).file).toMatch(/site\.yaml$/)
    expect(entries[0]!.varsAt!.locate(['b']).file).toMatch(/a\.yaml$/)
    expect(entries[0]!.dir).toMatch(/tasks$/)
  })
  it('bring playbooks with tags, vars and when', () => {
    const plays = load({
      'site.yaml': '- import_playbook: sub/a.yaml\n  tags: t\n  when: x\n  vars: { v: 1 }\n- hosts: last',
      'sub/a.yaml': '- hosts: one\n  tags: u\n  vars: { v: 0, w: 0 }\n- hosts: two',
    })
    expect(plays.map(({ hosts }) => hosts)).toEqual(['one', 'two', 'last'])
    expect(plays[0]).toMatchObject({ tags: ['t', 'u'], when: [{ text: 'x' }], vars: { v: 1, w: 0 } })
    expect(plays[0]!.dir).toMatch(/sub$/)
  })
  it('take their path from extra variables alone', () => {
    const contents = { 'site.yaml': '- import_playbook: "{{ env }}.yaml"', 'live.yaml': '- hosts: all' }
    expect(load(contents, { env: 'live' })).toHaveLength(1)
    expect(errorsOf(() => load(contents)).map(({ code }) => code)).toEqual(['variable'])
  })
  it('leave include_tasks for the run, read ahead where the path is plain', () => {
    const [found] = load({
      'site.yaml':
        '- hosts: all\n  tasks:\n    - include_tasks: a.yaml\n      loop: [1]\n    - include_tasks: "{{ x }}.yaml"',
      'a.yaml': '- command: ls\n- include_tasks: a.yaml\n  when: again',
    })
    const [plain, templated] = found!.sections[1]!.entries as IncludeTasks[]
    expect(plain).toMatchObject({ kind: 'include', path: 'a.yaml', loop: { value: [1] } })
    expect(plain!.entries).toHaveLength(2)
    expect(templated!.entries).toBeUndefined()
  })
  it('tell loops, missing files, and every error of every file', () => {
    const contents = {
      'site.yaml':
        '- import_playbook: site.yaml\n- import_playbook: gone.yaml\n- hosts: all\n  tasks:\n    - import_tasks: a.yaml\n    - comand: x\n',
      'a.yaml': '- nmae: x\n  command: ls\n- import_tasks: a.yaml\n',
    }
    expect(errorsOf(() => load(contents)).map(({ code, pos }) => `${code} ${pos?.line}`)).toEqual([
      'playbook 1',
      'file 2',
      'module 6',
      'playbook 1',
      'playbook 3',
    ])
  })
  it('work among handlers', () => {
    const [found] = load({
      'site.yaml': '- hosts: all\n  handlers:\n    - import_tasks: h.yaml',
      'h.yaml': '- name: restart\n  listen: x\n  command: ls',
    })
    expect(found!.handlers).toMatchObject([{ name: 'restart', listen: ['x'] }])
  })
})

it('reads a file of tasks for the run', () => {
  const folder = files({ 'a.yaml': '- command: ls', 'bad.yaml': '- comand: ls' })
  expect(loadTaskFile(join(folder, 'a.yaml'), { modules, extraVars: {} }).entries).toHaveLength(1)
  expect(errorsOf(() => loadTaskFile(join(folder, 'bad.yaml'), { modules, extraVars: {} }))).toHaveLength(1)
})

it('raises nothing but errors meant for users, whatever stands in a playbook', () => {
  const leaf = fc.oneof(
    fc.constantFrom('x', '{{ x }}', '{{', 'a b', 'yes', '', 'site.yaml', '../..', 'nul\0'),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const task = fc.dictionary(
    fc.constantFrom(
      ...HANDLER_KEYWORDS,
      'command',
      'apt_install',
      'block',
      'rescue',
      'import_tasks',
      'include_tasks',
      'constructor',
      '__proto__',
      'toString',
    ),
    leaf,
    { maxKeys: 5 },
  )
  const key = fc.constantFrom(...PLAY_KEYWORDS, 'import_playbook', 'roles', 'valueOf', '__proto__')
  const anyPlay = fc.dictionary(key, fc.oneof(leaf, fc.array(fc.oneof(task, leaf), { maxLength: 3 })), {
    maxKeys: 5,
  })
  const folder = files({})
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(anyPlay, { maxLength: 3 }).map((plays) => JSON.stringify(plays)),
      ),
      (text) => {
        writeFileSync(join(folder, 'site.yaml'), text)
        errorsOf(() => loadPlaybooks([join(folder, 'site.yaml')], { modules, extraVars: {} }))
      },
    ),
    { numRuns: 400 },
  )
})
