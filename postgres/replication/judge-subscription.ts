import type { Problem } from './judge.ts'
import type { Look } from './look.ts'

/** Seconds. A worker that fails on a change does so at once, and is started anew some seconds later. */
const PROVEN_AGE = 1

/**
 * CREATE SUBSCRIPTION succeeding proves nothing. Ready is: enabled, tables and each in state r, a worker that runs. A
 * worker dies of each error that is counted, so one that has lived for a while means that the counts stand still.
 */
export function judgeSubscription(
  name: string,
  look: Pick<Look, 'subscriptions' | 'most_workers'>,
  log: string,
  /** Its publisher publishes nothing for now. */
  mayBeEmpty = false,
): Problem[] {
  const found = look.subscriptions[name]
  const what = `subscription ${name}`
  if (!found)
    return [
      {
        what: `${what} is not there`,
        hint: 'Run site.yaml, which makes it, or make it with pg_subscription.',
      },
    ]
  const errors = found.errors ? `, after ${found.errors} error(s)` : ''
  if (!found.enabled)
    return [
      {
        what: `${what} is disabled${errors}`,
        hint: errors
          ? `The log of the subscriber, ${log}, says what failed and at which LSN (ALTER SUBSCRIPTION … SKIP leaves that change out); then enable it.`
          : 'Enable it with pg_subscription.',
      },
    ]
  const problems: Problem[] = []
  const waiting = Object.entries(found.tables).filter(([, state]) => state !== 'r')
  if (waiting.length > 0)
    problems.push({
      what: `${what}: ${waiting.map(([table, state]) => `${table} is ${STATES[state] ?? state}`).join(', ')}${errors}`,
      hint: found.sync_errors
        ? `The initial copy fails: does the role of the connection have SELECT on the publisher's tables? See ${log}.`
        : undefined,
    })
  if (Object.keys(found.tables).length === 0 && !mayBeEmpty)
    problems.push({
      what: `${what} has no table, so that nothing will ever arrive`,
      hint: 'Is its publication there on the publisher, and does it hold a table? CREATE SUBSCRIPTION only warns of that. See pg_publication there, and `refresh: always` of pg_subscription here.',
    })
  if (found.pid === null && look.most_workers === 0)
    problems.push({
      what: `${what}: no worker may run, because max_logical_replication_workers is 0`,
      hint: 'That setting keeps a standby from taking the slots of its primary. If this is none, set it with pg_conf, and restart.',
    })
  else if (found.pid === null)
    problems.push({
      what: `${what}: no worker runs${errors}`,
      hint: `See ${log}: the publisher cannot be reached, a slot or publication is missing there, another subscriber uses the slot, no worker is left (max_logical_replication_workers is ${look.most_workers}), or a change cannot be applied.`,
    })
  else if (found.errors && (found.age ?? 0) < PROVEN_AGE)
    problems.push({ what: `${what}: its worker has just been started again${errors}`, hint: `See ${log}.` })
  return problems
}

/** pg_subscription_rel.srsubstate (Catalogs, 53.55). */
const STATES: Record<string, string> = {
  i: 'not begun (state i)',
  d: 'being copied (state d)',
  f: 'copied, catching up (state f)',
  s: 'in step, not handed over yet (state s)',
}
