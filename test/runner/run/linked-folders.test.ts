import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const TASKS: Record<string, string[]> = {
  'a file, by the name of its folder': [
    'copy: { dest: D/link/x, content: one }',
    'file: { path: D/real/x, mode: "0600" }',
    'lineinfile: { path: D/real/x, line: two }',
    'stat: { path: D/link/x }',
    'file: { path: D/real/x, state: absent }',
    'file: { path: D/link/x, state: absent }',
  ],
  'the same content by both': [
    'copy: { dest: D/real/x, content: one }',
    'copy: { dest: D/link/x, content: one }',
  ],
  'a link that a task makes': [
    'file: { path: D/made, src: real, state: link }',
    'copy: { dest: D/made/y, content: one }',
    'copy: { dest: D/real/y, content: one }',
    'file: { path: D/made/up, src: ../other, state: link, force: true }',
    'copy: { dest: D/other, content: two }',
    'lineinfile: { path: D/real/up, line: more }',
    'lineinfile: { path: D/other, line: more }',
  ],
  'a folder below': [
    'file: { path: D/link/a/b, state: directory, mode: "0700" }',
    'file: { path: D/real/a/b, state: directory, mode: "0700" }',
    'file: { path: D/real/a, state: absent }',
    'file: { path: D/link/a/b, state: absent }',
  ],
  'links across links': [
    'copy: { dest: D/far/z, content: one }',
    'stat: { path: D/real/z }',
    'copy: { dest: D/real/../real/z, content: one }',
  ],
}

test.each(Object.entries(TASKS))(
  'a check says of %s what the run does, whatever links lead there',
  async (_, tasks) => {
    const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - { name: make, shell: "mkdir real; ln -s real link; ln -s ../.. deep; mkdir in; ln -s ../link in/on; ln -s in/on far", args: { chdir: "{{ dir }}" }, check_mode: false }
${tasks
  .map(
    (task, index) =>
      `    - { name: "${index}", ${task
        .replaceAll('D/', '{{ dir }}/')
        .replace(/(path|dest): ([^,}]+(?:\}\}[^,}]*)?)/, '$1: "$2"')
        .replace(' }"', '" }')} }\n`,
  )
  .join('')}`
    const said = async (args: string[]) => {
      const { results } = await runLocally(playbook, { args })
      return results
        .filter(({ task }) => task !== 'make')
        .map(({ task, status, result, message }) => [
          task,
          status,
          (result?.stat as { exists: boolean })?.exists,
          message,
        ])
    }
    const run = await said([])
    expect(run.filter(([, status]) => status === 'failed')).toEqual([])
    expect(await said(['--check'])).toEqual(run)
  },
)

test('a file that a command will make is there in a check, and what it will hold is unknown', async () => {
  const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - { name: make, shell: { cmd: "echo hi > {{ dir }}/made", creates: "{{ dir }}/made" } }
    - { name: line, lineinfile: { path: "{{ dir }}/made", line: more } }
    - { name: block, blockinfile: { path: "{{ dir }}/made", block: more } }
    - { name: replace, replace: { path: "{{ dir }}/made", regexp: hi, replace: ho } }
    - { name: copy, copy: { dest: "{{ dir }}/made", content: all } }
    - { name: mode, file: { path: "{{ dir }}/made", mode: "0600" } }
`
  const { lines, code } = await runLocally(playbook, { args: ['--check'] })
  expect(code).toBe(0)
  expect(lines).toEqual([
    'h1 make changed',
    'h1 line unknown',
    'h1 block unknown',
    'h1 replace unknown',
    'h1 copy unknown',
    'h1 mode changed',
  ])
})
