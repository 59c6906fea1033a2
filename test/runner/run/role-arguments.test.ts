import { describe, expect, it } from 'vitest'
import type { PlayErrors } from '../../../runner/errors.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (body: string): string =>
  `- hosts: all\n  gather_facts: false\n${body.trim().replace(/^/gm, '  ')}\n`

const SPEC = `argument_specs:
  main:
    short_description: A server
    options:
      pg_port: { type: int, required: true, description: Where it listens }
      mode: { choices: [small, large] }
  other: { options: { word: { required: true } } }
`
const files = {
  'roles/a/meta/argument_specs.yml': SPEC,
  'roles/a/tasks/main.yml': '- debug: { msg: main }\n',
  'roles/a/tasks/other.yml': '- debug: { msg: other }\n',
}

type Options = Parameters<typeof runLocally>[1]

const refused = (body: string, options: Options = {}) =>
  runLocally(play(body), { ...options, files: { ...files, ...options.files } }).then(
    () => expect.unreachable(),
    (error: PlayErrors) => error.errors.map(({ message, pos }) => `${pos?.line}:${pos?.col} ${message}`),
  )
const lines = async (body: string, options: Options = {}) =>
  (await runLocally(play(body), { ...options, files: { ...files, ...options.files } })).lines

describe('before the first connection', () => {
  it('all that is wrong is told at once, where it is written', async () => {
    expect(await refused('roles:\n  - a\n  - { role: a, pg_port: x, mode: huge, extra: 1 }')).toEqual([
      '4:7 the role a: pg_port is needed',
      '5:27 the role a: pg_port wants a value of type int, but found "x"',
      '5:36 the role a: mode wants one of small, large, but found "huge"',
      '5:49 the role a: extra is not known: there are pg_port, mode',
    ])
  })

  it('a variable that is wrong on some hosts is told with their names', async () => {
    const inventory = { 'host_vars/h2.yml': 'pg_port: y\n' }
    expect(
      await refused('vars: {}\nroles: [a]', { hosts: 'h1 h2 h3', args: ['-e', 'x=1'], files: inventory }),
    ).toEqual([
      '4:11 the role a: pg_port is needed (h1, h3)',
      '1:10 the role a: pg_port wants a value of type int, but found "y" (h2)',
    ])
  })

  it('hosts outside --limit are not asked', async () => {
    const options = { hosts: 'h1 h2', args: ['--limit', 'h1'], files: { 'host_vars/h1.yml': 'pg_port: 1\n' } }
    expect(await lines('roles: [a]', options)).toHaveLength(2)
  })

  it('the specification itself is checked, in meta/main.yml too', async () => {
    const meta = 'argument_specs: { main: { options: { pg_port: { type: integer } } } }\n'
    const errors = await refused('roles: [b]', {
      files: { 'roles/b/meta/main.yml': meta, 'roles/b/tasks/main.yml': '[]\n' },
    })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/^1:55 argument_spec.pg_port.type of validate_argument_spec: expected str, int/)
  })
})

describe('when it is reached', () => {
  const CHECK = "a : Validating arguments against arg spec 'main' - A server"
  it('the check is a task before those of the role, and always runs', async () => {
    expect(await lines('vars: { pg_port: 1 }\nroles: [a]', { args: ['--tags', 'none'] })).toEqual([
      `h1 ${CHECK} ok`,
    ])
  })

  it.each([
    ['a template', 'vars: { pg_port: "{{ dir }}" }\nroles: [a]'],
    ['what a task sets', 'pre_tasks:\n  - set_fact: { pg_port: x }\nroles: [a]'],
    ['an include', 'tasks:\n  - include_role: { name: a }'],
  ])('%s is checked', async (_, body) => {
    expect((await lines(body)).at(-1)).toBe(`h1 ${CHECK} failed`)
  })

  it('under a condition that is false it is skipped', async () => {
    expect(await lines('roles: [{ role: a, when: false }]')).toEqual([
      `h1 ${CHECK} skipped`,
      'h1 a : debug skipped',
    ])
  })

  it('another file of tasks has its own, and rolespec_validate: false has none', async () => {
    const other = 'tasks:\n  - include_role: { name: a, tasks_from: other }\n    vars: { word: x }'
    expect(await lines(other)).toEqual([
      'h1 include_role : a ok',
      "h1 a : Validating arguments against arg spec 'other' ok",
      'h1 a : debug ok',
    ])
    expect(await lines('tasks:\n  - import_role: { name: a, rolespec_validate: false }')).toEqual([
      'h1 a : debug ok',
    ])
  })

  it('all that is wrong is in one failure, with its place in the specification', async () => {
    const { results } = await runLocally(
      play('tasks:\n  - include_role: { name: a }\n    vars: { mode: m }'),
      { files },
    )
    expect(results.at(-1)!.error).toMatchObject({
      message: 'arguments are not as their specification says: pg_port is needed',
      details: ['mode wants one of small, large, but found "m"'],
      at: expect.stringMatching(/argument_specs.yml:3:5$/),
    })
  })
})
