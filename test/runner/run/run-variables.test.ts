import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const said = (run: { results: { host: string; result?: Record<string, unknown>; task: string }[] }) =>
  run.results
    .filter(({ task }) => task === 'say')
    .map(({ host, result }) => `${host}: ${result!.msg}`)
    .sort()

it('failed_hosts names who is out of the run, and ansible_play_hosts_all whom the play is for', async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - name: breaks
      fail: { msg: no }
      when: inventory_hostname in ["h1", "h2"]
      ignore_errors: inventory_hostname == "h2"
- hosts: all
  gather_facts: false
  tasks:
    - name: say
      debug: { msg: '{{ join failed_hosts " " }}, {{ join ansible_play_hosts " " }}, {{ join ansible_play_hosts_all " " }}' }
`
  const run = await runLocally(playbook, { hosts: 'h1 h2 h3' })
  expect(said(run)).toEqual(['h2: h1, h2 h3, h1 h2 h3', 'h3: h1, h2 h3, h1 h2 h3'])
})

it("inventory_vars holds what the inventory's files say, whatever -e and the play do", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  vars: { pg_cluster: of_play }
  tasks:
    - name: say
      debug: { msg: '{{ pg_cluster }}, {{ inventory_vars.pg_cluster }}, {{ inventory_vars.own }}' }
    - { name: absent, ping: , when: '!has(inventory_vars.only_given)' }
`
  const vars = 'pg_cluster: main\nown: "{{ only_given }}/{{ inventory_hostname }}"\n'
  const run = await runLocally(playbook, {
    files: { 'group_vars/all.yaml': vars },
    args: ['-e', 'pg_cluster=other', '-e', 'only_given=x'],
  })
  expect(said(run)).toEqual(['h1: other, main, x/h1'])
})

it('all variables of a host can be listed where no PostgreSQL is described', async () => {
  const playbook = `# play: language=jinja
- hosts: all
  gather_facts: false
  tasks:
    - name: say
      debug: { msg: "{{ hostvars[inventory_hostname] | list | length > 3 and (hostvars | to_json | length > 10) }}" }
`
  const run = await runLocally(playbook)
  expect(said(run)).toEqual(['h1: true'])
})
