import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import type { Change } from '../../../contract/plan.ts'
import type { Subscription } from '../../../postgres/catalog/subscription.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import type { Conninfo } from '../../../postgres/conninfo.ts'
import { lsnBytes } from '../../../postgres/replication/upstream.ts'
import { readHistory } from '../../../postgres/rewind/history.ts'
import { isReachable, type Publisher, type Unreachable } from '../../../postgres/subscription/publisher.ts'

/** Where a subscription stands to a publisher that took over from the one it streams from. */
export interface Succession {
  /** Position up to which it has applied the old one's changes. */
  applied: string
  /** Where the new one left the timeline that both had. */
  fork: string
  /** Up to where the slot on the new one has confirmed; null: it has none. */
  confirmed: string | null
}

const APPLIED = `select remote_lsn::text as applied from pg_replication_origin_status where external_id = 'pg_' || $1::oid`

/** @returns null where the new place is the same server, or nothing was promoted, or nothing applied yet */
export async function readSuccession(
  host: HostReader,
  cluster: Cluster,
  db: string,
  has: Subscription,
  conninfo: Conninfo,
  publisher: Publisher | Unreachable | null,
  former: Publisher | Unreachable,
): Promise<Succession | null> {
  if (!isReachable(publisher) || (publisher.timeline ?? 1) === 1) return null
  // It writes to the same timeline: it is the same server.
  if (isReachable(former) && former.timeline === publisher.timeline) return null
  const [row] = await host.sql(targetOf(cluster, db), APPLIED, [has.oid])
  const history = await readHistory(host, cluster.version, conninfo)
  if (row?.applied == null || !('left' in history)) return null
  const fork = history.left[Math.max(...Object.keys(history.left).map(Number))]
  if (fork === undefined) return null
  const confirmed = publisher.slot?.confirmed ?? null
  // Nobody answers at the old place, and the new one has sent to this slot since it was promoted: it only moved.
  const isUsed = publisher.slot?.sent !== 0 && confirmed !== null && lsnBytes(confirmed) > lsnBytes(fork)
  if (!isReachable(former) && isUsed) return null
  return { applied: row.applied, fork, confirmed }
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
