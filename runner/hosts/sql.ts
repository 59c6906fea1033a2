import { SqlError, type SqlTarget } from '../../modules/contract.ts'
import type { Login } from './become.ts'
import { SqlSession } from './sql-session.ts'
import type { SqlResult } from './types.ts'

/** The SQL sessions of one host, kept for the run: one for each cluster, database, role, and reading or writing. */
export class SqlSessions {
  private readonly sessions = new Map<string, { cluster: string; session: SqlSession }>()

  constructor(private readonly login: Login) {}

  /** @throws {SqlError} the server's, or 08006 without connection; {PlayError} become, unreachable */
  async query(
    on: SqlTarget,
    text: string,
    values: readonly unknown[] | undefined,
    readOnly: boolean,
  ): Promise<SqlResult> {
    const { session, kept } = this.session(on, readOnly)
    try {
      return await session.query(text, values)
    } catch (error) {
      // The server was restarted since the last query. What only reads may be asked again.
      if (!kept || !readOnly || !(error instanceof SqlError && CONNECTION_GONE.test(error.code))) throw error
      session.finish()
      return this.session(on, readOnly).session.query(text, values)
    }
  }

  async close(version: string, cluster: string): Promise<void> {
    await this.closeWhere((name) => name === `${version}/${cluster}`)
  }

  async closeAll(): Promise<void> {
    await this.closeWhere(() => true)
  }

  private session(on: SqlTarget, readOnly: boolean): { session: SqlSession; kept: boolean } {
    const { version, cluster, port, socketDir, db = 'postgres', as } = on
    const key = JSON.stringify([version, cluster, port, socketDir, db, as, readOnly])
    const kept = this.sessions.get(key)
    if (kept && !kept.session.finished) return { session: kept.session, kept: true }
    const session = new SqlSession(this.login, on, readOnly)
    this.sessions.set(key, { cluster: `${version}/${cluster}`, session })
    return { session, kept: false }
  }

  private async closeWhere(matches: (cluster: string) => boolean): Promise<void> {
    const chosen = [...this.sessions].filter(([, { cluster }]) => matches(cluster))
    for (const [key] of chosen) this.sessions.delete(key)
    await Promise.all(chosen.map(([, { session }]) => session.close()))
  }
}

/** Class 08, connection exception; 57P01 to 57P03, the server stops or starts (PostgreSQL, appendix A). */
const CONNECTION_GONE = /^(08|57P0[123])/
