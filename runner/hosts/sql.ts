import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import type { Reach } from './sql-bridge.ts'
import { SqlSession } from './sql-session.ts'
import { LET_IN } from './sql-silence.ts'
import { SYNC_WAIT, SYNC_WAIT_AGAIN, type Watch } from './sql-watch.ts'
import type { SqlLimits, SqlOptions, SqlResult } from './types.ts'

/** Sessions that watch are apart: those that read may wait themselves. */
type Use = 'reads' | 'writes' | 'watches'

/** The SQL sessions of one host, kept for the run: one for each cluster, database, role, and reading or writing. */
export class SqlSessions {
  private readonly sessions = new Map<string, { cluster: string; db: string; session: SqlSession }>()
  /** Clusters in which a wait for a synchronous standby was ended. */
  private readonly gaveUp = new Set<string>()
  /** Clusters that did not let a session in, and have let none in since. */
  private readonly silent = new Set<string>()
  private closing = false

  constructor(private readonly reach: Reach) {}

  /** @throws {SqlError} the server's, or 08006 without connection; {PlayError} become, unreachable */
  async query(
    on: SqlTarget,
    text: string,
    values: readonly unknown[] | undefined,
    { readOnly = false, how, alone, limits = {} }: SqlOptions = {},
  ): Promise<SqlResult> {
    if (alone !== undefined)
      await this.closeWhere(({ cluster, db }) => cluster === nameOf(on) && db === alone)
    const { session, kept } = this.session(on, readOnly ? 'reads' : 'writes')
    try {
      const result = await session.query(text, values, this.watched(on, limits), how)
      if (!readOnly && SETS_DEFAULTS.test(text)) this.renew(on)
      return result
    } catch (error) {
      // The server was restarted since the last query. What only reads may be asked again.
      if (!kept || !readOnly || !(error instanceof SqlError && CONNECTION_GONE.test(error.code))) throw error
      session.finish()
      return this.session(on, 'reads').session.query(text, values, this.watched(on, limits), how)
    }
  }

  /** Sessions begin with what is set for their database and role: those from before do not know it. */
  private renew(on: SqlTarget): void {
    for (const one of this.sessions.values()) if (one.cluster === nameOf(on)) one.session.finish()
  }

  /** What whoever has asked there waits for, in words. */
  waitsFor({ version, cluster }: SqlTarget): string {
    const name = nameOf({ version, cluster })
    const all = [...this.sessions.values()].filter((one) => one.cluster === name)
    return all.every(({ session }) => session.isIn)
      ? `an answer of cluster ${name}`
      : `cluster ${name} to let a session in`
  }

  async close(version: string, cluster: string): Promise<void> {
    const name = nameOf({ version, cluster })
    await this.closeWhere((one) => one.cluster === name)
  }

  /**
   * The run is over: what still works for it is cut off, and the host's end of it has the server end that. What writes has a
   * moment to come to its end.
   * @returns whether something was cut off
   */
  async closeAll(): Promise<boolean> {
    this.closing = true
    const all = [...this.sessions.values()].map(({ session }) => session)
    this.sessions.clear()
    let isCut = false
    const cut = (session: SqlSession) => {
      if (session.drop()) isCut = true
    }
    const writing = all.filter((session) => session.isWriting)
    for (const session of all) if (!session.isWriting) cut(session)
    const timer = setTimeout(() => writing.forEach(cut), LAST_STATEMENT)
    await Promise.all(writing.map((session) => session.close()))
    clearTimeout(timer)
    return isCut
  }

  /** The limits of a statement, and the second session in which it is looked at. */
  private watched(on: SqlTarget, limits: SqlLimits): Watch {
    const cluster = nameOf(on)
    return {
      ...limits,
      answersWithin: on.answersWithin,
      syncWait: limits.syncWait ?? (this.gaveUp.has(cluster) ? SYNC_WAIT_AGAIN : SYNC_WAIT),
      ask: async (text, values) => {
        if (this.closing) throw new Error('the run is over')
        const { session } = this.session(
          { ...on, db: 'postgres', as: undefined, words: undefined },
          'watches',
        )
        return (await session.query(text, values)).rows
      },
      onGiveUp: () => this.gaveUp.add(cluster),
    }
  }

  private session(on: SqlTarget, use: Use): { session: SqlSession; kept: boolean } {
    const { version, cluster, port, socketDir, db = 'postgres', as, words } = on
    const key = JSON.stringify([version, cluster, port, socketDir, db, as, words, use])
    const kept = this.sessions.get(key)
    if (kept && !kept.session.finished) return { session: kept.session, kept: true }
    const name = nameOf(on)
    const session = new SqlSession(this.reach, on, use !== 'writes', {
      seconds: this.silent.has(name) ? LET_IN.again : LET_IN.first,
      onEnd: (hasLetIn) => void (hasLetIn ? this.silent.delete(name) : this.silent.add(name)),
    })
    this.sessions.set(key, { cluster: name, db, session })
    return { session, kept: false }
  }

  private async closeWhere(matches: (kept: { cluster: string; db: string }) => boolean): Promise<void> {
    const chosen = [...this.sessions].filter(([, kept]) => matches(kept))
    for (const [key] of chosen) this.sessions.delete(key)
    await Promise.all(chosen.map(([, { session }]) => session.close()))
  }
}

const nameOf = ({ version, cluster }: Pick<SqlTarget, 'version' | 'cluster'>): string =>
  `${version}/${cluster}`

/** ms that a statement has to come to its end when the run is over. */
const LAST_STATEMENT = 3000

const SETS_DEFAULTS = /\balter\s+(database|role|user|group)\b[^;]*\b(set|reset)\b/i

/** Class 08, connection exception; 57P01 to 57P03, the server stops or starts (PostgreSQL, appendix A). */
const CONNECTION_GONE = /^(08|57P0[123])/
