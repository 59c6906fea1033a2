import { expect, it } from 'vitest'
import { type LocalRun, runLocally } from '../../support/local-run.ts'

const jinja = (text: string): string => `# play: language=jinja\n${text.trim()}\n`
const play = (tasks: string): string =>
  jinja(`- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}`)
const errorOf = ({ results }: LocalRun, host = 'h1') =>
  results.find(({ host: name, error }) => name === host && error !== undefined)?.error

const BROKEN = 'a: 1\nb: [1, 2\nc: 3\n'
const WRONG_TASKS = '- { name: a, no_such_module: {} }\n- { name: b, ping: , no_such_keyword: 1 }\n'

/** What is read while the run goes on, and holds a mistake: the task that reads it, its files, and the place of the mistake. */
const CASES: Record<string, { task: string; files: Record<string, string>; at: RegExp }> = {
  include_vars: {
    task: '- include_vars: vars.yaml',
    files: { 'vars.yaml': BROKEN },
    at: /vars\.yaml:3:1$/,
  },
  'include_vars of a folder': {
    task: '- include_vars: { dir: more }',
    files: { 'more/vars.yaml': BROKEN },
    at: /more\/vars\.yaml:3:1$/,
  },
  'include_tasks of no YAML': {
    task: '- include_tasks: "{{ \'tasks\' }}.yaml"',
    files: { 'tasks.yaml': BROKEN },
    at: /tasks\.yaml:3:1$/,
  },
  'include_tasks of wrong tasks': {
    task: '- include_tasks: "{{ \'tasks\' }}.yaml"',
    files: { 'tasks.yaml': WRONG_TASKS },
    at: /tasks\.yaml:1:\d+$/,
  },
  'include_tasks of a file that is not there': {
    task: '- include_tasks: "{{ \'nowhere\' }}.yaml"',
    files: {},
    at: /site\.yaml:5:\d+$/,
  },
  include_role: {
    task: '- include_role: { name: "{{ \'r\' }}" }',
    files: { 'roles/r/tasks/main.yml': BROKEN },
    at: /roles\/r\/tasks\/main\.yml:3:1$/,
  },
  'include_role of a role that is not there': {
    task: '- include_role: { name: "{{ \'nowhere\' }}" }',
    files: {},
    at: /site\.yaml:5:\d+$/,
  },
  'group_vars of a group that a task adds': {
    task: '- group_by: { key: "{{ \'made\' }}" }',
    files: { 'group_vars/made.yaml': BROKEN },
    at: /group_vars\/made\.yaml:3:1$/,
  },
  'the inventory, read again': {
    task: '- copy: { dest: "{{ dir }}/group_vars/all.yaml", content: "b: [1, 2\\nc: 3\\n" }\n- meta: refresh_inventory',
    files: { 'group_vars/all.yaml': 'b: 1\n' },
    at: /group_vars\/all\.yaml:2:1$/,
  },
}

it.each(Object.entries(CASES))('%s fails its hosts alone, at the place of the mistake', async (_, one) => {
  const { task, files, at } = one
  const run = await runLocally(play(`${task}\n- { name: behind, debug: { msg: x } }`), {
    files,
    hosts: 'h1 h2',
  })
  expect(errorOf(run)?.at).toMatch(at)
  expect(errorOf(run)?.code).not.toBe('internal')
  expect(run.recap).toMatchObject({ event: 'recap', exit_code: 2, hosts: { h1: { failed: 1 } } })
})

it.each(Object.entries(CASES))('%s may be rescued', async (_, { task, files }) => {
  const run = await runLocally(
    play(`
- block:
${task.replace(/^/gm, '    ')}
  rescue:
    - { name: rescued, debug: { msg: "{{ ansible_failed_result.msg | length > 0 }}" } }`),
    { files },
  )
  expect(run.lines.at(-1)).toBe('h1 rescued ok')
  expect(run.code).toBe(0)
})

it('only the hosts fail that include what is not there', async () => {
  const run = await runLocally(
    play('- include_tasks: "{{ inventory_hostname }}.yaml"\n- { name: behind, ping: }'),
    {
      hosts: 'h1 h2',
      files: { 'h2.yaml': '- { name: inside, ping: }\n' },
    },
  )
  expect(run.lines).toEqual([
    'h1 include_tasks ok',
    'h2 include_tasks ok',
    'h1 include_tasks failed',
    'h2 inside ok',
    'h2 behind ok',
  ])
  expect(run.recap.hosts).toMatchObject({ h1: { failed: 1 }, h2: { failed: 0 } })
})

it('all that is wrong in a file is told', async () => {
  const run = await runLocally(play('- include_tasks: "{{ \'tasks\' }}.yaml"'), {
    files: { 'tasks.yaml': WRONG_TASKS },
  })
  expect(errorOf(run)?.message).toContain('no_such_module')
  expect(errorOf(run)?.details?.join('\n')).toMatch(/tasks\.yaml:2:\d+: .*no_such_keyword/)
})

it.each([
  ['a file of variables of a play', 'vars_files: ["{{ name }}.yaml"]'],
  ['a variable', "vars: { made: \"{{ lookup('template', 'a.j2') }}\" }"],
])('%s with a mistake is told at its place', async (_, keyword) => {
  const text = jinja(`
- hosts: all
  gather_facts: false
  ${keyword}
  tasks:
    - debug: { msg: "{{ made }}" }`)
  const files = { 'broken.yaml': BROKEN, 'a.j2': '{{ nothing_of_it' }
  const run = await runLocally(text, { files, args: ['-e', 'name=broken'] }).catch((error: unknown) => error)
  const said = run instanceof Error ? run : errorOf(run as LocalRun)
  expect(said).toMatchObject({ code: expect.stringMatching(/yaml|template/) })
})
