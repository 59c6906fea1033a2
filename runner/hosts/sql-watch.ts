import { SqlError } from '../../contract/errors.ts'
import { timerOf } from '../timers.ts'
import { LET_IN, ServerSilent } from './sql-silence.ts'
import type { SqlLimits } from './types.ts'

/**
 * Seconds that a commit waits for a synchronous standby, where the task says nothing: the first that waits in vain on a
 * cluster, and those after it, which would wait for the same.
 */
export const SYNC_WAIT = 60
export const SYNC_WAIT_AGAIN = 5

/**
 * Seconds that a statement waits for a lock on a table or another object, where the task has no timeout. Who comes after it
 * queues behind it: a change of a table that waits for an open transaction stops all who would only read.
 */
export const LOCK_WAIT = 15

/** ms until a statement is looked at, and between two looks: what is quick costs nothing. */
const FIRST_LOOK = 2000
const NEXT_LOOK = 500
/** Looks between two words about the same wait. */
const SAY_AGAIN = 20

export interface Watch extends SqlLimits {
  syncWait: number
  /** Seconds that the server has to let its session in, where that is less than the session gives it. */
  answersWithin?: number
  /** A query in a session of its own, as the cluster's owner. */
  ask(text: string, values: readonly unknown[]): Promise<Record<string, any>[]>
  /** A wait for a synchronous standby was ended. */
  onGiveUp(): void
}

/** The statement that is watched. */
interface Watched {
  /** Process of its session on the server. */
  pid: number
  /** Whether the session works on it, and not on one before it. */
  isRunning(): boolean
  /** Ends its session without the server's help. */
  drop(): void
  readOnly: boolean
  /** Why the server answers nobody. @param since as performance.now() told it */
  silence(since: number): Promise<SqlError>
}

interface Look {
  /** It is committed, and waits for a synchronous standby. */
  sync: boolean
  standbys: string
  waits: string | null
  /** It waits for a lock that others queue behind. */
  queued: boolean
  blockers: string | null
}

// The text of others' statements is left out: it may hold secrets.
const LOOK = `select coalesce(a.wait_event = 'SyncRep', false) as sync,
    current_setting('synchronous_standby_names') as standbys,
    a.wait_event_type || ': ' || a.wait_event as waits,
    coalesce(a.wait_event_type = 'Lock' and a.wait_event in ('relation', 'object', 'tuple'), false) as queued,
    (select string_agg(concat_ws(', ', 'process ' || b.pid, nullif(b.application_name, ''), b.usename, b.state,
        'transaction since ' || date_trunc('second', b.xact_start)), '; ')
      from pg_stat_activity b where b.pid = any (pg_blocking_pids(a.pid))) as blockers
  from pg_stat_activity a where a.pid = $1`

/** What became of a statement that was watched. */
export interface Verdict {
  /** The names in synchronous_standby_names that were waited for in vain, and how long, in seconds. */
  unconfirmed?: { standbys: string; seconds: number }
}

/**
 * Waits for a statement, and ends what takes too long from a second session: PostgreSQL's own timer is off while a
 * commit waits for a synchronous standby. That wait ends with success, for the change is committed; whatever else it
 * does is rolled back. @throws {SqlError} what it fails with, or 57014 at the deadline
 */
export async function watch<T>(
  statement: Promise<T>,
  watched: Watched,
  limits: Watch,
): Promise<T & { verdict: Verdict }> {
  const { deadline = Infinity, syncWait, onWait } = limits
  const lockWait = limits.lockWait ?? (limits.deadline === undefined ? LOCK_WAIT : Infinity)
  const began = performance.now()
  const verdict: Verdict = {}
  let done = false
  const ended = statement.then(
    () => {
      done = true
    },
    () => {
      done = true
    },
  )
  let free = began
  let late: Look | 'unseen' | undefined
  let unlocked = began
  let locked: Look | undefined
  const until = (look: number) => Math.min(look, Math.max(deadline, performance.now() + 50))
  await orEnded(ended, until(began + Math.min(FIRST_LOOK, syncWait * 1000, lockWait * 1000)))
  let silent: number | undefined
  for (let looks = 0; !done; looks += 1) {
    const asked = performance.now()
    const answer = await look(watched.pid, limits)
    const now = performance.now()
    if (done) break
    silent = answer === 'none' ? (silent ?? asked) : undefined
    const seen = answer === 'none' ? undefined : answer
    if (silent !== undefined && watched.isRunning()) {
      onWait?.(`its server has let no other session in for ${Math.round((now - silent) / 1000)} s`)
      // What writes goes on: whether it was done would not be known.
      if (watched.readOnly && now >= silent + LET_IN.first * 1000) {
        const why = await watched.silence(silent)
        watched.drop()
        throw why
      }
    }
    if (seen?.sync && watched.isRunning()) {
      if (looks % SAY_AGAIN === 0) onWait?.(waitLine(seen, watched.pid, syncWait))
      if (verdict.unconfirmed || now >= Math.min(deadline, free + syncWait * 1000)) {
        verdict.unconfirmed ??= { standbys: seen.standbys, seconds: (now - free) / 1000 }
        limits.onGiveUp()
        await cancel(watched, limits)
      }
    } else {
      free = now
      if (!seen?.queued) unlocked = now
      if (seen?.blockers && watched.isRunning()) {
        if (looks % SAY_AGAIN === 0) onWait?.(`waits for ${seen.blockers}`)
        if (now >= unlocked + lockWait * 1000) {
          locked ??= seen
          await cancel(watched, limits)
        }
      }
      if (now >= deadline) {
        late ??= seen ?? 'unseen'
        if (!watched.isRunning()) throw tooLate(began, late)
        await cancel(watched, limits)
        // A statement may take the cancellation for an error that it handles (43.6.8); the end of its session it cannot.
        if (now >= deadline + HEARS) await terminate(watched, limits)
      }
    }
    await orEnded(ended, until(performance.now() + NEXT_LOOK))
  }
  try {
    return { ...(await statement), verdict }
  } catch (error) {
    if (locked && error instanceof SqlError && /^(57014|08)/.test(error.code)) throw noLock(locked, lockWait)
    throw late && error instanceof SqlError && /^(57014|57P01|08)/.test(error.code)
      ? tooLate(began, late)
      : error
  }
}

async function look(pid: number, { ask }: Watch): Promise<Look | undefined | 'none'> {
  try {
    return (await inTime(ask(LOOK, [pid])))[0] as Look | undefined
  } catch (error) {
    // No room for a second session, or the server goes away: then the statement tells.
    return error instanceof NoAnswer || error instanceof ServerSilent ? 'none' : undefined
  }
}

async function cancel({ pid, drop }: Watched, { ask }: Watch): Promise<void> {
  await inTime(ask('select pg_cancel_backend($1)', [pid])).catch(drop)
}

/** ms in which a statement ends once it is cancelled, or its session does. */
const HEARS = 3000

async function terminate({ pid, drop }: Watched, { ask }: Watch): Promise<void> {
  await inTime(ask('select pg_terminate_backend($1)', [pid])).catch(drop)
}

/** ms for an answer of the second session. */
const ANSWER = 5000

class NoAnswer extends Error {}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer()), ANSWER)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** What comes before it, or an error at the deadline. @throws {SqlError} what `late` says */
export function beforeDeadline<T>(
  coming: Promise<T>,
  deadline = Infinity,
  late: () => SqlError | Promise<SqlError>,
): Promise<T> {
  if (deadline === Infinity) return coming
  return new Promise((resolve, reject) => {
    const end = () => void Promise.resolve(late()).then(reject, reject)
    const timer = setTimeout(end, timerOf(Math.max(0, deadline - performance.now()) / 1000))
    coming.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

const named = (standbys: string): string => `synchronous_standby_names = '${standbys}'`

const waitLine = ({ standbys }: Look, pid: number, seconds: number): string =>
  `committed, and waits for a synchronous standby (${named(standbys)}; process ${pid}), ${seconds} s at most`

export const unconfirmedNote = ({ unconfirmed }: Verdict): string =>
  `this is committed on the server, and not known to be on a standby: ${
    unconfirmed
      ? `none that counts (${named(unconfirmed.standbys)}) had confirmed it after ${Math.round(unconfirmed.seconds)} s`
      : 'somebody ended the wait for one'
  }`

const noLock = ({ blockers }: Look, seconds: number): SqlError =>
  new SqlError(
    `it waited ${seconds} s for a lock, and was ended because others queue behind it`,
    '55P03',
    `it waited for ${blockers}`,
    'end what holds the lock, or let the task wait longer: timeout: SECONDS',
  )

function tooLate(began: number, late: Look | 'unseen'): SqlError {
  const seconds = Math.floor((performance.now() - began) / 1000)
  const detail =
    late === 'unseen'
      ? undefined
      : late.blockers
        ? `it waited for ${late.blockers}`
        : late.waits
          ? `it waited (${late.waits})`
          : undefined
  return new SqlError(`it was ended at the task's timeout, after ${seconds} s`, '57014', detail)
}

/** ms of a timer at most; it is asked again. */
const LONGEST = 60_000

function orEnded(ended: Promise<void>, at: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(LONGEST, Math.max(0, at - performance.now())))
    void ended.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
