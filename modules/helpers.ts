import { slotNameFor } from '../postgres/subscription/slot-name.ts'

/** A helper of templates that the modules bring: texts in, text out. */
export interface TextHelper {
  /** As an example, for errors and docs/templates.md. */
  usage: string
  summary: string
  /** The least and most texts it takes. */
  args: readonly [least: number, most: number]
  run(...texts: string[]): string
}

/** What templates may call besides the helpers of the language itself (runner/load/helpers.ts). */
export const MODULE_HELPERS: Readonly<Record<string, TextHelper>> = {
  slot_name: {
    usage: 'slot_name host "subscription"',
    summary:
      "the name of a host's replication slot for a subscription of its own, or without one for itself as a standby",
    args: [1, 2],
    run: (host, subscription) => slotNameFor(host!, subscription),
  },
}
