import { isDeepStrictEqual } from 'node:util'
import { jsonText } from '../../contract/exact-json.ts'
import type { Play } from '../load/types.ts'
import { asWritten } from '../run/doing.ts'

/** How a play goes through its hosts, and when it gives up, by keyword and as it is written. */
type Way = Record<string, unknown>

export const waysOf = (plays: readonly Play[]): Way[] =>
  plays.map(({ name, strategy, order, serial, maxFailPercentage, forceHandlers, anyErrorsFatal }) => ({
    name,
    strategy,
    order,
    serial: serial.map((one) => (typeof one === 'object' ? asWritten(one) : one)),
    ...said({
      max_fail_percentage: asWritten(maxFailPercentage),
      force_handlers: asWritten(forceHandlers),
      any_errors_fatal: asWritten(anyErrorsFatal),
    }),
  }))

const said = (all: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))

/** @returns what differs, in words */
export function compareWays(planned: readonly Way[], now: readonly Way[]): string[] {
  if (planned.length !== now.length)
    return [`planned for ${planned.length} plays, and now there are ${now.length}`]
  return planned.flatMap((was, index) => {
    const is = now[index]!
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((keyword) =>
      isDeepStrictEqual(was[keyword], is[keyword])
        ? []
        : [`play ${was.name}: ${keyword}: planned ${shown(was[keyword])}, and now ${shown(is[keyword])}`],
    )
  })
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : jsonText(value))
