import pg, { type QueryArrayResult, type QueryResult } from 'pg'
import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { quoteIdent } from '../../contract/quote.ts'
import { OWN_NAMES, READ_ONLY, STEADY_SETTINGS } from '../../contract/sql-settings.ts'
import { PlayError } from '../errors.ts'
import { noConnection, OWNER, type Reach, SqlBridge } from './sql-bridge.ts'
import { asParameters, parsed } from './sql-parameters.ts'
import { silence } from './sql-silence.ts'
import { types } from './sql-types.ts'
import { beforeDeadline, unconfirmedNote, type Watch, watch } from './sql-watch.ts'
import type { Reading, SqlResult } from './types.ts'

interface InFlight {
  notices: string[]
  /** The server says that a wait for a synchronous standby was ended. */
  unconfirmed: boolean
}

/** How long a server may take to let the session in. */
export interface Patience {
  /** One of LET_IN. */
  seconds: number
  /** Whether it did. */
  onEnd(hasLetIn: boolean): void
}

/** How names and strings are read, and what a statement does, whatever the database or role has set. */
const WORDS: Record<NonNullable<SqlTarget['words']>, string> = {
  ours: ` ${OWN_NAMES} ${STEADY_SETTINGS}`,
  mixed: ` ${STEADY_SETTINGS}`,
  users: ' -c client_min_messages=notice',
  bare: '',
}

/** What the database may have set for clients, of later versions. */
const LATER: [major: number, option: string][] = [
  [14, ' -c idle_session_timeout=0'],
  [17, ' -c transaction_timeout=0'],
]

/** Seconds between two looks of the server at whether its client is still there (PostgreSQL 14). */
const CONNECTION_CHECK = ' -c client_connection_check_interval=2s'

/** @returns the options of a session's startup message */
function startOptions({ words = 'ours', version }: SqlTarget, readOnly: boolean): string {
  if (words === 'bare') return ''
  const major = Number.parseInt(version, 10)
  const ours = words !== 'users'
  return [
    `-c DateStyle=ISO${WORDS[words]}`,
    ...(ours ? LATER.filter(([since]) => major >= since).map(([, option]) => option) : []),
    readOnly ? ` ${READ_ONLY}` : ours ? ' -c default_transaction_read_only=off' : '',
    major >= 14 ? CONNECTION_CHECK : '',
  ].join('')
}

/** pg_catalog comes first where the database says otherwise: no function of its owner's stands before one of the server's. */
const CATALOG_FIRST = `select pg_catalog.set_config('search_path', case pg_catalog.current_setting('search_path') when ''
  then 'pg_catalog' else pg_catalog.concat('pg_catalog, ', pg_catalog.current_setting('search_path')) end, false)`

/**
 * One session of a server. Reading sessions are kept apart from writing ones: every transaction in them is read-only
 * by a setting given at the start, which costs no round trip, and queries made together travel together. Writing
 * sessions run one query after another, and never pass a transaction or a SET on to the next.
 */
export class SqlSession {
  /** No more queries: it ended, or its state is no longer the one it began with. */
  finished = false
  private readonly client: pg.Client
  private readonly bridge: SqlBridge
  private readonly ready: Promise<void>
  private readonly inFlight: InFlight[] = []
  private turn: Promise<unknown> = Promise.resolve()
  /** The server has let it in. */
  isIn = false
  /** Statements that write, and have not come to their end. */
  private writing = 0
  private readonly began = performance.now()

  constructor(
    private readonly reach: Reach,
    private readonly on: SqlTarget,
    private readonly readOnly: boolean,
    private readonly patience: Patience,
  ) {
    this.bridge = new SqlBridge(reach, on)
    this.bridge.isIdle = () => this.inFlight.length === 0
    this.client = new pg.Client({
      host: reach.spec.name,
      port: on.port,
      user: OWNER,
      database: on.db ?? 'postgres',
      ssl: false,
      application_name: 'play',
      options: startOptions(on, readOnly),
      pipeline: readOnly,
      stream: () => this.bridge,
      types: types,
      password: askedForPassword,
    })
    this.client.on('notice', ({ severity, message, routine }) => {
      const [entry] = this.inFlight
      entry?.notices.push(`${severity ?? 'NOTICE'}: ${message}`)
      if (entry && routine === 'SyncRepWaitForLSN') entry.unconfirmed = true
    })
    this.client.on('error', () => this.finish())
    this.client.on('end', () => this.finish())
    this.ready = this.connect()
    this.ready.catch(() => this.finish())
  }

  /** @param how in a session that reads. @throws {SqlError | PlayError} */
  query(
    text: string,
    values: readonly unknown[] | undefined,
    watch?: Watch,
    how: Reading = 'plainly',
  ): Promise<SqlResult> {
    if (this.readOnly) {
      const answer = this.read(text, values, watch, how)
      this.turn = Promise.allSettled([this.turn, answer])
      return answer
    }
    const before = this.turn
    const result = beforeDeadline(before, watch?.deadline, isBusy).then(() => this.write(text, values, watch))
    this.turn = Promise.allSettled([before, result])
    return result
  }

  /** Lets what runs come to its end, then ends the session and waits until the server has seen it. */
  async close(): Promise<void> {
    this.finished = true
    await this.ready.catch(() => {})
    await this.turn
    if (this.bridge.destroyed) return
    const closed = new Promise((resolve) => this.bridge.once('close', resolve))
    this.client.end().catch(() => {})
    await closed
  }

  /** Something is under way that changes the server. */
  get isWriting(): boolean {
    return this.writing > 0
  }

  /**
   * Cuts it off; what the server does for it is cancelled from the host's end of the bridge.
   * @returns whether it was at something
   */
  drop(): boolean {
    this.finished = true
    const isIdle = this.bridge.isIdle()
    if (isIdle && this.isIn) this.client.end().catch(() => {})
    this.bridge.destroy()
    return this.isIn && !isIdle
  }

  private async connect(): Promise<void> {
    const { seconds, onEnd } = this.patience
    const late = () => {
      onEnd(false)
      return this.silence()
    }
    try {
      await beforeDeadline(this.logIn(), this.began + seconds * 1000, late)
      this.isIn = true
      onEnd(true)
    } catch (error) {
      this.bridge.destroy()
      throw sqlError(error, undefined)
    }
  }

  private async logIn(): Promise<void> {
    await this.client.connect()
    if (this.on.as !== undefined)
      await this.send(`SET SESSION AUTHORIZATION ${quoteIdent(this.on.as)}`, undefined)
    if (this.on.words === 'mixed') await this.send(CATALOG_FIRST, undefined)
  }

  /** Until the server has let it in, which may be longer ago than this statement waits. @throws {SqlError} */
  private async letIn(limits?: Watch): Promise<void> {
    if (this.isIn) return
    const { deadline = Infinity, answersWithin = Infinity } = limits ?? {}
    const until = Math.min(deadline, performance.now() + answersWithin * 1000)
    await beforeDeadline(this.ready, until, () => this.silence())
  }

  private silence(since = this.began): Promise<SqlError> {
    const seconds = (performance.now() - since) / 1000
    return silence(this.reach, this.on, { seconds, isFull: this.bridge.isFull })
  }

  private async read(
    text: string,
    values: readonly unknown[] | undefined,
    limits: Watch | undefined,
    how: Reading,
  ): Promise<SqlResult> {
    await this.letIn(limits)
    if (how === 'parsed') return parsed((query, given) => this.send(query, given, limits, true), text)
    const apart = how === 'apart'
    const given = await this.parameters(text, values, limits)
    // The three travel together. What the text sets, a set_config() of the session too, the rollback takes back.
    const begun = apart ? this.send('begin transaction read only', undefined) : undefined
    const answer = this.send(text, given, limits)
    const ended = apart ? this.send('rollback', undefined) : undefined
    await Promise.allSettled([begun, answer, ended])
    await begun
    const result = await answer
    if (this.client.getTransactionStatus() !== 'I') this.finish()
    return result
  }

  private async write(
    text: string,
    values: readonly unknown[] | undefined,
    limits: Watch | undefined,
  ): Promise<SqlResult> {
    await this.letIn(limits)
    this.writing += 1
    try {
      const given = await this.parameters(text, values, limits)
      const result = await this.send(text, given, limits)
      if (this.client.getTransactionStatus() !== 'I') {
        this.finish()
        throw new SqlError(
          'the statements leave a transaction open; it is rolled back',
          '25001',
          undefined,
          'end with COMMIT',
          text,
        )
      }
      if (CHANGES_SESSION.test(text)) this.finish()
      return result
    } catch (error) {
      // A script may have failed within its own BEGIN: a session of unknown state is not used again.
      if (BEGINS.test(text)) this.finish()
      throw error
    } finally {
      this.writing -= 1
    }
  }

  private parameters(
    text: string,
    values: readonly unknown[] | undefined,
    limits: Watch | undefined,
  ): Promise<readonly unknown[] | undefined> {
    return asParameters((query, given) => this.send(query, given, limits, true), text, values)
  }

  /** @param alone one statement, whatever the text says */
  private async send(
    text: string,
    values: readonly unknown[] | undefined,
    limits?: Watch,
    alone = this.readOnly,
  ): Promise<SqlResult> {
    const entry: InFlight = { notices: [], unconfirmed: false }
    this.inFlight.push(entry)
    const statement = new Promise<SqlResult>((resolve, reject) => {
      // The extended protocol takes one statement alone (Message Flow, 55.2.3): no text ends a reading transaction.
      const queryMode = alone ? 'extended' : undefined
      const config = { text, values: values as unknown[] | undefined, queryMode }
      this.client.query(config, (error: Error | null, result: QueryResult | QueryResult[]) => {
        this.inFlight.splice(this.inFlight.indexOf(entry), 1)
        if (error) reject(sqlError(error, text))
        else resolve(toResult(result, entry.notices))
      })
    })
    if (!limits) return statement
    const { verdict, ...result } = await watch(
      statement,
      {
        pid: (this.client as unknown as { processID: number }).processID,
        isRunning: () => this.inFlight[0] === entry,
        drop: () => this.drop(),
        readOnly: this.readOnly,
        silence: (since) => this.silence(since),
      },
      limits,
    )
    return entry.unconfirmed ? { ...result, unconfirmed: unconfirmedNote(verdict) } : result
  }

  /** Ends it once what runs has come to its end. */
  finish(): void {
    if (this.finished) return
    this.finished = true
    void this.close()
  }
}

const isBusy = (): SqlError =>
  new SqlError(
    "it was not begun before the task's timeout: its session was busy with another statement",
    '57014',
  )

/** Statements whose effect outlives them in the session (PostgreSQL, SQL Commands). */
const CHANGES_SESSION =
  /(^|;)\s*(set|reset|discard|listen|unlisten|prepare|deallocate|declare|load|create\s+(global\s+|local\s+)?temp)|\b(set_config|pg_advisory_lock\w*|setseed)\s*\(/i
const BEGINS = /\b(begin|start\s+transaction)\b/i

function askedForPassword(): never {
  throw new SqlError(
    'the server asks for a password on its Unix socket',
    '28000',
    undefined,
    'let pg_hba.conf begin with: local all postgres peer',
  )
}

/** Of several statements: the rows of the last that has any, else the rows affected by all. */
function toResult(result: QueryResult | QueryResult[] | QueryArrayResult, notices: string[]): SqlResult {
  const results = Array.isArray(result) ? result : [result]
  const answer = results.findLast((one) => one.fields.length > 0 || one.rows.length > 0)
  if (answer) return { rows: answer.rows, rowCount: answer.rowCount ?? answer.rows.length, notices }
  return { rows: [], rowCount: results.reduce((sum, one) => sum + (one.rowCount ?? 0), 0), notices }
}

function sqlError(error: unknown, statement: string | undefined): SqlError | PlayError {
  if (error instanceof PlayError || error instanceof SqlError) return error
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) {
    return noConnection(`the server closed the connection (${(error as Error).message})`)
  }
  const position = error.position === undefined ? undefined : Number(error.position)
  return new SqlError(error.message, error.code, error.detail, error.hint, statement, position)
}
