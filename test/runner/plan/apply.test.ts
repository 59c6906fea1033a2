import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encrypt } from '../../../runner/load/vault/cipher.ts'
import { formatEnvelope } from '../../../runner/load/vault/envelope.ts'
import { LOCAL, playOf, tasks, useScratch } from './scratch.ts'

const scratch = useScratch()

const SHELL = 'cat > DIR/done; pwd >> DIR/done; echo "$X" >> DIR/done'
const task = (args: string, keywords = 'environment: { X: one }'): string =>
  tasks(`{ shell: '${SHELL}', args: { chdir: /tmp, ${args} }, ${keywords} }`)
const sealed = (plain: string): string => {
  const text = formatEnvelope(encrypt(Buffer.from(plain), Buffer.from('pw')))
  return `!vault |\n${text.replace(/^(?=.)/gm, '  ')}`
}

interface Case {
  before: Record<string, string>
  between: Record<string, string>
  /** In what is said. */
  says: RegExp
  args?: string[]
  argsOfApply?: string[]
}

const SITE = task('stdin: one')
const COPY = tasks('copy: { dest: DIR/done, content: "{{ word }}" }')
const SECRET = 'api_token: '

const CASES: Record<string, Case> = {
  'the input of a command': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: two') },
    says: /a: shell: its argument stdin is another one now/,
  },
  'the folder of a command': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': SITE.replace('chdir: /tmp', 'chdir: /') },
    says: /a: shell: its argument chdir is another one now/,
  },
  'a new argument': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: one, stdin_add_newline: false') },
    says: /a: shell: its argument stdin_add_newline is/,
  },
  'the environment': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: one', 'environment: { X: two, Y: three }') },
    says: /the variable of its environment X is another one now(.|\n)*environment Y is new/,
  },
  'the user of a task': {
    before: { 'site.yaml': SITE },
    between: {
      'site.yaml': task('stdin: one', 'environment: { X: one }, become: true, become_user: nobody'),
    },
    says: /a: shell: planned as \S+, and now as nobody/,
  },
  'the user of the play': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': SITE.replace('hosts: a\n', 'hosts: a\n  become: true\n  become_user: nobody\n') },
    says: /planned as \S+, and now as nobody/,
  },
  'the user that a variable of the inventory says': {
    before: { 'site.yaml': SITE },
    between: { 'group_vars/all.yaml': 'ansible_become: true\nansible_become_user: nobody\n' },
    says: /planned as \S+, and now as nobody/,
  },
  'whom a task is delegated to': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: one', 'environment: { X: one }, delegate_to: b') },
    says: /a: shell: planned on this machine, and now on b, this machine/,
  },
  'what is a failure of it': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: one', 'environment: { X: one }, failed_when: false') },
    says: /its keyword failed_when is new/,
  },
  'how often it is tried': {
    before: {
      'site.yaml': task('stdin: one', 'environment: { X: one }, register: r, until: [true], retries: 3'),
    },
    between: {
      'site.yaml': task('stdin: one', 'environment: { X: one }, register: r, until: [true], retries: 9'),
    },
    says: /its keyword retries is another one now/,
  },
  'that it is done in the background': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': task('stdin: one', 'environment: { X: one }, async: 30, poll: 0') },
    says: /its keyword async is new/,
  },
  module_defaults: {
    before: { 'site.yaml': SITE },
    between: {
      'site.yaml': SITE.replace(
        'hosts: a\n',
        'hosts: a\n  module_defaults: { shell: { stdin_add_newline: false } }\n',
      ),
    },
    says: /its argument stdin_add_newline is/,
  },
  'a file of variables': {
    before: {
      'site.yaml': COPY.replace('hosts: a\n', 'hosts: a\n  vars_files: [words.yaml]\n'),
      'words.yaml': 'word: one\n',
    },
    between: { 'words.yaml': 'word: two\n' },
    says: /a: copy: its argument content is another one now/,
  },
  'a secret of the inventory': {
    before: {
      'site.yaml': COPY.replace('{{ word }}', '{{ api_token }}'),
      'group_vars/all.yaml': `${SECRET}first-one\n`,
    },
    between: { 'group_vars/all.yaml': `${SECRET}other-one\n` },
    says: /a: copy: its argument content is another one now/,
  },
  'an encrypted value': {
    before: {
      'site.yaml': task("stdin: '{{ thing }}'"),
      pw: 'pw\n',
      'group_vars/all.yaml': `thing: ${sealed('first-one')}`,
    },
    between: { 'group_vars/all.yaml': `thing: ${sealed('other-one')}` },
    args: ['--vault-password-file', 'pw'],
    says: /a: shell: its argument stdin is another one now/,
  },
  'the source of a template': {
    before: {
      'site.yaml': tasks('{ template: { src: page.hbs, dest: DIR/done }, no_log: true }'),
      'templates/page.hbs': 'one\n',
    },
    between: { 'templates/page.hbs': 'two\n' },
    says: /a: template: what it writes, runs or finds is not what was planned/,
  },
  'a file that is copied': {
    before: {
      'site.yaml': tasks('{ copy: { src: thing, dest: DIR/done }, no_log: true }'),
      'files/thing': 'one\n',
    },
    between: { 'files/thing': 'two\n' },
    says: /a: copy: what it writes, runs or finds is not what was planned/,
  },
  'a large file that is copied': {
    before: {
      'site.yaml': tasks('copy: { src: thing, dest: DIR/done }'),
      'files/thing': 'one\n'.repeat(400_000),
    },
    between: { 'files/thing': 'two\n'.repeat(400_000) },
    says: /a: copy: /,
  },
  'a script': {
    before: { 'site.yaml': tasks('script: thing.sh'), 'files/thing.sh': '#!/bin/sh\nexit 0\n' },
    between: { 'files/thing.sh': '#!/bin/sh\ntouch DIR/done\n' },
    says: /a: script: what it writes, runs or finds is not what was planned/,
  },
  "a role's tasks": {
    before: {
      'site.yaml': playOf('roles: [r]'),
      'roles/r/tasks/main.yml': `- shell: '${SHELL}'\n  environment: { X: one }\n`,
    },
    between: { 'roles/r/tasks/main.yml': `- shell: '${SHELL}'\n  environment: { X: two }\n` },
    says: /the variable of its environment X is another one now/,
  },
  "a role's file": {
    before: {
      'site.yaml': playOf('roles: [r]'),
      'roles/r/tasks/main.yml': '- copy: { src: thing, dest: DIR/done }\n  no_log: true\n',
      'roles/r/files/thing': 'one\n',
    },
    between: { 'roles/r/files/thing': 'two\n' },
    says: /what it writes, runs or finds is not what was planned/,
  },
  'a value of -e': {
    before: { 'site.yaml': task("stdin: '{{ thing }}'") },
    between: {},
    args: ['-e', 'thing=one'],
    argsOfApply: ['-e', 'thing=two'],
    says: /another value than in the plan: -e thing=…/,
  },
  'a file of -e': {
    before: { 'site.yaml': task("stdin: '{{ thing }}'"), 'more.yaml': 'thing: one\n' },
    between: { 'more.yaml': 'thing: two\n' },
    args: ['-e', '@more.yaml'],
    says: /another value than in the plan: -e thing=…/,
  },
  'a second task of the same name': {
    before: { 'site.yaml': tasks('command: touch DIR/done', "{ command: touch DIR/more, when: 'false' }") },
    between: { 'site.yaml': tasks('command: touch DIR/done', 'command: touch DIR/more') },
    says: /a: command: not planned, and now changed/,
  },
  'a task that counts as no change': {
    before: { 'site.yaml': tasks('{ command: touch DIR/one, changed_when: false }') },
    between: { 'site.yaml': tasks('{ command: touch DIR/done, changed_when: false }') },
    says: /a: command: its argument \S+ is another one now/,
  },
  'a task more that counts as no change': {
    before: { 'site.yaml': tasks('{ name: one, command: touch DIR/one }') },
    between: {
      'site.yaml': tasks(
        '{ name: one, command: touch DIR/one }',
        '{ name: two, command: touch DIR/done, changed_when: false }',
      ),
    },
    says: /a: two: not planned/,
  },
  'what is really done in a check': {
    before: { 'site.yaml': tasks('{ command: touch DIR/one, check_mode: false, changed_when: false }') },
    between: { 'site.yaml': tasks('{ command: touch DIR/done, check_mode: false, changed_when: false }') },
    says: /a: command: /,
  },
  'the order of two tasks': {
    before: {
      'site.yaml': tasks(
        '{ name: stop, command: touch DIR/done }',
        '{ name: start, command: touch DIR/more }',
      ),
    },
    between: {
      'site.yaml': tasks(
        '{ name: start, command: touch DIR/more }',
        '{ name: stop, command: touch DIR/done }',
      ),
    },
    says: /a: stop: planned before start, and now behind it/,
  },
  'the hosts of a play': {
    before: { 'site.yaml': SITE },
    between: { 'site.yaml': SITE.replace('hosts: a', 'hosts: a,b') },
    says: /play a(,b)?: planned for a, and now for a, b/,
  },
  'how many hosts at a time': {
    before: {
      'site.yaml': SITE.replace('hosts: a\n', 'name: p\n  hosts: a,b\n  serial: 1\n').replaceAll(
        'DIR/done',
        '/dev/null',
      ),
    },
    between: {
      'site.yaml': SITE.replace('hosts: a\n', 'name: p\n  hosts: a,b\n').replaceAll('DIR/done', '/dev/null'),
    },
    says: /play p: serial: planned \[1\], and now \[\]/,
  },
  'when a play gives up': {
    before: { 'site.yaml': SITE.replace('hosts: a\n', 'hosts: a\n  max_fail_percentage: 0\n') },
    between: { 'site.yaml': SITE },
    says: /play a: max_fail_percentage: planned 0, and now nothing/,
  },
}

describe('a plan is refused before the first change, and says what differs, where there is another', () => {
  it.each(Object.entries(CASES))(
    '%s',
    async (_name, { before, between, says, args = [], argsOfApply = args }) => {
      scratch().write({ hosts: LOCAL, ...before })
      expect(await scratch().check(...args)).toBe(0)
      scratch().write(between)
      expect(await scratch().refused(argsOfApply)).toMatch(says)
      expect(scratch().exists('done')).toBe(false)
    },
  )
})

describe('a plan is applied', () => {
  it('where it is what it was', async () => {
    for (const { before, args = [] } of Object.values(CASES).slice(0, 12)) {
      scratch().write({ hosts: LOCAL, ...before })
      expect(await scratch().check(...args)).toBe(0)
      expect(await scratch().refused(args)).toBe(undefined)
    }
  })
  it('from any folder: names of files are told from where it was made', async () => {
    const site = tasks(
      '{ template: { src: page.hbs, dest: DIR/done } }',
      '{ shell: "echo {{ playbook_dir }} {{ inventory_dir }} >> DIR/where" }',
    )
    scratch().write({
      hosts: LOCAL,
      only: 'a\n',
      'site.yaml': site,
      'templates/page.hbs': '{{ template_fullpath }} {{ ansible_managed }}',
      'ansible.cfg': '[defaults]\nroles_path = myroles\nprivate_key_file = mykey\n',
      // Others of the same names.
      'other/hosts': LOCAL,
      'other/only': 'b\n',
      'other/site.yaml': tasks('shell: touch DIR/wrong'),
    })
    expect(await scratch().check('-l', '@only')).toBe(0)
    expect(await scratch().refused([], 'other')).toBe(undefined)
    expect(scratch().exists('wrong')).toBe(false)
    expect(scratch().read('done')).toContain(scratch().path('templates/page.hbs'))
  })
  it('with what its command line and configuration said, whatever they say now', async () => {
    scratch().write({
      hosts: 'a\n',
      'site.yaml': tasks('shell: touch DIR/done'),
      'ansible.cfg': '[defaults]\nremote_user = nobody\n',
    })
    expect(await scratch().check('-c', 'local')).toBe(0)
    scratch().write({ 'ansible.cfg': '[defaults]\nremote_user = daemon\ntransport = ssh\n' })
    expect(await scratch().refused()).toBe(undefined)
    expect(scratch().exists('done')).toBe(true)
    expect(JSON.parse(scratch().read('plan.json')).settings).toMatchObject({
      transport: 'local',
      remote_user: 'nobody',
    })
  })
  it('with an inventory that is a program, where one was named', async () => {
    scratch().write({
      hosts: `#!/bin/sh\necho '{"_meta": {"hostvars": {"a": {"ansible_connection": "local"}}}, "all": {"hosts": ["a"]}}'\n`,
      'site.yaml': tasks('shell: touch DIR/done'),
    })
    chmodSync(scratch().path('hosts'), 0o755)
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toBe(undefined)
    expect(scratch().exists('done')).toBe(true)
  })
  it('with what counts as no change, each time that it stands there', async () => {
    scratch().write({
      hosts: LOCAL,
      'site.yaml': tasks(
        '{ name: silent, shell: echo x >> DIR/done, changed_when: false }',
        '{ shell: echo x >> DIR/done, loop: [1, 1] }',
        '{ shell: "echo x >> DIR/done; test $(wc -l < DIR/done) -gt 5", register: r, until: r.failed == false, retries: 5, delay: 0 }',
      ),
    })
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toBe(undefined)
    expect(scratch().read('done')).toBe('x\n'.repeat(6))
  })
  it('with handlers, in the order in which they come', async () => {
    scratch().write({
      hosts: LOCAL,
      'site.yaml': playOf(
        'tasks:',
        '  - { copy: { dest: DIR/one, content: x }, notify: again }',
        '  - meta: flush_handlers',
        '  - { copy: { dest: DIR/two, content: x }, notify: again }',
        'handlers:',
        '  - { name: again, shell: echo x >> DIR/done }',
      ),
    })
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toBe(undefined)
    expect(scratch().read('done')).toBe('x\nx\n')
  })
})

describe('in the run, a task', () => {
  it.each([
    ['that is done in a run alone', '{ shell: touch DIR/done, when: not ansible_check_mode }'],
    [
      'that is done as another user than in a check',
      "{ shell: touch DIR/done, become: true, become_user: \"{{ 'daemon' if ansible_check_mode else 'nobody' }}\" }",
    ],
    [
      'that is done more often than in a check',
      '{ command: touch DIR/done, loop: "{{ [1] if ansible_check_mode else [1, 1] }}", loop_control: { label: x } }',
    ],
  ])('is refused at its turn %s', async (_what, task) => {
    scratch().write({ hosts: LOCAL, 'site.yaml': `# play: language=jinja\n${tasks(task)}` })
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toMatch(/^exit 2: .*this is not in the plan, so it was not done$/)
  })
  it('goes by what the run comes upon', async () => {
    scratch().write({
      hosts: LOCAL,
      position: 'before\n',
      'site.yaml': tasks(
        'copy: { dest: DIR/position, content: "behind\\n" }',
        '{ command: cat DIR/position, check_mode: false, changed_when: false, register: position }',
        'shell: echo {{ position.stdout }} > DIR/done',
      ),
    })
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toBe(undefined)
    expect(scratch().read('done')).toBe('behind\n')
  })
})

describe('what a plan says', () => {
  it('is no secret, and none that can be found by a fast search', async () => {
    scratch().write({
      hosts: LOCAL,
      'site.yaml': tasks(
        '{ shell: cat > DIR/done, args: { stdin: "{{ api_token }}" }, environment: { T: "{{ api_token }}" } }',
      ),
      'group_vars/all.yaml': 'api_token: seven-of-nine\n',
    })
    await scratch().check()
    expect(scratch().read('plan.json')).not.toContain('seven-of-nine')
    const [action] = JSON.parse(scratch().read('plan.json')).actions
    for (const digest of [action.arguments.stdin, action.environment.T, action.effect])
      expect(digest).toMatch(/^secret:/)
    expect(action.arguments.cmd ?? action.arguments._raw_params).not.toMatch(/^secret:/)
  })
  it('of an environment that only the run will know is not enough', async () => {
    scratch().write({
      hosts: LOCAL,
      'site.yaml': tasks(
        '{ shell: echo x, register: said }',
        '{ shell: touch DIR/done, environment: { X: "{{ said.stdout }}" } }',
      ),
    })
    expect(await scratch().check()).toBe(0)
    expect(await scratch().refused()).toMatch(/a: shell: its environment is not known before the run/)
    expect(scratch().exists('done')).toBe(false)
  })
  it('is of an older form, and says so', async () => {
    scratch().write({ 'plan.json': '{"schema": 1, "playbooks": ["site.yaml"]}' })
    expect(await scratch().refused()).toMatch(
      /is a plan of schema 1, made by an older play; this one reads schema 2/,
    )
  })
})
