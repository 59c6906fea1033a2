import { expect, it } from 'vitest'
import { Fleet, type FleetOptions } from '../../../runner/run/fleet.ts'

const SLOT = 'slot s of vm1:5432'

it('what one of a run has is refused to all others with whose it is, until that gives it back', () => {
  const inventory = { hosts: new Map(), groups: new Map() }
  const fleet = new Fleet({ inventory, emit() {} } as unknown as FleetOptions)
  const [vm2, vm3] = [fleet.host('vm2'), fleet.host('vm3')]
  fleet.claim(vm2, [{ what: SLOT, by: 'subscription a' }])
  fleet.claim(vm2, [{ what: SLOT, by: 'subscription a' }])
  expect(() => fleet.claim(vm3, [{ what: SLOT, by: 'subscription a' }])).toThrow(
    `${SLOT} is that of subscription a on vm2`,
  )
  expect(() => fleet.claim(vm2, [{ what: SLOT, by: 'subscription b' }])).toThrow(/subscription a on vm2/)
  fleet.claim(vm2, [{ what: null, by: 'subscription a' }])
  fleet.claim(vm3, [{ what: SLOT, by: 'subscription a' }])
})
