import { setMaxListeners } from 'node:events'
import { PlayError } from '../errors.ts'
import { timerOf } from '../timers.ts'
import { StepError } from './step-error.ts'

/** When that many seconds from now are over, as performance.now() tells it. */
export const deadlineOf = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : performance.now() + seconds * 1000

/** Seconds that are left, and a moment at least: 0 would be no limit to some. */
export const secondsTo = (deadline: number | undefined): number | undefined =>
  deadline === undefined ? undefined : Math.max(0.001, (deadline - performance.now()) / 1000)

/** A task has taken what its `timeout` allows. */
export class TookTooLong extends StepError {
  constructor(seconds: number, doing: string, fields: StepError['fields'] = {}) {
    super(`it took longer than the ${seconds} s of its timeout, ${doing}`, fields)
  }
}

/** ms that a timer may be early by this clock. */
const EARLY = 20

/** Whether a task had all its time: whatever it fails with then, that was in its way. */
export const isOver = (deadline: number | undefined): boolean =>
  deadline !== undefined && performance.now() >= deadline - EARLY

interface Limits {
  deadline?: number
  /** That the task may take, for the message. */
  seconds?: number
  interrupted?: () => boolean
  /** What is asked of the host, in words. */
  waitsFor?: () => string | undefined
}

/** ms between two looks at whether the user has had enough. */
const LOOK = 100
/** ms in which what hears the signal may say more of its end. */
const GRACE = 500

/** All that somebody waits for, and may have had enough of. */
const waiting = new Set<Patience>()
let looking: NodeJS.Timeout | undefined

/** Whether somebody still waits for what reads. */
export class Patience {
  #control: AbortController | undefined
  #ended: Error | undefined
  #late: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(
    private readonly limits: Limits,
    private readonly giveUp: (error: Error) => void,
  ) {
    const { deadline, interrupted } = limits
    if (deadline !== undefined)
      this.#late = setTimeout(() => this.#end(this.#tooLong()), timerOf(secondsTo(deadline)!))
    if (!interrupted) return
    waiting.add(this)
    looking ??= setInterval(() => {
      for (const one of waiting) one.#look()
    }, LOOK)
  }

  /** Aborted when nobody waits any more. Made for who asks for it: many a task asks nothing of its host. */
  get signal(): AbortSignal {
    if (!this.#control) {
      this.#control = new AbortController()
      // One for each question to the host.
      setMaxListeners(0, this.#control.signal)
      if (this.#ended) this.#control.abort(this.#ended)
    }
    return this.#control.signal
  }

  get isOver(): boolean {
    return this.#ended !== undefined
  }

  /** What was waited for is there, or is given up. */
  close(): void {
    clearTimeout(this.#late)
    clearTimeout(this.#grace)
    waiting.delete(this)
    if (waiting.size > 0) return
    clearInterval(looking)
    looking = undefined
  }

  #look(): void {
    if (this.limits.interrupted?.()) this.#end(new PlayError('interrupted', `stopped ${this.#doing()}`))
  }

  #end(error: Error): void {
    if (this.isOver) return
    this.#ended = error
    this.#control?.abort(error)
    // What never answers is not waited for any more.
    this.#grace = setTimeout(() => {
      this.close()
      this.giveUp(error)
    }, GRACE)
  }

  #tooLong(): Error {
    return new TookTooLong(this.limits.seconds ?? 0, `and was ended ${this.#doing()}`)
  }

  #doing(): string {
    const what = this.limits.waitsFor?.()
    return `while it looked at the host${what === undefined ? '' : `: it waited for ${what}`}`
  }
}

/**
 * Waits for what reads, which may be cut at any time: until the deadline, or until the user has had enough.
 * @param work is given what says when it need not go on
 * @throws {TookTooLong} {PlayError} interrupted; what work throws
 */
export function inTime<T>(work: (patience: Patience) => Promise<T>, limits: Limits): Promise<T> {
  return new Promise((resolve, reject) => {
    const patience = new Patience(limits, reject)
    work(patience)
      .then(resolve, reject)
      .finally(() => patience.close())
  })
}
