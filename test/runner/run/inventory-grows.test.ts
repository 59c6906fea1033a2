import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (hosts: string, tasks: string) => `
- hosts: ${hosts}
  gather_facts: false
  tasks:
${tasks.trim().replace(/^ */gm, (blanks) => `    ${blanks}`)}
`

it('group_by makes groups of what hosts say, for the plays behind; group_vars of them count', async () => {
  const { lines, results, code } = await runLocally(
    `${play('all', `- group_by: { key: "on {{ side }}", parents: [sides] }`)}${play('on-left', '- debug: { msg: "{{ port }} {{ group_names }}" }')}${play('sides:!on-left', '- debug: { msg: "{{ join groups.sides "," }}" }')}`
      .replace('msg: "{{ port }} {{ group_names }}"', `msg: "{{ port }} {{ join group_names ',' }}"`)
      .replace('"{{ join groups.sides "," }}"', `"{{ join groups.sides ',' }}"`),
    {
      hosts: 'h1 h2 h3',
      files: {
        'host_vars/h1.yaml': 'side: left',
        'host_vars/h2.yaml': 'side: right',
        'host_vars/h3.yaml': 'side: left',
        'group_vars/on-left.yaml': 'port: 1',
        'group_vars/sides.yaml': 'port: 2',
      },
    },
  )
  expect([code, lines.slice(3)]).toEqual([0, ['h1 debug ok', 'h3 debug ok', 'h2 debug ok']])
  expect(results.slice(3).map(({ message }) => message)).toEqual([
    '1 sides,on-left',
    '1 sides,on-left',
    'h1,h3,h2',
  ])
  expect(results[0]!.result).toMatchObject({ add_group: 'on-left', parent_groups: ['sides'], changed: false })
})

it('add_host adds a host once for all, with groups and variables, in a check too', async () => {
  const text = `${play(
    'all',
    `- add_host:
    name: new:2222
    groups: fresh, others
    ansible_connection: local
    word: "{{ inventory_hostname }}"`,
  )}${play('fresh', `- debug: { msg: "{{ inventory_hostname }} {{ ansible_port }} {{ word }} {{ join groups.others ',' }}" }`)}`
  for (const args of [[], ['--check']]) {
    const { lines, results } = await runLocally(text, { hosts: 'h1 h2', args })
    expect(lines).toEqual(['h1 add_host ok', 'new debug ok'])
    expect(results[1]!.message).toBe('new 2222 h1 new')
    expect(results[0]!.result?.add_host).toEqual({
      host_name: 'new',
      groups: ['fresh', 'others'],
      host_vars: { ansible_port: 2222, ansible_connection: 'local', word: 'h1' },
    })
  }
})

it('what a host said is data, also as a variable of another host', async () => {
  const { results } = await runLocally(
    `${play(
      'h1',
      `- command: echo '{{"{{"}} 1 }}'
  register: said
- add_host: { name: h2, groups: [told], word: "{{ said.stdout }}" }`,
    )}${play('told', '- debug: { msg: "{{ word }}" }')}`,
    { hosts: 'h1 h2' },
  )
  expect(results.at(-1)!.message).toBe('{{ 1 }}')
})

it('a task that is skipped adds nothing, and a loop adds each of its items', async () => {
  const { lines, events } = await runLocally(
    `${play(
      'h1',
      `- add_host: { name: "{{ item }}", groups: [some] }
  loop: [h2, h3]
  when: item != "h3"
- group_by: { key: never }
  when: inventory_hostname == "h2"`,
    )}${play('some', '- ping: {}')}${play('never', '- ping: {}')}`,
    { hosts: 'h1 h2 h3' },
  )
  expect(lines).toEqual([
    'h1 add_host(h2) ok',
    'h1 add_host(h3) skipped',
    'h1 group_by skipped',
    'h2 ping ok',
  ])
  expect(events.filter(({ event }) => event === 'no_hosts')).toHaveLength(1)
})

it('a check forgets what it added: the run behind it begins with the inventory’s files', async () => {
  const { lines } = await runLocally(
    `${play('some', '- ping: {}')}${play('h1', '- add_host: { name: h2, groups: [some] }')}`,
    { hosts: 'h1 h2', args: ['--no-destructive'] },
  )
  expect(lines.filter((line) => line.includes('ping'))).toEqual([])
})

it('names that a pattern could not take are refused', async () => {
  const { events, code } = await runLocally(play('h1', '- group_by: { key: "a,{{ inventory_hostname }}" }'))
  expect(code).toBe(2)
  expect(JSON.stringify(events)).toContain('expected the name of a group')
})

it('names of groups with commas between may be templates with commas in them', async () => {
  const { results } = await runLocally(`# play: language=jinja
- hosts: all
  gather_facts: false
  vars: { a: x1, b: true }
  tasks:
    - add_host: { name: h2, groups: "one, {{ [a, 'y'] | join('_') }}, {{ z | default('p,q') }},{% if b %}c,d{% endif %}" }
    - add_host: { name: h3, groups: "{{ 'k,l' | replace(',', ',m') }}" }
    - debug: { msg: "{{ groups.keys() | sort }}" }
`)
  expect(results.at(-1)!.result!.msg).toEqual(
    expect.arrayContaining(['one', 'x1_y', 'p', 'q', 'c', 'd', 'k', 'ml']),
  )
})

it('of such names the one that is wrong is told', async () => {
  const run = runLocally(`- hosts: all
  gather_facts: false
  tasks:
    - add_host: { name: h2, groups: "one, , {{ three }}" }
`)
  await expect(run).rejects.toThrow(/^groups\.1 of add_host: expected the name of a group/)
})
