import type { Readable } from 'node:stream'
import type { Output } from '../../contract/host.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import type { PlayError } from '../errors.ts'
import type { Holder, HostProcess, LockAnswer } from './keeper.ts'
import type { Look, ReadOptions } from './resident/resident.ts'
import type { SshRules } from './ssh-rules.ts'

/** How to reach one host; made from inventory variables, play keywords, options and ~/.ssh/config. */
export interface ConnectionSpec {
  /** inventory_hostname */
  name: string
  kind: 'ssh' | 'local'
  address: string
  port: number
  user: string
  privateKeyFiles: string[]
  /** Of the login user. */
  password?: string
  passphrase?: string
  agent?: string
  knownHostsFiles: string[]
  /** 'yes': must be known; 'accept-new': a new one is learnt; 'no': not verified, said loudly. */
  hostKeyChecking: 'yes' | 'accept-new' | 'no'
  /** user@host:port, nearest first. */
  proxyJump: string[]
  /** What counts for each of them in place of the host's own. */
  hops?: Pick<ConnectionSpec, 'agent' | 'knownHostsFiles' | 'hostKeyChecking' | 'ssh'>[]
  /** What ssh's options demand besides; nothing when left out. */
  ssh?: SshRules
  /** Options of ssh's configuration files that do not count, in words. */
  warnings?: string[]
  /** ms */
  connectTimeout: number
  /** For sudo, or su. */
  becomePassword?: string
  /** Where the login user is not root; sudo when left out. */
  becomeMethod?: 'sudo' | 'su'
}

/** What a play and its tasks say of how a host is reached. Of keywords its variables stand above them. */
export interface Reach {
  user?: string
  port?: number
  connection?: string
  becomeMethod?: string
  /** The variables that it is made of, where not only the inventory says some of them; else they are those of the host. */
  variables?: () => Readonly<Record<string, unknown>>
}

export interface RunOptions {
  /** Operating-system user; the login user when left out. */
  as?: string
  stdin?: string | Buffer
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** Seconds, then the command's process tree is killed and code is 124. */
  timeout?: number
  /** Each line of output as it comes, without its end. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Bytes that are kept of each stream, half of them from its end. All when left out, and more than can be held is an error. */
  keep?: number
  /** It stands in line: what the same user is given to run from now on runs after it. Not called for a large `stdin`. */
  onSent?: () => void
  /** It may change something: while it runs nobody else gets the machine's lock, also where the run itself is gone. */
  changes?: boolean
  /** It must not be ended in its middle: where the run is lost it is left to end. */
  uncut?: boolean
  /** It begins, as far as can be told from here: what stood before it in line has answered. */
  onBegin?: () => void
}

/** What answers about paths and the host itself. */
export type Looks = Pick<Connection, 'look'>

/** One host, connected. All methods may be called at the same time; a user's commands run in order of the calls. */
export interface Connection {
  readonly spec: ConnectionSpec
  /** The login user as the host sees it. */
  readonly loginUser: string
  /** Runs shell text (already quoted) in the persistent shell of `as`. Never throws on an exit code. @throws {PlayError} unreachable, become */
  shell(text: string, options?: RunOptions): Promise<Output>
  /** Runs `argv` in the persistent shell: quotes, adds env and cwd. */
  exec(argv: readonly string[], options?: RunOptions): Promise<Output>
  /**
   * What is at a path, or of the host, with the rights of a user; see resident/script.ts for the answer. Looks of one turn
   * travel together. @param signal whether anybody waits for it @throws {PlayError} unreachable, become; {Refusal} where
   * nothing can be read there at all; the signal's reason
   */
  look(look: Look, path: string, as?: string, signal?: AbortSignal): Promise<string>
  /** Runs a command that only reads: it ends where the run does. Never throws on an exit code. @throws as `look` */
  read(argv: readonly string[], options?: ReadOptions & { as?: string }): Promise<Output>
  /** Runs `argv` on a channel of its own, with a stream as its input: for what is too large for the shell. It changes something. */
  stream(argv: readonly string[], input: Readable, options: { as?: string }): Promise<Output>
  /** A query; connects on first use and keeps the session, one for each (target, role). @throws {SqlError} */
  sql(on: SqlTarget, text: string, values?: readonly unknown[], options?: SqlOptions): Promise<SqlResult>
  /**
   * Takes the machine's lock for a run, as this user (the login user where it may not be become). Without it nothing of
   * the run is ended on the host when the controller is lost.
   * @param onLost the lock is gone while the host still answers
   */
  lock(holder: Holder, as: string | undefined, onLost: () => void): Promise<LockAnswer>
  /** Lets the lock go, and waits until it is. */
  unlock(): Promise<void>
  /** Begins nothing more, and ends what runs there, but for what must not be cut. */
  halt(why: PlayError): Promise<{ ended: HostProcess[]; stays: HostProcess[] }>
  /** What of the run is at work there now. */
  running(): Promise<HostProcess[]>
  /** What its host has been asked longest and has not answered, in words. */
  waitsFor(): string | undefined
  /** Forgets pooled sessions of a cluster, before it is stopped or restarted. */
  closeSql(version: string, cluster: string): Promise<void>
  close(): Promise<void>
}

/**
 * How a statement is read: as it is, in a transaction of its own that is rolled back (`apart`), or only parsed: the rows are then
 * the types of its parameters, as `type`.
 */
export type Reading = 'plainly' | 'apart' | 'parsed'

export interface SqlOptions {
  readOnly?: boolean
  /** With readOnly. */
  how?: Reading
  /** Sessions kept in this database are ended before. */
  alone?: string
  limits?: SqlLimits
}

/** How long a statement may take. What ends it is asked for in a second session (sql-watch.ts). */
export interface SqlLimits {
  /** The moment, as performance.now() tells it, at which it is ended whatever it does. */
  deadline?: number
  /** Seconds that it may wait for a lock on a table or another object; see LOCK_WAIT when left out. */
  lockWait?: number
  /** Seconds that its commits may wait for a synchronous standby; see SYNC_WAIT when left out. */
  syncWait?: number
  /** What it waits for, in words. */
  onWait?: (line: string) => void
}

export interface SqlResult {
  rows: Record<string, any>[]
  rowCount: number
  /** The server's notices and warnings, 'WARNING: …'. */
  notices: string[]
  /** It is committed there, but the wait for a synchronous standby was ended: in words. */
  unconfirmed?: string
}
