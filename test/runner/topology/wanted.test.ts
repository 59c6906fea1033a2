import { expect, it } from 'vitest'
import { wantedTopology } from '../../../runner/topology/wanted.ts'
import { INVENTORY } from '../status/looks.ts'

const wanted = (host: string, inventory = INVENTORY) =>
  wantedTopology(inventory).find((cluster) => cluster.host === host)!

it('derives publications, subscriptions and slots from what each host publishes and subscribes to', () => {
  expect(wanted('vm1')).toMatchObject({
    role: 'primary',
    publications: [{ name: 'test_pub', tables: ['public.test'] }],
    subscriptions: [{ name: 'from_vm2', publisher: 'vm2', slot: 'vm1_from_vm2', tables: ['public.test2'] }],
    slots: [
      { name: 'vm2_from_vm1', type: 'logical', used_by: 'vm2' },
      { name: 'vm3_from_vm1', type: 'logical', used_by: 'vm3' },
    ],
  })
})

it('wants of a standby its upstream and its slot alone, also where it follows another standby', () => {
  const chain = new Map(INVENTORY).set('VM-5.example', {
    ...INVENTORY.get('vm4')!,
    standby_of: 'vm4',
    publishes: ['x'],
  })
  expect(wanted('VM-5.example', chain)).toMatchObject({
    role: 'standby',
    upstream: 'vm4',
    slot: 'vm_5_example',
    publications: [],
  })
  expect(wanted('vm4', chain).slots).toEqual([
    { name: 'vm_5_example', type: 'physical', used_by: 'VM-5.example' },
  ])
})
