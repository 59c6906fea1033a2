import { describe, expect, it } from 'vitest'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'
import { runLocally } from '../../support/local-run.ts'

const play = (template: string) => `
- hosts: all
  gather_facts: false
  tasks:
    - { name: slot, debug: { msg: "${template}" } }
`
const run = (hosts: string, template = '{{ slot_name inventory_hostname }}', files = {}) =>
  runLocally(play(template), { hosts, files }).catch((error: { errors?: Error[]; message: string }) =>
    [error.message, ...(error.errors ?? []).map(String)].join('\n'),
  )

describe('hosts whose slots would have one name', () => {
  it('are refused before a connection, with the variable that tells them apart', async () => {
    const said = await run('pg-node.example,pg_node-example,PG-node.Example')
    expect(said).toMatch(/pg-node\.example and pg_node-example and PG-node\.Example get one name/)
    expect(await run('a-1,b')).toMatchObject({ code: 0 })
  })

  it('are no matter where nothing is named after them', async () => {
    expect(await run('a-1,a_1', 'hello')).toMatchObject({ code: 0 })
  })

  it('have two where a variable says so', async () => {
    const done = await run('a-1,a_1', undefined, { 'host_vars/a_1.yaml': 'pg_slot_host: other\n' })
    expect(done).toMatchObject({ code: 0 })
    const said = (done as Awaited<ReturnType<typeof runLocally>>).results.map(({ result }) => result?.msg)
    expect(said.toSorted()).toEqual(['a_1', 'other'])
  })

  it.each([
    ['vm3', undefined, 'vm3'],
    ['vm3', 'from_vm1', 'vm3_from_vm1'],
    ['pg-node.example', undefined, 'pg_node_example'],
    ['DB-1', 'Orders', 'db_1_orders'],
  ])('what %s gets for %s stays %s, byte for byte', (host, subscription, name) => {
    expect(slotNameFor(host, subscription)).toBe(name)
  })
})
