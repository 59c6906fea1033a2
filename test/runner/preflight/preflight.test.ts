import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Module } from '../../../contract/module.ts'
import { assertModule } from '../../../modules/control/assert.ts'
import { setFactModule } from '../../../modules/control/set-fact.ts'
import { loadPlaybooks } from '../../../runner/load/playbook.ts'
import type { Inventory, InventoryHost, Vars } from '../../../runner/load/types.ts'
import { preflight } from '../../../runner/preflight/preflight.ts'
import { errorsOf, files } from '../load/files.ts'

const unused = () => {
  throw new Error('no module runs before a connection')
}
const module = (name: string, params: z.ZodType, freeForm?: string): Module => ({
  name,
  summary: name,
  params,
  freeForm,
  inspect: unused,
  plan: unused,
})
const text = z.string()
const modules = new Map<string, Module>(
  [
    module(
      'copy',
      z
        .strictObject({
          src: text.optional().meta({ description: 'File', from: 'file' }),
          content: text.optional(),
          dest: text
            .regex(/^\//, 'expected an absolute path')
            .meta({ description: 'Where', aliases: ['path'], example: '/etc/motd' }),
          mode: text.optional(),
          state: z.enum(['present', 'absent']).default('present'),
          backup: z
            .union([z.boolean(), z.string().refine((word) => word === 'yes', 'expected true or false')])
            .optional(),
          rules: z.array(z.strictObject({ type: text, port: z.number().int().min(1).optional() })).optional(),
        })
        .refine((value) => (value.src === undefined) !== (value.content === undefined), {
          error: "one of 'src' and 'content' is needed",
          path: ['src'],
        }),
    ),
    module(
      'template',
      z.strictObject({ src: text.meta({ description: 'Template', from: 'template' }), dest: text }),
    ),
    module('command', z.strictObject({ cmd: text }), 'cmd'),
    module(
      'debug',
      z.strictObject({
        msg: z.unknown().optional(),
        var: z
          .strictObject({ text, value: z.unknown() })
          .optional()
          .meta({ description: 'V', holds: 'expression' }),
      }),
      'msg',
    ),
    assertModule,
    setFactModule,
    module('secretive', z.strictObject({ password: text.min(8).meta({ description: 'P', secret: true }) })),
  ].map((one) => [one.name, one]),
)

function inventory(hosts: Record<string, Vars>): Inventory {
  const entries = Object.entries(hosts).map(
    ([name, vars]): InventoryHost => ({
      name,
      vars,
      groups: [],
      where: () => ({ file: 'inventory.yaml', line: 1, col: 1 }),
    }),
  )
  const names = Object.keys(hosts)
  return {
    hosts: new Map(entries.map((host) => [host.name, host])),
    groups: new Map([['all', { name: 'all', hosts: names, children: [] }]]),
    dir: '/',
  }
}

interface Given {
  more?: Record<string, string>
  hosts?: Record<string, Vars>
  extraVars?: Vars
}

/** Errors as `code line words`, the words being those under the caret. */
function found(site: string, { more = {}, hosts = { web: { known: 1 } }, extraVars = {} }: Given = {}) {
  const contents: Record<string, string> = { 'playbooks/site.yaml': site, ...more }
  const folder = files(contents)
  const plays = loadPlaybooks([join(folder, 'playbooks/site.yaml')], { modules, extraVars })
  return errorsOf(() => preflight({ plays, inventory: inventory(hosts), modules, extraVars })).map(
    (error) => {
      const { file, line, col, length = 1 } = error.pos!
      const shown = contents[file.slice(folder.length + 1)]
        ?.split('\n')
        [line - 1]?.slice(col - 1, col - 1 + length)
      return { at: `${error.code} ${line} ${shown}`, hint: error.hint, message: error.message }
    },
  )
}
/** Line 1 is the first of the tasks. */
const task = (lines: string, given?: Given) =>
  found(`- hosts: web\n  tasks:\n${lines.replace(/^/gm, '    ')}`, given).map((error) => ({
    ...error,
    at: error.at.replace(/ (\d+) /, (_, line) => ` ${Number(line) - 2} `),
  }))
const marks = (lines: string, given?: Given) => task(lines, given).map(({ at }) => at)

describe('arguments', () => {
  it('that fit are fine', () => {
    expect(
      task(
        '- copy: { content: x, path: /a, backup: yes, rules: [{ type: host, port: 1 }] }\n- debug: hello\n- debug: { var: known }',
      ),
    ).toEqual([])
  })
  it.each([
    ['{ content: x, dest: /a, mod: x }', 'argument 1 mod', 'did you mean mode?'],
    [
      '{ content: x, dest: /a, when: x }',
      'argument 1 when',
      'when is a keyword of the task: indent it like copy',
    ],
    ['{ content: x, dest: /a, state: presnt }', 'argument 1 presnt', 'did you mean present?'],
    ['{ content: x, dest: /a, mode: 644 }', 'argument 1 644', 'quote it: "644"'],
    ['{ content: x, dest: /a, path: /b }', 'argument 1 path', 'remove one of them'],
    ['{ content: x }', 'argument 1 copy', 'add dest: Where (such as "/etc/motd")'],
    ['{ content: x, path: etc }', 'argument 1 etc', undefined],
    ['{ content: x, dest: /a, backup: maybe }', 'argument 1 maybe', undefined],
    ['{ content: x, dest: /a, backup: [] }', 'argument 1 []', undefined],
    ['{ content: x, dest: /a, rules: [{ type: a, prt: 1 }] }', 'argument 1 prt', 'remove it'],
    ['{ content: x, dest: /a, rules: [{ type: a, port: 0 }] }', 'argument 1 0', undefined],
    ['{ content: x, dest: /a, rules: [{ port: 1 }] }', 'argument 1 { port: 1 }', 'add rules.0.type:'],
    ['{ dest: /a }', 'argument 1 copy', undefined],
  ])('%s are told at the word', (args, at, hint) => {
    const errors = task(`- copy: ${args}`)
    expect(errors.map((error) => error.at)).toEqual([at])
    expect(errors[0]!.hint).toBe(hint)
  })
  it('are all told', () => {
    expect(marks('- copy: { content: 1, dest: x, stat: y }\n- command: {}')).toEqual([
      'argument 1 1',
      'argument 1 x',
      'argument 1 stat',
      'argument 2 command',
    ])
  })
  it('that hold a template are left to the run, misspelt ones excepted', () => {
    expect(
      marks(
        '- copy: { src: "{{ known }}", dest: "{{ known }}/x", state: "{{ known }}", rules: "{{ known }}" }',
      ),
    ).toEqual([])
    expect(marks('- copy: { content: x, dest: "{{ known }}", stat: "{{ known }}", backup: maybe }')).toEqual([
      'argument 1 stat',
      'argument 1 maybe',
    ])
  })
  it('that are secret are not repeated in the message', () => {
    for (const lines of ['- secretive: { password: hunter2 }', '- secretive: { password: 12345678 }']) {
      const [error] = task(lines)
      expect(error!.message + error!.hint).not.toMatch(/hunter2|12345678/)
    }
  })
})

describe('files', () => {
  const more = {
    'playbooks/files/motd': 'x',
    'templates/conf.hbs': '{{ known }}',
    'templates/bad.hbs': 'a\n{{#if known}}',
    'templates/lost.hbs': 'a\n  {{ knwon }}',
  }
  it('are looked up beside the playbook and beside its folder', () => {
    expect(
      task('- copy: { src: motd, dest: /a }\n- template: { src: conf.hbs, dest: /a }', { more }),
    ).toEqual([])
  })
  it('that are not there are told with the nearest one', () => {
    const [error] = task('- copy: { src: modt, dest: /a }', { more })
    expect(error).toMatchObject({ at: 'file 1 modt' })
    expect(error!.hint).toMatch(/^did you mean motd\?/)
    expect(marks('- copy: { src: "{{ known }}", dest: /a }', { more })).toEqual([])
  })
  it('that are templates are read, and told at their own lines', () => {
    expect(
      marks('- template: { src: bad.hbs, dest: /a }\n- template: { src: lost.hbs, dest: /a }', { more }),
    ).toEqual([expect.stringMatching(/^template 0 \{\{#if/), 'variable 0 knwon'])
  })
})

describe('handlers', () => {
  const handlers = '\n  handlers:\n    - name: restart\n      listen: conf changed\n      command: x'
  it('are found by name and by what they listen to', () => {
    expect(
      found(
        `- hosts: web\n  tasks:\n    - command: x\n      notify: [restart, conf changed, "{{ known }}"]${handlers}`,
      ),
    ).toEqual([])
  })
  it('that are not there are told', () => {
    expect(found(`- hosts: web\n  tasks:\n    - command: x\n      notify: restrat${handlers}`)).toMatchObject(
      [{ at: 'handler 4 restrat', hint: 'did you mean restart?' }],
    )
  })
})

describe('conditions and templates', () => {
  it('must parse', () => {
    expect(marks('- command: x\n  when: known >')[0]).toMatch(/^condition 2/)
    expect(marks('- command: "{{ known"')[0]).toMatch(/^template 1/)
    expect(marks('- assert: { that: ["known >"] }')[0]).toMatch(/^condition 1/)
    expect(marks('- command: x\n  changed_when: "known >"\n- command: x\n  until: "known >"')).toHaveLength(2)
  })
  it('in debug.var need not be true or false', () => {
    expect(marks('- debug: { var: "known + 1" }')).toEqual([])
  })
})

describe('variables', () => {
  it.each([
    ['- command: "{{ knwon }}"', 'variable 1 knwon'],
    ['- command: x\n  when: knwon == 1', 'variable 2 knwon'],
    ['- command: x\n  vars: { y: "{{ knwon }}" }', 'variable 2 knwon'],
    ['- command: x\n  environment: { A: "a {{ knwon }}" }', 'variable 2 knwon'],
    ['- block: [command: x]\n  when: knwon == 1', 'variable 2 knwon'],
    ['- command: x\n  loop: "{{ knwon }}"', 'variable 2 knwon'],
    ['- command: x\n  delegate_to: "{{ knwon }}"', 'variable 2 knwon'],
    ['- command: |\n    one\n    two {{ knwon }}', 'variable 3 knwon'],
    ['- assert: { that: [knwon == 1] }', 'variable 1 knwon'],
    ['- debug: { var: knwon }', 'variable 1 knwon'],
  ])('that nothing defines are told: %j', (lines, at) => {
    expect(task(lines)).toMatchObject([{ at, hint: 'did you mean known?' }])
  })
  it('come from inventory, play, files, tasks, blocks, loops, extra variables, register and set_fact', () => {
    const site = `
- hosts: web
  vars: { a: 1 }
  vars_files: [v.yaml]
  tasks:
    - command: "{{ a }} {{ b }} {{ known }} {{ e }} {{ later }} {{ fact }}"
    - command: x
      register: later
    - set_fact: { fact: 1 }
    - block:
        - command: "{{ inner }} {{ own }} {{ item }} {{ i }}"
          vars: { own: 1 }
          loop: [1]
          loop_control: { index_var: i }
      vars: { inner: 1 }
    - include_tasks: more.yaml
      loop: [1]
      loop_control: { loop_var: outer }
- hosts: web
  tasks:
    - command: "{{ later.rc }}"
`
    const more = { 'playbooks/v.yaml': 'b: 1', 'playbooks/more.yaml': '- command: "{{ outer }}"' }
    expect(found(site, { more, extraVars: { e: 1 } })).toEqual([])
  })
  it('of one task are not known to the next', () => {
    expect(marks('- command: "{{ own }}"\n  vars: { own: 1 }\n- command: "{{ own }}"')).toEqual([
      'variable 3 own',
    ])
    expect(task('- command: "{{ item }}"')).toMatchObject([{ hint: expect.stringContaining('no loop') }])
  })
  it('of hosts that the play does not target do not count', () => {
    const hosts = { web: {}, db: { only_db: 1 } }
    expect(marks('- command: "{{ only_db }}"', { hosts })).toEqual(['variable 1 only_db'])
  })
  it('that a template asks for may be missing', () => {
    expect(
      marks(
        `- command: "{{ default nothing 'x' }}"\n- command: x\n  when: has(vars.nothing) && nothing == 1`,
      ),
    ).toEqual([])
  })
  it('of Ansible are always there', () => {
    expect(
      marks(
        '- command: "{{ inventory_hostname }} {{ ansible_hostname }} {{ playbook_dir }}"\n  when: size(groups.all) > 0 && !ansible_check_mode',
      ),
    ).toEqual([])
  })
  it('of the inventory are followed once they are used', () => {
    const hosts = { web: { used: '{{ missing }}', idle: '{{ gone }}' } }
    expect(task('- command: "{{ used }}"', { hosts })).toMatchObject([
      { message: expect.stringContaining('missing') },
    ])
  })
  it('may come from a file that is only named at run time', () => {
    expect(marks('- include_tasks: "{{ known }}.yaml"\n- command: "{{ anything }}"')).toEqual([])
  })
  it('files that do not exist or do not parse are told once', () => {
    expect(found('- hosts: web\n  vars_files: [gone.yaml]\n  tasks: [command: "{{ x }}"]')).toMatchObject([
      { at: 'file 2 gone.yaml' },
    ])
  })
})

it('a play that reaches no host needs no variable: an inventory without standbys has none of theirs', () => {
  const site = (hosts: string) => `- hosts: ${hosts}\n  tasks:\n    - debug: { msg: "{{ standby_of }}" }`
  expect(found(site('all:!web'))).toEqual([])
  expect(found(site('web')).map(({ at }) => at)).toEqual(['variable 3 standby_of'])
})
