import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

// Its message is a template of what only the run will know, so that the task itself is unknown.
const playbook = `
- hosts: h1
  gather_facts: false
  tasks:
    - { name: command, command: echo hello, register: c }
    - { name: first, debug: { msg: "{{ c.stdout }}" }, register: r }
    - { name: template, debug: { msg: "{{json r.rows}}" } }
    - { name: part, debug: { msg: "{{ r.rows.[0].one }}" } }
    - { name: condition, debug: { msg: x }, when: "r.rows[0].one == 1" }
    - { name: var, debug: { var: r.rows } }
    - { name: loop, debug: { msg: "{{ item.one }}" }, loop: "{{ r.rows }}" }
    - { name: parameter, copy: { content: "{{ r.rows.[0].one }}", dest: "{{ dir }}/x" } }
    - { name: assert, assert: { that: "r.rows[0].one == 1" } }
    - { name: default, debug: { msg: '{{ default r.rows "none" }}' } }
    - { name: has, debug: { msg: x }, when: "has(r.rows)" }
    - { name: chained, debug: { msg: x }, when: r.changed, register: again }
    - { name: of a chained one, debug: { msg: "{{ again.msg }}" } }
    - { name: rest, debug: { msg: rest } }
`

it('what hangs on the result of a task that is unknown in a check is unknown, and nothing fails', async () => {
  const { lines, code } = await runLocally(playbook, { args: ['--check'] })
  expect(lines.slice(0, -1).map((line) => line.replace(/^h1 /, ''))).toEqual([
    'command changed',
    'first unknown',
    'template unknown',
    'part unknown',
    'condition unknown',
    'var unknown',
    'loop unknown',
    'parameter unknown',
    'assert unknown',
    'default unknown',
    'has unknown',
    'chained unknown',
    'of a chained one unknown',
  ])
  expect(lines.at(-1)).toBe('h1 rest ok')
  expect(code).toBeLessThanOrEqual(4)
})

it('a refusal stands behind an unknown task that changes nothing, and is unknown behind one that may', async () => {
  const refusedBehind = (task: string) =>
    runLocally(
      `
- hosts: h1
  gather_facts: false
  tasks:
    - { name: command, command: echo hello, register: c }
    - { name: unknown, ${task} }
    - { name: refused, copy: { content: x, dest: "{{ dir }}/none/x" } }
`,
      { args: ['--check'] },
    )
  expect((await refusedBehind('debug: { msg: "{{ c.stdout }}" }')).lines.at(-1)).toBe('h1 refused failed')
  const file = await refusedBehind('copy: { content: "{{ c.stdout }}", dest: "{{ dir }}/x" }')
  expect(file.lines.at(-1)).toBe('h1 refused unknown')
})

it('what set_fact, and include_vars may have set is unknown, and nothing is missing', async () => {
  const { lines } = await runLocally(
    `# play: language=jinja
- hosts: h1
  gather_facts: false
  vars: { old: 1 }
  tasks:
    - { name: command, command: echo hello, register: c }
    - { name: set, set_fact: { one: "{{ c.stdout }}", old: 2 } }
    - { name: one, debug: { msg: "{{ one }}" } }
    - { name: old, debug: { msg: "{{ old }}" } }
    - { name: loop, debug: { msg: "{{ item }}" }, loop: "{{ one.split() }}" }
    - { name: default, debug: { msg: "{{ one | default('none') }}" } }
    - { name: vars, include_vars: some.yml, when: c.stdout == 'hello' }
    - { name: two, debug: { msg: "{{ two }}" } }
    - { name: twos, debug: { msg: "{{ item }}" }, loop: "{{ two }}" }
    - { name: rest, debug: { msg: rest } }
`,
    { args: ['--check'], files: { 'some.yml': 'two: [2]\n' } },
  )
  expect(lines.slice(1).map((line) => line.replace(/^h1 /, ''))).toEqual([
    'set unknown',
    'one unknown',
    'old unknown',
    'loop unknown',
    'default unknown',
    'vars unknown',
    'two unknown',
    'twos unknown',
    'rest ok',
  ])
})
