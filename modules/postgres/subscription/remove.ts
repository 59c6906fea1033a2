import type { Plan, Step } from '../../contract.ts'
import { quoteIdent } from '../../quote.ts'
import type { Subscription } from '../catalog/subscription.ts'
import { isReachable, type Publisher, type Unreachable } from './publisher.ts'

/**
 * Drops the subscription without asking its publisher, which may be down: DROP SUBSCRIPTION would fail then. Its slots
 * there, and those of unfinished initial copies, are dropped afterwards where the publisher answers.
 */
export function removeSubscription(
  has: Subscription,
  name: string,
  publisher: Publisher | Unreachable | null,
  tools: { sql(text: string): Step; dropSlot(slot: string): Step },
): Omit<Plan, 'predicts'> {
  const alter = `ALTER SUBSCRIPTION ${quoteIdent(name)}`
  const steps: Step[] = []
  if (has.enabled) steps.push(tools.sql(`${alter} DISABLE`))
  if (has.slot_name !== null) steps.push(tools.sql(`${alter} SET (slot_name = NONE)`))
  steps.push(tools.sql(`DROP SUBSCRIPTION ${quoteIdent(name)}`))
  const slots: string[] = []
  const notes: string[] = []
  if (isReachable(publisher)) {
    if (publisher.slot && has.slot_name !== null) slots.push(has.slot_name)
    slots.push(...publisher.sync_slots)
  } else if (has.slot_name !== null)
    notes.push(
      `slot ${has.slot_name} stays on the publisher and holds WAL back there (${publisher ? publisher.unreachable : 'its connection holds a password, so it is not asked from here'}): drop it there with pg_slot`,
    )
  const path = `subscription ${name}`
  return {
    changes: [
      { path, before: 'present', after: null, destructive: true },
      ...slots.map((slot) => ({
        path: `${path} slot ${slot}`,
        before: 'on the publisher',
        after: null,
        destructive: true,
      })),
    ],
    steps: [...steps, ...slots.map((slot) => tools.dropSlot(slot))],
    notes,
  }
}
