import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Change } from '../../../contract/plan.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import type { Conninfo } from '../../../postgres/conninfo.ts'
import { lsnBytes } from '../../../postgres/replication/upstream.ts'
import { readHistory } from '../../../postgres/rewind/history.ts'
import { readApplied } from '../../../postgres/subscription/applied.ts'
import { isReachable, type Publisher, type Unreachable } from '../../../postgres/subscription/publisher.ts'
import type { SubscriptionParams } from './params.ts'

/** Where a subscription stands to a publisher that took over from the one it streams from. */
export interface Succession {
  /** Position up to which it has applied the old one's changes. */
  applied: string
  /** Where the new one left the timeline of the old one. */
  fork: string
  /** Up to where the slot on the new one has confirmed; null: it has none. */
  confirmed: string | null
}

/** @returns null where the new place is the same server, or nothing was promoted, or nothing applied yet */
export async function readSuccession(
  host: HostReader,
  cluster: Cluster,
  { db, name }: Pick<SubscriptionParams, 'db' | 'name'>,
  conninfo: Conninfo,
  publisher: Publisher | Unreachable | null,
  former: Publisher | Unreachable,
): Promise<Succession | null> {
  if (!isReachable(publisher) || publisher.recovery || (publisher.timeline ?? 1) === 1) return null
  const before = isReachable(former) && !former.recovery ? former.timeline : undefined
  // It writes to the same timeline: it is the same server.
  if (before === publisher.timeline) return null
  const applied = await readApplied(host, targetOf(cluster, db), name)
  const history = await readHistory(host, cluster.version, conninfo)
  if (applied === null || !('left' in history)) return null
  // Where nobody says which timeline the old one was on, the last that was left.
  const last = Math.max(...Object.keys(history.left).map(Number))
  const fork = history.left[before ?? last] ?? history.left[last]
  if (fork === undefined) return null
  const confirmed = publisher.slot?.confirmed ?? null
  // Nobody answers at the old place, and the new one has sent to this slot since it was promoted: it only moved.
  const isUsed = publisher.slot?.sent !== 0 && confirmed !== null && lsnBytes(confirmed) > lsnBytes(fork)
  if (!isReachable(former) && isUsed) return null
  return { applied, fork, confirmed }
}

/**
 * A server that was promoted writes its own changes from the fork on. A subscriber that got more than that of the old one
 * never asks for them: it says how far it is, and gets what lies behind (55.4, START_REPLICATION).
 * @throws {Refusal} where changes would be left out
 */
export function judgeSuccession(
  { applied, fork, confirmed }: Succession,
  name: string,
  to: string,
): Pick<Change, 'destructive' | 'reason'> {
  if (lsnBytes(applied) > lsnBytes(fork))
    throw new Refusal(
      `subscription "${name}" has applied up to ${applied}, and the new publisher took over at ${fork}: what it writes up to ${applied} would be left out`,
      'This subscriber has more of the old publisher than the new one. Drop the subscription (`state: absent`) and make it anew; `filled_tables: replace` copies its tables, and keeps the rows that are here.',
      [`new publisher: ${to}`],
    )
  return confirmed !== null && lsnBytes(confirmed) > lsnBytes(applied)
    ? {
        destructive: true,
        reason: `its slot there begins at ${confirmed}, and ${applied} is applied here: what was written in between is left out`,
      }
    : {}
}
