import type { LocalRun, runLocally } from '../../support/local-run.ts'

export type Options = Parameters<typeof runLocally>[1]

/** A playbook with the keyword at its place, and what it must do there. `YES`, `NO` stand for the value. */
export interface Case {
  playbook: string
  /** Written there as it is, and where the table says so, as a template that gives it. */
  value: string
  options?: Options
  /** undefined: the playbook without the keyword must not do it. */
  does: (ran: LocalRun) => unknown
}

export const play = (keywords: string, tasks: string, hosts = 'all') =>
  `- hosts: ${hosts}\n  gather_facts: false\n${keywords.replace(/^/gm, '  ')}\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`
export const task = (keywords: string, module = 'command: "true"') =>
  play('', `- { name: a, ${module}, ${keywords} }`)
const status = (ran: LocalRun) => ran.results.find((result) => result.task === 'a')?.status
const lines = (ran: LocalRun) => ran.lines
export const two: Options = { hosts: 'h1 h2' }

const SLOW_FIRST =
  '- { name: a, shell: "test {{ inventory_hostname }} = h2 || sleep 0.6" }\n- { name: b, ping: }'

export const CASES: Record<string, Case[]> = {
  name: [
    {
      playbook: play('', '- { command: "true", name: VALUE }'),
      value: 'b',
      does: (ran) => lines(ran)[0] === 'h1 b changed',
    },
  ],
  tags: [
    {
      playbook: task('tags: VALUE'),
      value: 'x',
      options: { args: ['--tags', 'x'] },
      does: (ran) => status(ran) === 'changed',
    },
  ],
  vars: [
    {
      playbook: play('', '- { name: a, assert: { that: "x == 1" }, vars: { x: VALUE } }'),
      value: '1',
      does: (ran) => status(ran) === 'ok',
    },
  ],
  args: [
    {
      playbook: play('', '- { name: a, fail: {}, args: VALUE }'),
      value: '{ "msg": "from args" }',
      does: (ran) => ran.results[0]?.message?.includes('from args'),
    },
    {
      playbook: play('', '- { name: a, fail: { msg: own }, args: VALUE }'),
      value: '{ "msg": "from args" }',
      does: (ran) => ran.results[0]?.message?.includes('own'),
    },
  ],
  when: [{ playbook: task('when: VALUE'), value: 'false', does: (ran) => status(ran) === 'skipped' }],
  become: [
    {
      playbook: task('become: VALUE, become_user: nobody', 'command: id -un, register: r'),
      value: 'true',
      does: saysUser,
    },
  ],
  become_user: [
    {
      playbook: task('become: true, become_user: VALUE', 'command: id -un'),
      value: 'nobody',
      does: saysUser,
    },
  ],
  environment: [
    {
      playbook: task('environment: { X: VALUE }', 'shell: echo x$X'),
      value: '"5"',
      does: (ran) => ran.results[0]?.result?.stdout === 'x5',
    },
  ],
  delegate_to: [
    {
      playbook: task('delegate_to: VALUE'),
      value: 'h2',
      options: two,
      does: (ran) => ran.results.every(({ delegate }) => delegate === 'h2'),
    },
  ],
  ignore_errors: [
    { playbook: task('ignore_errors: VALUE', 'fail: {}'), value: 'true', does: (ran) => ran.code === 0 },
  ],
  ignore_unreachable: [
    {
      playbook: task('ignore_unreachable: VALUE, vars: { ansible_connection: ssh }', 'ping: '),
      value: 'true',
      options: { hosts: 'unreachable.invalid ansible_connection=ssh'.split(' ')[0] },
      does: (ran) => ran.results.length > 0,
    },
  ],
  any_errors_fatal: [
    {
      playbook: play(
        'any_errors_fatal: VALUE',
        '- { name: a, fail: {}, when: inventory_hostname == "h1" }\n- { name: b, ping: }',
      ),
      value: 'true',
      options: two,
      does: (ran) => !lines(ran).some((line) => line.includes(' b ')),
    },
  ],
  no_log: [
    { playbook: task('no_log: VALUE'), value: 'true', does: (ran) => ran.results[0]?.no_log === true },
  ],
  run_once: [
    {
      playbook: task('run_once: VALUE'),
      value: 'true',
      options: two,
      does: (ran) => lines(ran).length === 1,
    },
  ],
  check_mode: [
    {
      playbook: play(
        '',
        '- { name: a, command: "touch {{ dir }}/made", check_mode: VALUE }\n- { name: b, stat: { path: "{{ dir }}/made" } }',
      ),
      value: 'true',
      does: (ran) => (ran.results[1]!.result!.stat as { exists: boolean }).exists === false,
    },
  ],
  diff: [{ playbook: task('diff: VALUE'), value: 'true', does: (ran) => ran.results[0]?.diff === true }],
  timeout: [
    {
      playbook: task('timeout: VALUE', 'command: sleep 20'),
      value: '0.2',
      does: (ran) => status(ran) === 'failed',
    },
  ],
  module_defaults: [
    {
      playbook: play(
        'module_defaults: { command: { chdir: VALUE } }',
        '- { name: a, command: { cmd: pwd } }',
      ),
      value: '/',
      does: (ran) => ran.results[0]?.result?.stdout === '/',
    },
  ],
  hosts: [
    {
      playbook: play('', '- ping:', 'VALUE'),
      value: 'h2',
      options: two,
      does: (ran) => lines(ran).length === 1 && lines(ran)[0]!.startsWith('h2'),
    },
  ],
  gather_facts: [
    {
      playbook: '- hosts: all\n  gather_facts: VALUE\n  tasks: [{ ping: }]\n',
      value: 'false',
      does: (ran) => lines(ran).length === 1,
    },
  ],
  vars_files: [
    {
      playbook: play('vars_files: [VALUE]', '- { name: a, assert: { that: "y == 2" } }'),
      value: 'vars.yaml',
      options: { files: { 'vars.yaml': 'y: 2' } },
      does: (ran) => status(ran) === 'ok',
    },
  ],
  serial: [
    {
      playbook: play('serial: VALUE', '- ping:'),
      value: '1',
      options: two,
      does: (ran) => ran.events.filter(({ event }) => event === 'play_start').length === 2,
    },
  ],
  force_handlers: [
    {
      playbook: play(
        'force_handlers: VALUE\nhandlers: [{ name: h, ping: }]',
        '- { command: "true", notify: h }\n- fail: {}',
      ),
      value: 'true',
      does: (ran) => lines(ran).includes('h1 h ok'),
    },
  ],
  strategy: [
    {
      playbook: play('strategy: VALUE', SLOW_FIRST),
      value: 'free',
      options: two,
      does: (ran) => lines(ran)[0] === 'h2 a changed' && lines(ran)[1] === 'h2 b ok',
    },
    {
      playbook: play('strategy: VALUE', SLOW_FIRST),
      value: 'linear',
      options: two,
      does: (ran) => lines(ran).slice(2).sort().join() === 'h1 b ok,h2 b ok',
    },
    {
      playbook: play('strategy: VALUE', SLOW_FIRST),
      value: 'host_pinned',
      options: { ...two, args: ['--forks', '1'] },
      does: (ran) => lines(ran).join() === 'h1 a changed,h1 b ok,h2 a changed,h2 b ok',
    },
  ],
  order: [
    {
      playbook: play('order: VALUE\nserial: 1', '- { name: a, ping: }'),
      value: 'reverse_sorted',
      options: two,
      does: (ran) => lines(ran).join() === 'h2 a ok,h1 a ok',
    },
  ],
  max_fail_percentage: [
    {
      playbook: play(
        'max_fail_percentage: VALUE',
        '- { name: a, fail: , when: inventory_hostname != "h3" }\n- { name: b, ping: }',
      ),
      value: '49',
      options: { hosts: 'h1 h2 h3' },
      does: (ran) => !lines(ran).includes('h3 b ok') && ran.code === 2,
    },
    {
      playbook: play(
        'max_fail_percentage: VALUE',
        '- { name: a, fail: , when: inventory_hostname == "h1" }\n- { name: b, ping: }',
      ),
      value: '50',
      options: two,
      does: (ran) => lines(ran).includes('h2 b ok'),
    },
  ],
  vars_prompt: [
    {
      playbook: play('vars_prompt: VALUE', '- { name: a, assert: { that: "x.size() == 7" } }'),
      value: '[{ name: x, default: "{{ 5 }}" }]',
      does: (ran) => status(ran) === 'ok',
    },
    {
      playbook: play('vars_prompt: VALUE', '- { name: a, assert: { that: "string(x) == \'7\'" } }'),
      value: '[{ name: x }]',
      options: { args: ['-e', 'x=7'] },
      does: (ran) => status(ran) === 'ok',
    },
  ],
  gather_subset: [
    { playbook: play('gather_subset: VALUE', '- ping:'), value: 'min', does: (ran) => ran.code === 0 },
  ],
  gather_timeout: [
    { playbook: play('gather_timeout: VALUE', '- ping:'), value: '5', does: (ran) => ran.code === 0 },
  ],
  fact_path: [{ playbook: play('fact_path: VALUE', '- ping:'), value: '/x', does: (ran) => ran.code === 0 }],
  collections: [
    {
      playbook: play('collections: VALUE', '- ping:'),
      value: '[community.postgresql]',
      does: (ran) => ran.code === 0,
    },
  ],
  throttle: [
    {
      playbook: task(
        'throttle: VALUE',
        'shell: "mkdir {{ dir }}/alone && sleep 0.2 && rmdir {{ dir }}/alone"',
      ),
      value: '1',
      options: { hosts: 'h1 h2 h3' },
      does: (ran) => ran.code === 0,
    },
  ],
  delegate_facts: [
    {
      playbook: play(
        '',
        '- { set_fact: { x: here }, delegate_to: h2, delegate_facts: VALUE, run_once: true }\n- { name: a, assert: { that: hostvars.h2.x == "here" && !has(hostvars.h1.x) } }',
      ),
      value: 'true',
      options: two,
      does: (ran) => status(ran) === 'ok',
    },
  ],
  meta: [
    {
      playbook: play('', '- { name: a, ping: }\n- meta: VALUE\n- { name: b, ping: }'),
      value: 'end_play',
      does: (ran) => lines(ran).join() === 'h1 a ok',
    },
  ],
  loop: [
    {
      playbook: play('', '- { name: a, command: "true", loop: VALUE }'),
      value: '[x, y]',
      does: (ran) => lines(ran).length === 2,
    },
  ],
  loop_control: [
    {
      playbook: task('loop: [x], loop_control: { label: VALUE }'),
      value: 'lab',
      does: (ran) => lines(ran)[0] === 'h1 a(lab) changed',
    },
    {
      playbook: task('loop: [x, y], loop_control: { pause: VALUE }'),
      value: '0.3',
      does: (ran) => ran.recap.duration_ms >= 300,
    },
    {
      playbook: play(
        '',
        `- { name: a, loop: [x, y, z], loop_control: { extended: VALUE, index_var: at }, debug: { msg: "{{ ansible_loop.revindex }} {{ ansible_loop.previtem }} {{ ansible_loop.nextitem }} {{ ansible_loop.allitems.[2] }} {{ at }} {{ ansible_loop.last }}" }, when: ansible_loop.index == 2 }`,
      ),
      value: 'true',
      does: (ran) => ran.results[1]?.message?.toLowerCase() === '2 x z z 1 false',
    },
    {
      playbook: play(
        '',
        '- { loop: [x], loop_control: { extended: true, extended_allitems: VALUE }, debug: { msg: hi }, register: r, vars: { n: "{{ ansible_loop }}" } }\n- { name: a, assert: { that: "!(\'allitems\' in r.results[0].ansible_loop) && r.results[0].ansible_loop.first" } }',
      ),
      value: 'false',
      does: (ran) => status(ran) === 'ok',
    },
    {
      playbook: play(
        '',
        '- { name: a, loop: [x, y, z], loop_control: { break_when: r.stdout == "y" }, command: "echo {{ item }}", register: r }',
      ),
      value: '',
      does: (ran) => lines(ran).length === 2,
    },
  ],
  action: [
    {
      playbook: play('', '- { name: a, action: VALUE }'),
      value: 'command echo hi',
      does: (ran) => ran.results[0]?.result?.stdout === 'hi',
    },
  ],
  local_action: [
    {
      playbook: play('', '- { name: a, local_action: VALUE }'),
      value: 'command echo hi',
      options: two,
      does: (ran) =>
        ran.results.every(({ delegate, result }) => delegate === 'localhost' && result?.stdout === 'hi'),
    },
  ],
  ...withCases({
    items: ['["a", ["b", "c"], [["d"]]]', ['a', 'b', 'c', '["d"]']],
    list: ['["a", ["b"]]', ['a', '["b"]']],
    flattened: ['["a", [["b"], "c"]]', ['a', 'b', 'c']],
    dict: ['{ "x": 1, "y": 2 }', ['{"key":"x","value":1}', '{"key":"y","value":2}']],
    together: ['[["a", "b"], [1, 2, 3]]', ['["a",1]', '["b",2]', '[null,3]']],
    nested: ['[["a", "b"], [1, 2]]', ['["a",1]', '["a",2]', '["b",1]', '["b",2]']],
    cartesian: ['[["a"], [1, 2]]', ['["a",1]', '["a",2]']],
    indexed_items: ['["a", "b"]', ['[0,"a"]', '[1,"b"]']],
    sequence: ['start=1 end=5 stride=2 format=w%02d', ['w01', 'w03', 'w05']],
    subelements: [
      '[[{ "n": "x", "l": [1, 2] }, { "n": "y", "l": [] }], "l"]',
      ['[{"n":"x"},1]', '[{"n":"x"},2]'],
    ],
    random_choice: ['["a"]', ['a']],
    file: ['["a.txt"]', ['text']],
    fileglob: ['["*.txt"]', [/files\/a\.txt$/, /files\/b\.txt$/]],
    first_found: ['["no.txt", "b.txt"]', [/files\/b\.txt$/]],
    lines: ['printf "x y\\nz\\n"', ['x y', 'z']],
  }),
  register: [
    {
      playbook: play('', '- { command: "true", register: r }\n- { name: a, assert: { that: r.changed } }'),
      value: '',
      does: (ran) => status(ran) === 'ok',
    },
  ],
  notify: [
    {
      playbook: play('handlers: [{ name: h, ping: }]', '- { command: "true", notify: VALUE }'),
      value: 'h',
      does: (ran) => lines(ran).includes('h1 h ok'),
    },
  ],
  listen: [
    {
      playbook: play('handlers: [{ name: h, listen: VALUE, ping: }]', '- { command: "true", notify: other }'),
      value: 'other',
      does: (ran) => lines(ran).includes('h1 h ok'),
    },
  ],
  connection: [
    {
      playbook: task('delegate_to: elsewhere.invalid, connection: VALUE'),
      value: 'local',
      does: (ran) => status(ran) === 'changed',
    },
  ],
  port: [
    {
      playbook: task('delegate_to: 127.0.0.2, port: VALUE'),
      value: '1',
      does: (ran) => status(ran) === 'unreachable' && /\b1\b/.test(ran.results[0]!.message ?? ''),
    },
  ],
  become_method: [
    {
      playbook: task('become: true, become_user: nobody, become_method: VALUE', 'command: id -un'),
      value: 'su',
      does: saysUser,
    },
  ],
  async: [
    {
      playbook: task('async: VALUE, poll: 0.1', 'command: sleep 20'),
      value: '1',
      does: (ran) => status(ran) === 'failed' && ran.recap.duration_ms < 15_000,
    },
  ],
  poll: [
    {
      playbook: task('async: 5, poll: VALUE, register: r', 'command: sleep 1'),
      value: '0',
      does: (ran) => ran.results[0]?.result?.finished === false,
    },
  ],
  until: [
    {
      playbook: task('until: VALUE, retries: 1, delay: 0'),
      value: 'false',
      does: (ran) => status(ran) === 'failed',
    },
  ],
  retries: [
    {
      playbook: task('until: false, retries: VALUE, delay: 0'),
      value: '1',
      does: (ran) => ran.results[0]?.attempts === 2,
    },
  ],
  delay: [
    {
      playbook: task('until: false, retries: 1, delay: VALUE'),
      value: '0.3',
      does: (ran) => ran.recap.duration_ms >= 300 && ran.recap.duration_ms < 4000,
    },
  ],
  changed_when: [
    { playbook: task('changed_when: VALUE'), value: 'false', does: (ran) => status(ran) === 'ok' },
  ],
  failed_when: [
    { playbook: task('failed_when: VALUE'), value: 'true', does: (ran) => status(ran) === 'failed' },
  ],
  block: [
    { playbook: play('', '- block: [{ name: a, ping: }]'), value: '', does: (ran) => status(ran) === 'ok' },
  ],
  rescue: [
    {
      playbook: play('', '- { block: [{ fail: {} }], rescue: [{ name: a, ping: }] }'),
      value: '',
      does: (ran) => status(ran) === 'ok' && ran.code === 0,
    },
  ],
  always: [
    {
      playbook: play('', '- { block: [{ fail: {} }], always: [{ name: a, ping: }] }'),
      value: '',
      does: (ran) => status(ran) === 'ok' && ran.code === 2,
    },
  ],
  pre_tasks: [
    {
      playbook: play('pre_tasks: [{ name: p, ping: }]', '- { name: a, ping: }'),
      value: '',
      does: (ran) => lines(ran)[0] === 'h1 p ok',
    },
  ],
  tasks: [{ playbook: play('', '- { name: a, ping: }'), value: '', does: (ran) => status(ran) === 'ok' }],
  post_tasks: [
    {
      playbook: play('post_tasks: [{ name: p, ping: }]', '- { name: a, ping: }'),
      value: '',
      does: (ran) => lines(ran)[1] === 'h1 p ok',
    },
  ],
  handlers: [
    {
      playbook: play('handlers: [{ name: h, ping: }]', '- { command: "true", notify: h }'),
      value: '',
      does: (ran) => lines(ran).includes('h1 h ok'),
    },
  ],
  import_playbook: [
    {
      playbook: '- import_playbook: VALUE\n',
      value: 'other.yaml',
      options: { files: { 'other.yaml': play('', '- { name: a, ping: }') } },
      does: (ran) => status(ran) === 'ok',
    },
  ],
}
/** A loop of each kind: what stands under it, and the items that it makes. */
function withCases(
  cases: Record<string, [value: string, items: (string | RegExp)[]]>,
): Record<string, Case[]> {
  const one = ([value, items]: (typeof cases)[string], name: string): Case[] => [
    {
      playbook: play('', `- { name: a, debug: { msg: "{{ item }}" }, with_${name}: VALUE }`),
      value,
      options: { files: { 'files/a.txt': 'text\n', 'files/b.txt': '' } },
      does: ({ results }) =>
        results.length === items.length &&
        results.every((result, at) => new RegExp(items[at]!).test(result.item!) || result.item === items[at]),
    },
  ]
  return Object.fromEntries(Object.entries(cases).map(([name, found]) => [`with_${name}`, one(found, name)]))
}
/** Needs a second user to log in as: test/e2e/10-site.test.ts; how it stands to the variables: test/runner/hosts/spec.test.ts; roles: roles.test.ts. */
export const ELSEWHERE = ['remote_user', 'roles']

function saysUser(ran: LocalRun): boolean {
  return ran.results[0]?.result?.stdout === 'nobody'
}

/** The value as a template gives it that reads JSON. */
export const asJson = (value: string): string => {
  if (isJson(value)) return value
  if (/^(true|false|\d.*|".*"|\{ ".*\})$/.test(value)) return value
  if (value.startsWith('[')) return JSON.stringify(value.slice(1, -1).split(', '))
  return JSON.stringify(value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
