import { expect, it } from 'vitest'
import type { Present } from '../../../modules/postgres/pg-leftovers/inspect.ts'
import { leftovers } from '../../../modules/postgres/pg-leftovers/tell.ts'

const slot = (name: string, type = 'logical', active = false) => ({ name, type, active, retained: 2048 })
const INVENTORY = {
  host: 'vm1',
  hosts: ['vm1', 'vm2', 'db-4'],
  subscribes_to: ['vm2'],
  publication: 'test_pub',
  publishes: true,
}
const tell = (present: Partial<Present>, more = {}) =>
  leftovers(
    { slots: [], subscriptions: [], publications: ['test_pub', 'mine'], ...present },
    { ...INVENTORY, ...more },
  )
const REMOVE = (host: string) => `remove-host.yaml -i inventory -e host=${host} -e host_is_lost=true`

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
