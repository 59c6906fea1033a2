import { expect, test } from 'vitest'
import { jsonText } from '../../../contract/exact-json.ts'
import { runLocally } from '../../support/local-run.ts'

/** More than a JavaScript number holds: keys of tables and system identifiers of clusters are such. */
const BIG = '9007199254740993'
const role = `
- name: said
  debug: { msg: "{{ r_id }} {{ r_map.id }}" }
  changed_when: true
  notify: told
`

const playbook = (json: string) => `
- hosts: all
  gather_facts: false
  vars: { big: ${BIG}, map: { id: ${BIG}, list: [${BIG}] } }
  roles:
    - { role: r, r_id: ${BIG}, r_map: { id: ${BIG} } }
  tasks:
    - { name: copy, copy: { dest: "{{ dir }}/copy", content: { id: ${BIG} } } }
    - { name: read, command: "cat {{ dir }}/copy", register: copied, changed_when: false }
    - { name: copied, debug: { msg: "{{ copied.stdout }}" } }
    - name: spec
      validate_argument_spec:
        argument_spec: { a: { type: str }, b: { type: dict, choices: [{ id: ${BIG} }] } }
        provided_arguments: { a: { id: ${BIG} }, b: { id: ${BIG} } }
    - name: other
      validate_argument_spec:
        argument_spec: { b: { type: dict, choices: [{ id: 9007199254740992 }] } }
        provided_arguments: { b: { id: ${BIG} } }
      ignore_errors: true
    - { name: loop, debug: { msg: "{{ item.id }}" }, loop: [{ id: ${BIG} }, { id: 1 }] }
    - { name: include, include_tasks: inner.yaml, vars: { inner: { id: ${BIG} } } }
    - { name: include loop, include_tasks: inner.yaml, loop: [{ id: ${BIG} }], loop_control: { loop_var: inner } }
    - { name: fact, set_fact: { fact: { id: ${BIG} } } }
    - { name: var, debug: { var: fact } }
    - { name: json, debug: { msg: 'json ${json}' } }
  handlers:
    - { name: told, debug: { msg: "{{ h.id }}" }, vars: { h: { id: ${BIG} } } }
`

test.each([
  ['native', '{{json map}} {{json (unique map.list)}}'],
  ['jinja', '{{ map | to_json }} {{ map.list | unique | to_json }}'],
])('a whole number of any size is that number wherever it stands: %s', async (language, json) => {
  const files = {
    'roles/r/tasks/main.yaml': role,
    'inner.yaml': '- { name: inner, debug: { msg: "{{ inner.id }}" } }\n',
    'play.yaml': `language: ${language}\n`,
  }
  for (const args of [['--check'], ['--diff'], ['-vvv']]) {
    const { results, code } = await runLocally(playbook(json), { files, args })
    expect(code, jsonText(results, 2)).toBe(0)
    const msg = (name: string) =>
      results
        .filter((one) => one.task === name || one.task.endsWith(`: ${name}`))
        .map((one) => one.result?.msg)
    expect(msg('said')).toEqual([`${BIG} ${BIG}`])
    if (args[0] !== '--check') expect(msg('copied')).toEqual([`{\n  "id": ${BIG}\n}`])
    expect(results.find(({ task }) => task === 'other')!.status).toBe('failed')
    expect(msg('loop').map(String)).toEqual([BIG, '1'])
    expect(msg('inner').map(String)).toEqual([BIG, BIG])
    expect(msg('told').map(String)).toEqual([BIG])
    expect(jsonText(msg('var'))).toBe(`[{"id":${BIG}}]`)
    expect(String(msg('json')[0]).replaceAll(' ', '')).toBe(`json{"id":${BIG},"list":[${BIG}]}[${BIG}]`)
  }
})
