import { expect, it } from 'vitest'
import { publisherNamed, subscriberNamed, subscriptionNamed } from '../../../postgres/subscription/naming.ts'
import { slotNameFor } from '../../../postgres/subscription/slot-name.ts'

it('names a subscription after its publisher, and finds that in the name again', () => {
  for (const rule of ['from_HOST', 'HOST', 'app_HOST_sub'])
    for (const host of ['vm1', 'db-1.example', '$&'])
      expect(publisherNamed(rule, subscriptionNamed(rule, host))).toBe(host)
  for (const other of ['from_', 'vm1', 'to_vm1']) expect(publisherNamed('from_HOST', other)).toBeNull()
})

it('finds the subscriber in the name of a slot, as slots are written', () => {
  const slot = slotNameFor('VM-9', subscriptionNamed('from_HOST', 'db-1.example'))
  expect(subscriberNamed('from_HOST', slot, 'db-1.example')).toBe('vm_9')
  expect(subscriberNamed('from_HOST', slot, 'db-2.example')).toBeNull()
  expect(subscriberNamed('from_HOST', '_from_vm1', 'vm1')).toBeNull()
})
