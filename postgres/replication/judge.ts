import type { Cluster } from '../cluster/cluster.ts'
import { judgeStandby } from './judge-standby.ts'
import { judgeSubscription } from './judge-subscription.ts'
import type { Look } from './look.ts'
import type { Sentinel, VerificationParams } from './params.ts'
import type { Identity } from './upstream.ts'

export interface Problem {
  what: string
  /** What to look at. */
  hint?: string
}

/** Everything that is not as it should be; empty when all is well. */
export function judge(
  params: VerificationParams,
  cluster: Cluster,
  look: Look,
  upstream: Identity | { unreachable: string } | null,
): Problem[] {
  const log = `/var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log`
  return [
    ...params.subscriptions.flatMap((name) => judgeSubscription(name, look, log)),
    ...params.publications
      .filter((name) => !look.publications.includes(name))
      .map((name) => ({
        what: `publication ${name} is not in database ${params.db}`,
        hint: 'Create it with pg_publication.',
      })),
    ...params.slots.flatMap((name) => judgeSlot(name, look.slots[name])),
    ...(params.standby ? judgeStandby(params.standby, look, upstream, log) : []),
    ...params.rows.flatMap((sentinel, index) => judgeRows(sentinel, look.rows[index]!)),
  ]
}

function judgeSlot(name: string, slot: Look['slots'][string] | undefined): Problem[] {
  if (!slot) return [{ what: `slot ${name} is not there`, hint: 'Create it with pg_slot.' }]
  if (slot.wal_status === 'lost')
    return [
      { what: `slot ${name} is lost: WAL that it needed was removed`, hint: 'See pg_slot about lost slots.' },
    ]
  if (!slot.active)
    return [
      {
        what: `nothing streams from slot ${name}`,
        hint: 'Look at the server that should: its log says why.',
      },
    ]
  return []
}

function judgeRows(sentinel: Sentinel, rows: Look['rows'][number]): Problem[] {
  const name = sentinel.name ?? sentinel.query
  if ('error' in rows) return [{ what: `${name}: ${rows.error}` }]
  const { expect } = sentinel
  if (Array.isArray(expect)) {
    const found = rows.map(canonical).sort()
    const wanted = expect.map(canonical).sort()
    if (found.join('\n') === wanted.join('\n')) return []
    return [{ what: `${name}: found ${list(found)}, expected ${list(wanted)}` }]
  }
  const values = rows.map((row) => text(Object.values(row)[0]))
  if (values.length === 1 && values[0] === text(expect)) return []
  const found = values.length === 0 ? 'no row' : values.slice(0, 3).join(', ')
  return [{ what: `${name}: found ${found}, expected ${text(expect)}` }]
}

const list = (rows: string[]): string => {
  const shown = rows.slice(0, 3).join(' ')
  return rows.length === 0 ? 'no row' : rows.length > 3 ? `${shown} and ${rows.length - 3} more` : shown
}

/** Values compare by what they show: numbers as JSON writes them, so that 1 and '1' are the same. */
const text = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)

const canonical = (row: Record<string, unknown>): string =>
  `{${Object.keys(row)
    .sort()
    .map((key) => `${key}: ${text(row[key])}`)
    .join(', ')}}`
