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

it.runIf(process.getuid?.() === 0)(
  'whom to become is what the variables of the other host say, and those of the task (only as root)',
  async () => {
    const who = (keywords: string) => `    - { command: id -un, changed_when: false, ${keywords} }\n`
    const { results } = await runLocally(
      `- hosts: h1\n  gather_facts: false\n  tasks:\n${who('tags: t')}${who('delegate_to: h2')}${who('delegate_to: h2, become: true, become_user: daemon')}${who('delegate_to: h2, vars: { ansible_become: true, ansible_become_user: daemon }')}
- hosts: h2\n  gather_facts: false\n  tasks:\n${who('tags: t')}${who('delegate_to: h1')}${who('delegate_to: h1, vars: { ansible_become: false }')}`,
      {
        hosts: 'h1 h2',
        files: { 'host_vars/h1.yaml': 'ansible_become: true\nansible_become_user: nobody\n' },
      },
    )
    const said = results.map(({ result }) => (result as { stdout: string }).stdout)
    expect(said).toEqual(['nobody', 'root', 'daemon', 'daemon', 'root', 'nobody', 'root'])
  },
)
