import { Refusal } from '../../../contract/errors.ts'
import type { Output } from '../../../contract/host.ts'
import { quoteWords, wholeWord } from '../../../contract/quote.ts'
import type { PlayError } from '../../errors.ts'
import { timerOf } from '../../timers.ts'
import { type Login, startAs } from '../become.ts'
import { becomeError } from '../become-errors.ts'
import { type Channel, type Exit, listen, readAll } from '../channel.ts'
import type { ConnectionSpec } from '../types.ts'
import { Frames, frame } from './frames.ts'
import { RESIDENT_SCRIPT } from './script.ts'

/** What is asked of single paths. */
type PathLook = 'stat' | 'read' | 'list' | 'sha256' | 'blake2b'
/** Of the host: `packages`, `unit`, `user` and `group` by their names, the others of it as a whole. */
export type Look = PathLook | 'now' | 'self' | 'facts' | 'packages' | 'processes' | 'unit' | 'user' | 'group'

/** The program comes on standard input, so that no argument and no file holds it. */
const PROGRAM = Buffer.from(RESIDENT_SCRIPT)
const START = `my ($t, $n) = ("", ${PROGRAM.length}); while (length $t < $n) { sysread STDIN, $t, $n - length $t, length $t or exit 1 } eval $t; die $@ if $@`

export interface StreamEvents {
  data(part: Buffer): void
  /** The server takes no connections now, and its queue is full: this one waits for a place in it. */
  full(isFull: boolean): void
  /** @param why `errno text` where it was not opened, `? USER` where there is no such user, else empty; an error where the process is gone */
  end(why: string | Error): void
}

/** A stream to a server's socket. */
export interface Stream {
  write(data: Buffer): void
  /** Nothing more comes. @param isIdle the server is not at work for it */
  shut(isIdle?: boolean): void
}

/** A command that only reads, for `run`. */
export interface ReadOptions {
  stdin?: string
  env?: Readonly<Record<string, string>>
  /** Seconds, then its process group is ended and the code is 124. */
  timeout?: number
  /** Whether anybody waits for it. */
  signal?: AbortSignal
}

/** Bytes of input that a pipe takes at once. */
export const MOST_INPUT = 32 * 1024

interface Running {
  resolve: (output: Output) => void
  reject: (error: unknown) => void
  as: string
  timedOut?: boolean
  timer?: NodeJS.Timeout
}

interface Asked {
  resolve: (answer: string) => void
  reject: (error: unknown) => void
  as: string
}

/** The process ended of itself: what only reads may be asked of another. */
export class ResidentGone extends Error {}

/** One process of one user on one host that answers what is read there, for as long as the run lasts (script.ts). */
export class Resident {
  /** Why it is of no more use. */
  ended: Error | undefined
  private readonly asked = new Map<number, Asked>()
  private readonly running = new Map<number, Running>()
  private readonly streams = new Map<number, StreamEvents>()
  private readonly channel: Promise<Channel>
  private last = 0
  private unsent: Buffer[] = []
  private lines = ''
  private isReady = false

  /** @param prelude what every shell of that user begins with */
  constructor(
    private readonly login: Login,
    private readonly as: string,
    prelude: string,
  ) {
    // By the shell, which is what sudo lets play start (docs/sudoers).
    this.channel = startAs(login, as, ['/bin/sh', '-c', `${prelude};exec perl -e ${quoteWords([START])}`])
    this.channel.then(
      (channel) => this.listenTo(channel),
      (error) => this.end(error),
    )
    this.unsent.push(PROGRAM)
  }

  /**
   * Asked in one turn of the event loop, sent together.
   * @param as whose rights count; this process's own user when it is the same
   * @param signal whether anybody waits for it: what is started for it there ends then
   * @returns the answer, as script.ts says @throws {ResidentGone}, {PlayError} become, unreachable; the signal's reason
   */
  ask(as: string, look: Look, path = '', signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended)
      signal?.throwIfAborted()
      const number = ++this.last
      signal?.addEventListener('abort', () => {
        if (!this.asked.delete(number)) return
        this.send(frame('drop', number))
        reject(signal.reason)
      })
      this.asked.set(number, { resolve, reject, as })
      if (this.lines === '') setImmediate(() => this.flush())
      this.lines += `${number} ${this.other(as)} ${look} ${hexOf(path)}\n`
    })
  }

  /** Runs a command that only reads, with at most MOST_INPUT of input. @throws as `ask` */
  run(
    as: string,
    argv: readonly string[],
    { stdin = '', env = {}, timeout, signal }: ReadOptions,
  ): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended)
      signal?.throwIfAborted()
      const words = [
        ...Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .map(wordHex),
        '--',
      ]
      const head = [this.other(as), ...words, ...argv.map(wordHex)].join(' ')
      const number = ++this.last
      const running: Running = { resolve, reject, as }
      this.running.set(number, running)
      signal?.addEventListener('abort', () => {
        if (!this.running.delete(number)) return
        clearTimeout(running.timer)
        this.send(frame('stop', number))
        reject(signal.reason)
      })
      this.send(frame('run', number, `${head}\n${stdin}`))
      if (timeout === undefined) return
      running.timer = setTimeout(() => {
        running.timedOut = true
        this.send(frame('stop', number))
      }, timerOf(timeout))
    })
  }

  /** A stream to a Unix socket, opened as a user. */
  open(as: string, path: string, events: StreamEvents): Stream {
    const number = ++this.last
    const { ended } = this
    if (ended) queueMicrotask(() => events.end(ended))
    else {
      this.streams.set(number, events)
      this.send(frame('open', number, `${this.other(as)}\0${path}`))
    }
    return {
      write: (data) => this.send(frame('data', number, data)),
      shut: (isIdle) => this.send(frame('shut', number, isIdle ? 'idle' : '')),
    }
  }

  private get spec(): ConnectionSpec {
    return this.login.spec
  }

  /**
   * Nothing more is asked of it. What servers still do for it is cancelled from its end: it may outlive this.
   * @returns when it has ended
   */
  async close(): Promise<void> {
    const channel = await this.channel.catch(() => undefined)
    if (!channel || this.ended) return
    channel.stdin.end()
    await channel.exit
  }

  private flush(): void {
    const { lines } = this
    this.lines = ''
    if (!this.ended) this.send(frame('ask', 0, lines))
  }

  /** What is written in one turn leaves together. */
  private send(data: Buffer): void {
    if (this.unsent.length === 0) queueMicrotask(() => void this.write())
    this.unsent.push(data)
  }

  private async write(): Promise<void> {
    const channel = await this.channel.catch(() => undefined)
    const data = this.unsent
    this.unsent = []
    if (channel?.stdin.writable && data.length > 0) channel.stdin.write(Buffer.concat(data))
  }

  private listenTo(channel: Channel): void {
    void this.write()
    const frames = new Frames(({ kind, number, data }) => {
      if (kind === 'data') this.streams.get(number)?.data(data)
      else if (kind === 'said') this.said(data)
      else if (kind === 'full') this.streams.get(number)?.full(data.length > 0)
      else if (kind === 'ran') this.ran(number, data)
      else if (kind === 'ready') this.isReady = true
      else if (kind === 'end') {
        const events = this.streams.get(number)
        this.streams.delete(number)
        events?.end(data.toString())
      }
    })
    channel.stdin.on('error', () => {})
    const said = readAll(channel.stderr)
    listen(channel.stdout, (part) => frames.push(part))
    void channel.exit.then(async (exit) => this.end(this.reason(exit, (await said).toString())))
  }

  private said(data: Buffer): void {
    for (let from = 0; from < data.length; ) {
      const space = data.indexOf(32, from)
      const end = data.indexOf(10, from)
      const number = Number(data.toString('latin1', from, space))
      const asked = this.asked.get(number)
      this.asked.delete(number)
      const answer = data.toString('utf8', space + 1, end)
      if (answer === '?') asked?.reject(this.noUser(asked.as))
      else asked?.resolve(answer)
      from = end + 1
    }
  }

  private ran(number: number, data: Buffer): void {
    const running = this.running.get(number)
    this.running.delete(number)
    if (!running) return
    clearTimeout(running.timer)
    const end = data.indexOf(10)
    const [code, length] = data.toString('latin1', 0, end).split(' ') as [string, string]
    if (code === '?') {
      running.reject(this.noUser(running.as))
      return
    }
    const middle = end + 1 + Number(length)
    running.resolve({
      code: running.timedOut ? 124 : Number(code),
      stdout: data.toString('utf8', end + 1, middle),
      stderr: data.toString('utf8', middle),
    })
  }

  /** As the process is told whose rights count: nobody's but its own. */
  private other(as: string): string {
    return as === this.as ? '' : as
  }

  private noUser(as: string): PlayError {
    return becomeError(this.spec, as, `unknown user ${as}`, { code: 1 })
  }

  private reason(exit: Exit, said: string): Error {
    if (exit.lost) return becomeError(this.spec, this.as, said, exit)
    if (this.isReady) return new ResidentGone(said.trim())
    if (/perl: (not found|No such file)|perl: command not found/.test(said))
      return new Refusal(NO_PERL.message, NO_PERL.hint)
    return becomeError(this.spec, this.as, said, exit)
  }

  private end(why: Error): void {
    this.ended = why
    for (const { reject } of [...this.asked.values(), ...this.running.values()]) reject(why)
    for (const { timer } of this.running.values()) clearTimeout(timer)
    this.asked.clear()
    this.running.clear()
    const streams = [...this.streams.values()]
    this.streams.clear()
    for (const { end } of streams) end(why)
  }
}

/** @throws {Refusal} on a NUL */
const wordHex = (word: string): string => hexOf(wholeWord(word))

const hexOf = (text: string): string => Buffer.from(text).toString('hex')

/** What is said of a host where nothing can be read. */
export const NO_PERL = {
  message: 'perl is missing on this host',
  hint: 'play reads and changes files with it; it is Essential on Debian and Ubuntu: `apt-get install perl-base`',
}
