import { describe, expect, it } from 'vitest'
import { Masker } from '../../../runner/report/mask.ts'
import { Fleet, type FleetOptions } from '../../../runner/run/fleet.ts'
import { runLocally } from '../../support/local-run.ts'

const MERGES = `- hosts: all
  gather_facts: false
  tasks:
    - pg_passfile:
        path: "{{ playbook_dir }}/pass"
        owner: root
        entries: [{ host: "{{ inventory_hostname }}", user: u, password: secret }]
    - command: cut -d":" -f1 {{ playbook_dir }}/pass
`
const NAMES = 'h1\nh2\nh3\n'

describe.runIf(process.getuid?.() === 0)('several names of one machine take turns', () => {
  it.each([
    ['variables', { inventory: `${NAMES}[all:vars]\nansible_connection=local\n` }],
    ['options', { inventory: NAMES, args: ['-c', 'local'] }],
  ])('where %s say so: each sees what the one before has made (only as root)', async (_, options) => {
    const { results } = await runLocally(MERGES, options)
    expect(results.slice(0, 3).map(({ status }) => status)).toEqual(['changed', 'changed', 'changed'])
    const said = (results.at(-1)!.result as { stdout: string }).stdout
    expect(said.split('\n').sort()).toEqual(['h1', 'h2', 'h3'])
  })
})

it.each([
  [2222, true],
  [22, false],
])('the port that is configured counts for a name that says none: %s', (port, expected) => {
  const host = (name: string, vars: object) => ({ name, vars, groups: [], where: () => undefined })
  const hosts = new Map([
    ['a', host('a', { ansible_host: 'x', ansible_port: 2222 })],
    ['b', host('b', { ansible_host: 'x' })],
  ])
  const inventory = { hosts, groups: new Map() }
  const options = { inventory, extraVars: {}, masker: new Masker(), emit() {}, otherwise: { port } }
  const fleet = new Fleet(options as unknown as FleetOptions)
  expect(fleet.machines.hasOtherNames(fleet.host('b'))).toBe(expected)
})

describe('a check of several names of one machine', () => {
  const playbook = `- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "{{ dir }}/x", content: "a\\n" }
    - lineinfile: { path: "{{ dir }}/x", line: b }
    - file: { path: "{{ dir }}/x", state: absent }
      delegate_to: h1
`
  it.each(['h1', 'h1 h2 h3'])('says what the run says: %s', async (hosts) => {
    const check = await runLocally(playbook, { hosts, args: ['--check'] })
    const run = await runLocally(playbook, { hosts })
    expect(check.lines).toEqual(run.lines)
    expect(run.lines.filter((line) => line.endsWith('changed'))).toHaveLength(3)
  })
})
