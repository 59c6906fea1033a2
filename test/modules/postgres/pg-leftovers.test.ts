import { describe, expect, it } from 'vitest'
import type { Present } from '../../../modules/postgres/pg-leftovers/inspect.ts'
import { leftovers } from '../../../modules/postgres/pg-leftovers/tell.ts'

const slot = (name: string, type = 'logical', active = false) => ({ name, type, active, retained: 2048 })
const INVENTORY = {
  host: 'vm1',
  hosts: ['vm1', 'vm2', 'db-4'],
  subscribes_to: ['vm2'],
  subscription_names: 'from_HOST',
  subscriptions: [],
  slots: [],
  publication: 'test_pub',
  publishes: true,
}
const tell = (present: Partial<Present>, more = {}) =>
  leftovers(
    { slots: [], subscriptions: [], publications: ['test_pub', 'mine'], ...present },
    { ...INVENTORY, ...more },
  )
const REMOVE = (host: string) => `remove-host.yaml -i INVENTORY -e host=${host} -e host_is_lost=true`

it('says nothing where the inventory names all', () => {
  const slots = [slot('vm2_from_vm1'), slot('db_4_from_vm1'), slot('db_4', 'physical'), slot('play_upgrade')]
  expect(tell({ slots, subscriptions: [{ name: 'from_vm2', publisher: 'x' }] })).toEqual([])
})

it('names the slots of hosts that are gone, and what to type', () => {
  const [first, second] = tell({ slots: [slot('vm9_from_vm1'), slot('vm9', 'physical', true)] })
  expect(first).toMatch(/^slot vm9_from_vm1 belongs to no host.*holds 2 kB of WAL back/)
  expect(second).toMatch(/^slot vm9 .*somebody streams from it/)
  for (const said of [first, second]) expect(said).toContain(REMOVE('vm9'))
})

it('names a subscription to a publisher that is gone, or from which it shall receive nothing any more', () => {
  const subscription = { name: 'from_vm9', publisher: '10.0.0.9' }
  expect(tell({ subscriptions: [subscription] })[0]).toContain(REMOVE('vm9'))
  const [said] = tell({ subscriptions: [{ name: 'from_vm2', publisher: 'x' }] }, { subscribes_to: [] })
  expect(said).toContain('pg_subscription: { name: from_vm2, state: absent }')
})

it('names its own publication where the inventory says of none', () => {
  expect(tell({}, { publishes: false })).toEqual([expect.stringContaining('publication test_pub stays')])
  expect(tell({ publications: ['mine'] }, { publishes: false })).toEqual([])
})

describe('names that the playbook says', () => {
  it('may be by another rule', () => {
    const rule = { subscription_names: 'HOST_orders' }
    expect(tell({ subscriptions: [{ name: 'vm2_orders', publisher: 'x' }] }, rule)).toEqual([])
    expect(tell({ slots: [slot('db_4_vm1_orders')] }, rule)).toEqual([])
    expect(tell({ slots: [slot('vm9_vm1_orders')] }, rule)[0]).toContain(REMOVE('vm9'))
    expect(tell({ subscriptions: [{ name: 'vm9_orders', publisher: 'x' }] }, rule)[0]).toContain(
      REMOVE('vm9'),
    )
  })

  it('may be by no rule, and then say nothing of a host', () => {
    const names = { subscription_names: undefined, subscriptions: ['orders'], slots: ['reporting'] }
    const subscriptions = ['orders', 'from_vm9'].map((name) => ({ name, publisher: 'x' }))
    const said = tell({ slots: [slot('reporting')], subscriptions }, names)
    expect(tell({ slots: [slot('other')] }, names)[0]).toContain('pg_slot: { name: other, state: absent }')
    expect(said).toEqual([expect.stringContaining('pg_subscription: { name: from_vm9, state: absent }')])
  })

  it('are found in slots also of a host whose name slots cannot have', () => {
    expect(tell({ slots: [slot('vm9_from_db_4')] }, { host: 'db-4' })[0]).toContain(REMOVE('vm9'))
  })
})
