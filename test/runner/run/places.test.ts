import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const PLAYBOOK = `- hosts: all
  gather_facts: false
  tasks:
    - name: refused by the module
      file: { path: /etc/hostname, state: directory }
      ignore_errors: true
    - name: failed on the host
      command: "false"
      ignore_errors: true
    - name: for one item
      command: test {{ item }} = a
      loop: [a, b]
      ignore_errors: true
    - include_tasks: more.yaml
`
const MORE = `- name: in another file
  fail: { msg: no }
`

test('whatever fails says where its task stands', async () => {
  const { events } = await runLocally(PLAYBOOK, { files: { 'more.yaml': MORE } })
  const places = events.flatMap((event) =>
    event.event === 'task_result' && event.status === 'failed' ? [event.error?.at?.split('/').at(-1)] : [],
  )
  expect(places).toEqual([
    expect.stringMatching(/^\w+\.yaml:4:\d+$/),
    expect.stringMatching(/^\w+\.yaml:7:\d+$/),
    expect.stringMatching(/^\w+\.yaml:10:\d+$/),
    expect.stringMatching(/^more\.yaml:1:\d+$/),
  ])
})
