import { Duplex } from 'node:stream'
import { Refusal, SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { isUnknownUser } from './become-errors.ts'
import { type Resident, ResidentGone, type Stream } from './resident/resident.ts'
import type { ConnectionSpec } from './types.ts'

/** The operating-system user of Debian's clusters, and by peer authentication their superuser. */
export const OWNER = 'postgres'

export const socketPath = ({ socketDir = '/var/run/postgresql', port }: SqlTarget): string =>
  `${socketDir}/.s.PGSQL.${port}`

/** How a server's socket is come to. */
export interface Reach {
  spec: ConnectionSpec
  /** The login user. */
  user: string
  /** @throws {PlayError} */
  resident(as: string): Resident
}

/** What `pg` takes for its socket: a stream to the server's Unix socket, opened on the host as the cluster's owner. */
export class SqlBridge extends Duplex {
  /** The server takes no connections now. */
  isFull = false
  /** The server is at work for nobody here: it may be left without a word. */
  isIdle: () => boolean = () => false
  private stream: Stream | undefined

  constructor(
    private readonly reach: Reach,
    private readonly target: SqlTarget,
  ) {
    super({ allowHalfOpen: false })
  }

  connect(): this {
    try {
      this.stream = this.reach.resident(OWNER).open(OWNER, socketPath(this.target), {
        data: (part) => void this.push(part),
        full: (isFull) => {
          this.isFull = isFull
        },
        end: (why) => {
          if (this.destroyed) return
          if (why === '') this.push(null)
          else this.destroy(this.reason(why))
        },
      })
      // What it writes stands behind the opening.
      queueMicrotask(() => this.emit('connect'))
    } catch (error) {
      this.destroy(error as Error)
    }
    return this
  }
  // The rest of a socket's interface, which `pg` calls.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.stream?.write(chunk)
    done()
  }
  /** The messages of one query (parse, bind, execute …) leave as one packet. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done)
  }
  override _final(done: () => void): void {
    this.stream?.shut()
    done()
  }
  /** What comes is taken: the answers of a session are held whole by those who asked. */
  override _read(): void {}
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stream?.shut(this.isIdle())
    done(error)
  }

  private reason(why: string | Error): Error {
    const path = socketPath(this.target)
    if (why instanceof ResidentGone)
      return noConnection(`the way to ${path} ended${why.message && `: ${why.message}`}`)
    if (why instanceof Refusal) return noConnection(why.message)
    if (why instanceof Error) return isUnknownUser(why) ? noOwner() : why
    const [, errno, text] = /^(\d+) (.*)$/.exec(why) ?? []
    const cluster = `${this.target.version}/${this.target.cluster}`
    if (Number(errno) === 2)
      return noConnection(`cluster ${cluster} is not running: there is no socket ${path}`)
    if (Number(errno) === 111)
      return noConnection(`cluster ${cluster} is not running: nobody listens on ${path}`)
    return errno ? noConnection(`no connection to ${path}: ${text}`) : noOwner()
  }
}

const noOwner = (): SqlError =>
  noConnection(`PostgreSQL is not installed: there is no operating-system user ${OWNER}`)
export const noConnection = (text: string): SqlError => new SqlError(text, '08006')
