import type { TextHelper } from '../contract/text-helper.ts'
import { slotNameFor } from '../postgres/subscription/slot-name.ts'

/** What templates may call besides the helpers of the language itself (runner/load/helpers.ts). */
export const MODULE_HELPERS: Readonly<Record<string, TextHelper>> = {
  slot_name: {
    usage: 'slot_name host "subscription"',
    summary:
      "the name of a host's replication slot for a subscription of its own, or without one for itself as a standby",
    args: [1, 2],
    namedAfterHost: { variable: 'pg_slot_host', what: 'replication slots' },
    run: (host, subscription) => slotNameFor(host, subscription),
  },
}
