import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const conf = (settings: string, file: string, more = '') =>
  `    - pg_conf: { version: 15, file: ${file}, settings: ${settings} }\n${more.replace(/^(?=.)/gm, '      ')}`
const play = (...tasks: string[]) => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('')}`
/** The errors before the first host is reached. */
const refused = (playbook: string) =>
  runLocally(playbook, { args: ['--list-tasks'] }).then(
    () => [],
    (error: { errors?: { message: string; pos?: { line: number } }[] }) => error.errors ?? [error],
  )

it('one setting in two files is an error with both places, and says which one wins', async () => {
  const said = await refused(play(conf('{ work_mem: 8MB }', 'a.conf'), conf('{ Work_Mem: 4MB }', 'z.conf')))
  expect(said).toMatchObject([
    {
      message: expect.stringMatching(
        /^work_mem is 4MB here in z\.conf, and 8MB in a\.conf \(.*site\.yaml:4:\d+\): z\.conf is read last, and wins$/,
      ),
      pos: { line: 5 },
    },
  ])
})

it.each([
  [
    'the same value, spelt differently',
    conf('{ work_mem: 8MB }', 'a.conf'),
    conf('{ work_mem: 8192kB }', 'b.conf'),
  ],
  ['true and on', conf('{ fsync: true }', 'a.conf'), conf('{ fsync: "on" }', 'b.conf')],
  ['another setting', conf('{ work_mem: 8MB }', 'a.conf'), conf('{ fsync: true }', 'b.conf')],
  ['one file', conf('{ work_mem: 8MB }', 'a.conf'), conf('{ work_mem: 4MB }', 'a.conf')],
  ['a condition', conf('{ work_mem: 8MB }', 'a.conf', 'when: false\n'), conf('{ work_mem: 4MB }', 'b.conf')],
  [
    'a template',
    conf('{ work_mem: "{{ inventory_hostname }}" }', 'a.conf'),
    conf('{ work_mem: 4MB }', 'b.conf'),
  ],
])('%s is none', async (_, one, other) => {
  expect(await refused(play(one, other))).toEqual([])
})
