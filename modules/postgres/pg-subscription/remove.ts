import type { Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import { unsentReason } from '../../../postgres/slot/unsent.ts'
import { isReachable, type Publisher, type Unreachable } from '../../../postgres/subscription/publisher.ts'

/**
 * Drops the subscription without asking its publisher, which may be down: DROP SUBSCRIPTION would fail then. Its slots
 * there, and those of unfinished initial copies, are dropped before where the publisher answers: afterwards nobody would
 * know of them, where a run is cut short.
 */
export function removeSubscription(
  has: Subscription,
  name: string,
  publisher: Publisher | Unreachable | null,
  tools: { sql(text: string): Step; dropSlot(slot: string): Step },
): Omit<Plan, 'predicts'> {
  const alter = `ALTER SUBSCRIPTION ${quoteIdent(name)}`
  const slots: { name: string; reason?: string }[] = []
  const notes: string[] = []
  if (isReachable(publisher)) {
    if (publisher.slot && has.slot_name !== null)
      slots.push({ name: has.slot_name, reason: unsentReason(publisher.slot.unsent) })
    slots.push(...publisher.sync_slots.map((slot) => ({ name: slot })))
  } else if (has.slot_name !== null)
    notes.push(
      `slot ${has.slot_name} stays on the publisher and holds WAL back there (${publisher ? publisher.unreachable : 'its connection holds a password, so it is not asked from here'}): drop it there with pg_slot`,
    )
  const path = `subscription ${name}`
  const steps = [
    ...(has.enabled ? [tools.sql(`${alter} DISABLE`)] : []),
    ...slots.map(({ name: slot }) => tools.dropSlot(slot)),
    ...(has.slot_name !== null ? [tools.sql(`${alter} SET (slot_name = NONE)`)] : []),
    tools.sql(`DROP SUBSCRIPTION ${quoteIdent(name)}`),
  ]
  return {
    changes: [
      { path, before: 'present', after: null, destructive: true },
      ...slots.map(({ name: slot, reason }) => ({
        path: `${path} slot ${slot}`,
        before: 'on the publisher',
        after: null,
        destructive: true,
        ...(reason && { reason }),
      })),
    ],
    steps,
    notes,
  }
}
