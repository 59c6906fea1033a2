import { randomUUID } from 'node:crypto'
import type { Output } from '../../contract/host.ts'
import { quoteWord } from '../../contract/quote.ts'
import { timerOf, within } from '../timers.ts'
import { type Channel, type Exit, exitCode, listen } from './channel.ts'
import { withStdin } from './command-text.ts'
import { FrameReader } from './frame.ts'
import { Kept, outputOf } from './kept.ts'
import { LineSplitter } from './lines.ts'
import type { RunOptions } from './types.ts'

/** One command for a persistent shell. */
export interface Command {
  /** Shell text that cannot harm the shell: made by command-text.ts. */
  text: string
  stdin?: string | Buffer
  onLine?: RunOptions['onLine']
  keep?: RunOptions['keep']
  onBegin?: RunOptions['onBegin']
  /** Seconds. */
  timeout?: number
  /** A file that the shell is to hold from now on, and with it this command and all after it. */
  hold?: string
  resolve(output: Output): void
  reject(error: unknown): void
}

interface Running extends Command {
  lines: string
  stdout: Share
  stderr: Share
  timer?: NodeJS.Timeout
  timedOut?: boolean
  finished?: boolean
}

export interface ShellEvents {
  /** It works, as this process. */
  began?(pid: number): void
  /** Kills what runs below the shell's process id; with 'shell', the shell too. */
  kill(pid: number, also?: 'shell'): Promise<void>
  /** The shell ended, with the commands that it had not begun. `began` is false where it never worked. */
  ended(exit: Exit, waiting: Command[], began: boolean, said: string): void
}

/**
 * A persistent `sh` of one user on one host. Commands are written without waiting for the one before; each writes
 * its marker to both streams when it is done. One with a timeout is written alone, so that the kill cannot hit its
 * successor.
 */
export class Shell {
  private readonly out = new FrameReader()
  private readonly err = new FrameReader()
  /** Written, in order. */
  private readonly running: Running[] = []
  /** Behind a command with a timeout. */
  private readonly waiting: Running[] = []
  private unsent = ''
  private pid = 0
  /** It has told its process id, or ended. */
  private readonly started: Promise<void>
  private closing = false
  private held: string | undefined
  private isEnded = false
  private isGivenUp = false

  constructor(
    private readonly channel: Channel,
    prelude: string,
    private readonly events: ShellEvents,
  ) {
    channel.stdin.on('error', () => {})
    listen(channel.stdout, (part) => this.out.push(part))
    listen(channel.stderr, (part) => this.err.push(part))
    void channel.exit.then((exit) => this.end(exit))
    this.started = new Promise((resolve) => {
      void channel.exit.then(() => resolve())
      this.run({
        text: `${prelude};echo $$`,
        resolve: ({ stdout }) => {
          this.pid = Number(stdout)
          this.events.began?.(this.pid)
          resolve()
        },
        reject: () => {},
      })
    })
  }

  run(command: Command): void {
    const entry = this.prepare(command)
    const held = this.isGivenUp || this.waiting.length > 0 || this.running[0]?.timeout !== undefined
    if (held || (command.timeout !== undefined && this.running.length > 0)) this.waiting.push(entry)
    else this.send(entry)
  }

  /** Nothing more is expected of it: what waits for an answer fails. */
  giveUp(why: unknown): void {
    for (const entry of [...this.running.splice(0), ...this.waiting.splice(0)]) {
      clearTimeout(entry.timer)
      entry.reject(why)
    }
    this.channel.destroy()
  }

  get busy(): boolean {
    return this.running.length > 0
  }

  /**
   * Ends the shell. What still runs is killed first, and its callers are told by `ended`. One that waits for a command
   * ends by itself, and nobody waits for it.
   */
  async close(): Promise<void> {
    this.closing = true
    if (!this.busy) {
      this.channel.stdin.end()
      return
    }
    await this.started
    if (this.busy && this.pid > 0) await this.events.kill(this.pid, 'shell')
    this.channel.stdin.end()
    const late = setTimeout(() => this.channel.destroy(), LAST_WORDS)
    await this.channel.exit
    clearTimeout(late)
  }

  private prepare(command: Command): Running {
    // Node keeps a store of random bytes for these; asking for 12 of them is a call of OpenSSL each time.
    const nonce = randomUUID().replaceAll('-', '')
    const marker = Buffer.from(`\x1e${nonce}`)
    const done = () => {
      if (entry.stdout.code !== undefined && entry.stderr.code !== undefined) this.finish(entry)
    }
    const share = (stream: 'stdout' | 'stderr') =>
      new Share(marker, new Kept(command.keep), done, lineTo(command.onLine, stream))
    const entry: Running = {
      ...command,
      stdout: share('stdout'),
      stderr: share('stderr'),
      lines:
        // What was installed or moved meanwhile is found: the shell forgets where programs were.
        `hash -r;${this.holdOnce(command.hold)}` +
        withStdin(command.text, command.stdin, nonce) +
        `printf '\\036${nonce}%d\\n' $?;printf '\\036${nonce}0\\n'>&2\n`,
    }
    return entry
  }

  private holdOnce(file: string | undefined): string {
    if (file === undefined || this.held === file) return ''
    this.held = file
    return holding(file)
  }

  private send(entry: Running): void {
    this.running.push(entry)
    if (this.running.length === 1) entry.onBegin?.()
    this.out.expect(entry.stdout)
    this.err.expect(entry.stderr)
    if (this.unsent === '') queueMicrotask(() => this.flush())
    this.unsent += entry.lines
    if (entry.timeout !== undefined) {
      entry.timer = setTimeout(() => void this.stop(entry), timerOf(entry.timeout))
    }
  }

  private flush(): void {
    const text = this.unsent
    this.unsent = ''
    this.channel.stdin.write(text)
  }

  /**
   * What cannot be killed (another user's process) is left alone, and the shell that waits for it given up; so is one that was
   * stopped (SIGSTOP) itself. Nobody is waited for without an end: not for the kill, nor for the channel to close.
   */
  private async stop(entry: Running): Promise<void> {
    entry.timedOut = true
    await within(KILL_TIME, this.events.kill(this.pid))
    if (await this.comes(() => entry.finished === true)) return
    // From here on it begins nothing more: what waits goes to another shell.
    this.isGivenUp = true
    await within(KILL_TIME, this.events.kill(this.pid, 'shell'))
    if (await this.comes(() => false)) return
    this.channel.destroy()
    if (!(await this.comes(() => false))) this.end({ code: 124, lost: true })
  }

  /** Whether something is so within a moment, or the shell ends. */
  private async comes(isSo: () => boolean): Promise<boolean> {
    for (let waited = 0; waited < LAST_WORDS && !isSo() && !this.isEnded; waited += LOOK) await pause(LOOK)
    return isSo() || this.isEnded
  }

  private finish(entry: Running): void {
    clearTimeout(entry.timer)
    entry.finished = true
    this.running.shift()
    this.running[0]?.onBegin?.()
    const code = entry.timedOut ? 124 : entry.stdout.code!
    answer(entry, code)
    this.sendWaiting()
  }

  private sendWaiting(): void {
    if (this.isGivenUp) return
    while (this.waiting.length > 0) {
      const next = this.waiting[0]!
      if (this.running[0]?.timeout !== undefined) return
      if (next.timeout !== undefined && this.running.length > 0) return
      this.send(this.waiting.shift()!)
    }
  }

  /** The one that ran when the shell was killed under it ends with it; those behind it have not begun. */
  private end(exit: Exit): void {
    if (this.isEnded) return
    this.isEnded = true
    const began = this.pid > 0
    const said = Buffer.concat([
      this.running[0]?.stderr.kept.bytes() ?? Buffer.alloc(0),
      this.err.rest(),
    ]).toString()
    for (const entry of this.running) clearTimeout(entry.timer)
    const lost = exit.lost === true && !this.isGivenUp && !this.running[0]?.timedOut
    if (began && !lost && !this.closing) {
      const entry = this.running.shift()
      if (entry) {
        entry.stderr.kept.push(this.err.rest())
        answer(entry, entry.timedOut ? 124 : exitCode(exit))
      }
    }
    const left = [...this.running.splice(0), ...this.waiting.splice(0)]
    this.events.ended({ ...exit, lost }, began ? left : left.slice(1), began, said)
  }
}

/** Opened and locked as number 9, which every command inherits. Where the file is gone nothing is held. */
export const holding = (file: string): string => `command exec 9<${quoteWord(file)}&&flock -s 9;`

/** ms for the shell to end; a process left in the background may hold its streams open for ever. */
const LAST_WORDS = 1000

/** ms that a kill may take: it asks first, and waits two seconds. */
const KILL_TIME = 6000
const LOOK = 20

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One stream of one command. */
class Share {
  code?: number

  constructor(
    readonly marker: Buffer,
    readonly kept: Kept,
    private readonly done: () => void,
    private readonly lines?: LineSplitter,
  ) {}

  data(part: Buffer): void {
    this.kept.push(part)
    this.lines?.push(part)
  }
  end(code: number): void {
    this.code = code
    this.lines?.end()
    this.done()
  }
}

function answer(entry: Running, code: number): void {
  try {
    entry.resolve(outputOf(code, { stdout: entry.stdout.kept, stderr: entry.stderr.kept }))
  } catch (error) {
    entry.reject(error)
  }
}

const lineTo = (onLine: Command['onLine'], stream: 'stdout' | 'stderr'): LineSplitter | undefined =>
  onLine && new LineSplitter((line) => onLine(line, stream))
