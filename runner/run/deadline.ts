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
  constructor(seconds: number, doing: string) {
    super(`it took longer than the ${seconds} s of its timeout, ${doing}`)
  }
}

interface Limits {
  deadline?: number
  seconds?: number
  interrupted?: () => boolean
  /** What is asked of the host, in words. */
  waitsFor?: () => string | undefined
}

/** ms between two looks at whether the user has had enough. */
const LOOK = 100
/** ms in which what hears the signal may say more of its end. */
const GRACE = 500

/**
 * Waits for what reads, which may be cut at any time: until the deadline, or until the user has had enough.
 * @param work is given a signal, at which it need not go on @param seconds that the task may take, for the message
 * @throws {TookTooLong} {PlayError} interrupted; what work throws
 */
export async function inTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { deadline, seconds, interrupted, waitsFor = () => undefined }: Limits,
): Promise<T> {
  const control = new AbortController()
  // One for each question to the host.
  setMaxListeners(0, control.signal)
  const timers: NodeJS.Timeout[] = []
  const whileLooking = () => {
    const what = waitsFor()
    return `while it looked at the host${what === undefined ? '' : `: it waited for ${what}`}`
  }
  const cut = new Promise<never>((_, reject) => {
    const end = (error: Error) => {
      if (control.signal.aborted) return
      control.abort(error)
      timers.push(setTimeout(() => reject(error), GRACE))
    }
    if (deadline !== undefined) {
      const late = () => end(new TookTooLong(seconds ?? 0, `and was ended ${whileLooking()}`))
      timers.push(setTimeout(late, timerOf(secondsTo(deadline)!)))
    }
    if (interrupted)
      timers.push(
        setInterval(() => {
          if (interrupted()) end(new PlayError('interrupted', `stopped ${whileLooking()}`))
        }, LOOK),
      )
  })
  try {
    return await Promise.race([work(control.signal), cut])
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}
