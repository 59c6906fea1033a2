import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - name: entry
      pg_passfile:
        path: "{{ dir }}/pgpass"
        owner: root
        entries: [{ host: "{{ inventory_hostname }}", user: u, password: secret }]
      delegate_to: h0
    - name: count
      shell: "wc -l <{{ dir }}/pgpass"
      run_once: true
      changed_when: false
`
const hosts = Array.from({ length: 12 }, (_, index) => `h${index}`)

it.runIf(process.getuid?.() === 0)(
  'hosts that delegate to one host at the same time do not undo what the others did there (only as root)',
  async () => {
    const { results } = await runLocally(playbook, { hosts: hosts.join(',') })
    expect(results.filter(({ task, status }) => task === 'entry' && status === 'changed')).toHaveLength(12)
    expect(results.find(({ task }) => task === 'count')?.result).toMatchObject({ stdout: '12' })
  },
)

it('a check of it foretells what each of them adds', async () => {
  const { results } = await runLocally(playbook, {
    hosts: hosts.join(','),
    args: ['--check'],
  })
  const changes = results.filter(({ task }) => task === 'entry').map((result) => result.changes?.length)
  // The first one makes the file too.
  expect(changes.toSorted()).toEqual([...Array.from({ length: 11 }, () => 1), 2])
})
