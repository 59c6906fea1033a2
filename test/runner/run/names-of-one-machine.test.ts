import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const MERGES = `- hosts: all
  gather_facts: false
  tasks:
    - pg_passfile:
        path: "{{ dir }}/pass"
        owner: root
        entries: [{ host: "{{ inventory_hostname }}", user: u, password: secret }]
    - command: cut -d":" -f1 {{ dir }}/pass
`

it.runIf(process.getuid?.() === 0)(
  'several names of one machine take turns: each sees what the one before has made',
  async () => {
    const { results } = await runLocally(MERGES, { hosts: 'h1 h2 h3' })
    expect(results.slice(0, 3).map(({ status }) => status)).toEqual(['changed', 'changed', 'changed'])
    const said = (results.at(-1)!.result as { stdout: string }).stdout
    expect(said.split('\n').sort()).toEqual(['h1', 'h2', 'h3'])
  },
)
