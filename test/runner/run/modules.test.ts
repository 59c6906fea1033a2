import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalRun, runLocally } from '../../support/local-run.ts'

/**
 * The general modules on this machine, in a scratch folder. Each task stands twice: in a check the second finds what the
 * first predicts, in the run what it did. And the run does what the check said. The modules of packages, services and
 * PostgreSQL have the same in the lab: test/e2e/30-modules.test.ts.
 */
const START =
  'set -e; cd {{ dir }}; mkdir -p there/below gone full; echo old > text; chmod 0600 text; ln -s nowhere link; touch gone/x full/x'
const CASES: [name: string, task: string][] = [
  ['file directory', "file: { path: '{{ dir }}/new/a/b', state: directory, mode: '0750' }"],
  ['file directory mode', "file: { path: '{{ dir }}/there', state: directory, mode: '0700' }"],
  ['file recurse', "file: { path: '{{ dir }}/full', state: directory, recurse: true, mode: 'u=rwX,go=' }"],
  ['file attributes', "file: { path: '{{ dir }}/text', mode: '0640' }"],
  ['file link', "file: { path: '{{ dir }}/link', src: '{{ dir }}/text', state: link, force: true }"],
  ['file absent', "file: { path: '{{ dir }}/gone', state: absent }"],
  ['copy text', "copy: { dest: '{{ dir }}/copied', content: \"one\\ntwo\\n\", mode: '0640' }"],
  ['copy over', "copy: { dest: '{{ dir }}/text', content: new, mode: '0604' }"],
  ['copy file', "copy: { src: one.txt, dest: '{{ dir }}/new/' }"],
  ['copy folder', "copy: { src: tree/, dest: '{{ dir }}/tree', mode: '0600', directory_mode: '0711' }"],
  ['copy into what is planned', "copy: { src: one.txt, dest: '{{ dir }}/new/a/b/one.txt' }"],
  ['template', "template: { src: page.hbs, dest: '{{ dir }}/page', mode: '0644' }"],
  ['command creates', "command: { argv: [touch, '{{ dir }}/made'], creates: '{{ dir }}/made' }"],
  ['command removes', "command: { argv: [rm, '{{ dir }}/there/file'], removes: '{{ dir }}/there/file' }"],
  ['shell creates', "shell: { cmd: 'echo x > \"{{ dir }}/shelled\"', creates: '{{ dir }}/shelled' }"],
  [
    'sysctl',
    "ansible.posix.sysctl: { name: vm.swappiness, value: 10, sysctl_file: '{{ dir }}/sysctl.conf', reload: false }",
  ],
  [
    'shell of a name',
    "shell: { cmd: 'test $BASH_VERSION && touch \"{{ dir }}/bash\"', executable: bash, creates: '{{ dir }}/bash' }",
  ],
]
const QUIET: [name: string, task: string][] = [
  ['stat', "stat: '{{ dir }}/text'"],
  ['ping', 'ping:'],
  ['set_fact', 'set_fact: { some: thing }'],
  ['debug', "debug: { msg: 'in {{ dir }}' }"],
  ['assert', 'assert: { that: inventory_hostname == "h1" }'],
  ['wait_for', "wait_for: { path: '{{ dir }}/text' }"],
]

const tasks = [...CASES, ...QUIET]
  .map(([name, task]) => `    - { name: ${JSON.stringify(name)}, ${task} }\n`.repeat(2))
  .join('')
const head = '- hosts: all\n  gather_facts: false\n  tasks:\n'
// In a check this is really done: it brings the folder to where the check begins.
const start = `    - { name: start, shell: ${JSON.stringify(START)}, check_mode: false }\n    - { name: file, copy: { dest: '{{ dir }}/there/file', content: x }, check_mode: false }\n`
const files = {
  'one.txt': 'one\n',
  'tree/a': 'a',
  'tree/deep/er/b': 'b',
  'templates/page.hbs': 'of {{ inventory_hostname }}\n',
}
const statuses = ({ results }: LocalRun): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const { task, status } of results) found[task] = [...(found[task] ?? []), status]
  return found
}

describe('every general module', () => {
  let check: LocalRun
  let run: LocalRun
  let both: LocalRun
  beforeAll(async () => {
    const playbook = `${head}${start}${tasks}`
    check = await runLocally(playbook, { args: ['--check'], files })
    run = await runLocally(playbook, { files })
    both = await runLocally(`${playbook}${head}${tasks}`, { files })
  }, 60_000)

  it.each(CASES.map(([name]) => name))('%s: predicts what it does, and does it once', (name) => {
    expect(statuses(check)[name]).toEqual(['changed', 'ok'])
    expect(statuses(run)[name]).toEqual(['changed', 'ok'])
  })
  it.each(QUIET.map(([name]) => name))('%s: changes nothing, in a check as in a run', (name) => {
    expect(statuses(check)[name]).toEqual(['ok', 'ok'])
    expect(statuses(run)[name]).toEqual(['ok', 'ok'])
  })
  it('all of them predict the changes that the run makes', () => {
    const changes = ({ results }: LocalRun, ofRun: LocalRun) =>
      results
        .filter(({ task }) => CASES.some(([name]) => name === task))
        .map(({ task, changes: made }) => [task, JSON.stringify(made).replaceAll(dirOf(ofRun), '')])
    expect(changes(check, check)).toEqual(changes(run, run))
  })
  it('all of them find nothing to change afterwards, where no later task undid it', () => {
    const again = Object.entries(statuses(both)).filter(([, all]) => all.slice(2).some((one) => one !== 'ok'))
    expect(again.map(([name]) => name)).toEqual(['file attributes', 'copy over'])
  })
})

/** The scratch folder of one run. */
const dirOf = ({ results }: LocalRun): string =>
  results.find(({ task }) => task === 'debug')!.message!.slice('in '.length)
