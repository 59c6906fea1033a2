import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { quote, root } from './play.ts'

/** Rows a second, each a transaction of its own, where the test does not say. */
const RATE = 250
/** Milliseconds between two batches, and rows in one at most: what is late is made good. */
const PAUSE = 20
const MOST = 25
/** Rows sent but not acknowledged, at most. */
const MOST_PENDING = 100

/**
 * A client that never stops: it inserts numbered rows on a host through psql, and remembers those that the server has
 * acknowledged. Where the connection ends, it connects anew and goes on with new numbers: of the rows in flight nobody
 * knows whether they are there.
 */
export class Writer {
  /** Numbers of the rows whose commit was acknowledged, ascending. */
  readonly acknowledged: number[] = []
  /** Times that the connection ended without being asked to. */
  broken = 0
  #next: number
  #sent = 0
  #psql: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #ended: Promise<void> = Promise.resolve()
  #stopped = false
  #started = 0

  constructor(
    readonly host: string,
    readonly table: string,
    readonly first: number,
    readonly wanted = RATE,
  ) {
    this.#next = first
  }

  start(): this {
    this.#started = performance.now()
    this.#connect()
    this.#timer = setInterval(() => this.#write(), PAUSE)
    return this
  }

  /** Ends when everything that was sent is answered, or nothing has come for half a minute. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped = true
    const psql = this.#psql
    psql?.stdin?.end()
    const lost = setTimeout(() => psql?.kill(), 30_000)
    await this.#ended
    clearTimeout(lost)
  }

  /** The number that the next row gets: all before it were sent. */
  get next(): number {
    return this.#next
  }

  /** Acknowledged rows a second since it started. */
  get rate(): number {
    return (this.acknowledged.length * 1000) / (performance.now() - this.#started)
  }

  #connect(): void {
    const psql = spawn(
      'lab/lab',
      ['ssh', this.host, `sudo -u postgres sh -c ${quote('cd / && exec psql -XAtq -v ON_ERROR_STOP=1')}`],
      { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] },
    )
    this.#psql = psql
    this.#sent = 0
    let answered = 0
    psql.stdin.on('error', () => {})
    createInterface({ input: psql.stdout }).on('line', (line) => {
      answered += 1
      this.#pending = () => this.#sent - answered
      this.acknowledged.push(Number(line))
    })
    this.#pending = () => this.#sent - answered
    this.#ended = new Promise((resolve) => {
      psql.on('close', () => {
        if (this.#psql === psql) this.#psql = undefined
        if (!this.#stopped) {
          this.broken += 1
          setTimeout(() => this.#stopped || this.#connect(), 200)
        }
        resolve()
      })
    })
  }

  #pending = (): number => 0

  #write(): void {
    if (!this.#psql || this.#pending() > MOST_PENDING) return
    const due =
      Math.floor(((performance.now() - this.#started) * this.wanted) / 1000) - (this.#next - this.first)
    const rows = Array.from({ length: Math.max(0, Math.min(due, MOST)) }, () => this.#next++)
    this.#sent += rows.length
    const insert = (id: number) =>
      `insert into ${this.table} (id, note) values (${id}, 'writer') returning id;\n`
    this.#psql.stdin!.write(rows.map(insert).join(''))
  }
}
