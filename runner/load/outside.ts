import { type ChildProcess, spawn } from 'node:child_process'
import { PlayError } from '../errors.ts'
import { ValueFault } from './jinja/value.ts'

/** A program of this machine whose answer an evaluation needs. */
export interface Program {
  command: string
  args: readonly string[]
  input?: string
  /** ms; without, as long as it takes. */
  limit?: number
}

export interface Answer {
  /** null where it was ended. */
  code: number | null
  stdout: string
  stderr: string
  /** It took too long, said too much, or could not be started. */
  fault?: string
}

/** What ends waiting. */
export interface Until {
  /** Set by the first Ctrl-C. */
  interrupted?: () => boolean
  /** Seconds that an evaluation may wait, for all that it asks. */
  timeout?: number
}

/** Asked now and then by what takes its time. */
export interface Watch {
  /** Somebody wants it to end. */
  isInterrupted(): boolean
  /** That it took too long, in words; undefined while it may go on. */
  late(): string | undefined
}

/** bytes */
const MOST_BYTES = 16 * 1024 * 1024
/** ms between two looks at whether somebody wants it to end. */
const LOOK = 100
/** Of one evaluation: more, and what it asks is made anew each time. */
const MOST_ANSWERS = 10_000

/** One evaluation, which begins again whenever an answer has come. */
interface Session {
  answers?: Map<string, () => unknown>
  missing?: { key: string; ask: (watch: Watch) => Promise<unknown> }
  watch?: Watch
}

let session: Session | 'not now' | undefined

/**
 * Evaluates. Templates and conditions are evaluated at once, while programs take their time: where one is needed
 * (`outputOf`), the evaluation is given up, the program waited for, which keeps nothing else from going on, and the evaluation is
 * begun again, with the answer. The same program is run once. So `work` must have no effects but on what it returns.
 * @throws what work throws; {PlayError} 'interrupted'
 */
export const settled = <T>(work: () => T, until: Until = {}): Promise<T> => evaluated({}, work, until)

function evaluated<T>(own: Session, work: () => T, until: Until): Promise<T> {
  // Whatever was made of the answer that is missing counts for nothing. Most ask for none: a task has a dozen of these.
  try {
    const made = within(own, work)
    if (!own.missing) return Promise.resolve(made)
  } catch (error) {
    if (!own.missing) return Promise.reject(error)
  }
  return addAnswer(own, until).then(() => evaluated(own, work, until))
}

async function addAnswer(own: Session, until: Until): Promise<void> {
  const { key, ask } = own.missing!
  own.missing = undefined
  own.watch ??= watchOf(until)
  own.answers ??= new Map()
  own.answers.set(key, await answerOf(ask(own.watch)))
}

/** What is wrong with a value is told at the place in the template. */
async function answerOf(asked: Promise<unknown>): Promise<() => unknown> {
  try {
    const made = await asked
    return () => made
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error
    return () => {
      throw error
    }
  }
}

function watchOf({ interrupted, timeout }: Until): Watch {
  const started = performance.now()
  return {
    isInterrupted: () => interrupted?.() === true,
    late: () =>
      timeout !== undefined && performance.now() - started > timeout * 1000
        ? tooLong(timeout * 1000)
        : undefined,
  }
}

/** Evaluates before the turn of what is evaluated: no program is run. @throws where one is needed */
export const notNow = <T>(work: () => T): T => within('not now', work)

/** Whether what is evaluated has its turn. */
export const isTurn = (): boolean => session !== 'not now'

/** A command line of the user's. */
export const shell = (line: string): Program => ({ command: '/bin/sh', args: ['-c', line] })

/** What a program answers. @throws as `awaited` */
export const outputOf = (program: Program): Answer =>
  awaited(JSON.stringify(program), (watch) => run(program, watch))

/**
 * What takes its time. The same key is asked once in an evaluation.
 * @param atOnce for somebody who cannot wait, and keeps everything else waiting meanwhile: only what computes for a moment has it
 * @throws {NotYet} for `settled` {ValueFault} where nobody waits
 */
export function awaited<T>(key: string, ask: (watch: Watch) => Promise<T>, atOnce?: () => T): T {
  if (session === undefined) {
    if (atOnce) return atOnce()
    throw new ValueFault(
      'nothing here waits for what takes its time, such as a program of this machine',
      'ask it in a task before, and register what it says',
    )
  }
  if (session === 'not now') throw new NotYet()
  const answer = session.answers?.get(key)
  if (answer) return answer() as T
  if ((session.answers?.size ?? 0) >= MOST_ANSWERS)
    throw new ValueFault(
      `more than ${MOST_ANSWERS} answers are waited for`,
      'its commands are other ones each time',
    )
  session.missing ??= { key, ask }
  throw new NotYet()
}

class NotYet extends Error {
  override message = 'this waits for its turn'
}

function within<T>(mode: typeof session, work: () => T): T {
  const before = session
  session = mode
  try {
    return work()
  } finally {
    session = before
  }
}

const tooLong = (ms: number): string => `it took longer than ${ms / 1000} s`
const TOO_MUCH = `it said more than ${MOST_BYTES / 1024 ** 2} MiB`

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function run({ command, args, input, limit = Infinity }: Program, watch: Watch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    running.add(child)
    const started = performance.now()
    const look = setInterval(() => {
      const late = watch.late() ?? (performance.now() - started > limit ? tooLong(limit) : undefined)
      if (watch.isInterrupted())
        leave(() => reject(new PlayError('interrupted', `stopped: ${command} still ran`)))
      else if (late !== undefined) answer(null, late)
    }, LOOK)
    const parts: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
    let bytes = 0
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (part: Buffer) => {
        bytes += part.length
        if (bytes > MOST_BYTES) answer(null, TOO_MUCH)
        else parts[name].push(part)
      })
    child.on('error', (error: NodeJS.ErrnoException) => answer(null, `it cannot be started (${error.code})`))
    child.on('close', (code) => answer(code))
    // One that reads nothing may have ended.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')

    function answer(code: number | null, fault?: string): void {
      const text = (name: 'stdout' | 'stderr') => Buffer.concat(parts[name]).toString()
      leave(() => resolve({ code, stdout: text('stdout'), stderr: text('stderr'), fault }))
    }

    function leave(settle: () => void): void {
      clearInterval(look)
      running.delete(child)
      child.kill('SIGKILL')
      // What it started may hold these open.
      child.stdout.destroy()
      child.stderr.destroy()
      settle()
    }
  })
}
