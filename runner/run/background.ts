import { randomInt } from 'node:crypto'
import { Refusal } from '../../contract/errors.ts'
import type { Step, StepOutput } from '../../contract/plan.ts'
import {
  type Job,
  LOOK_AT_JOB,
  REMOVE_JOB,
  readJob,
  START_JOB,
} from '../../modules/commands/async-status/scripts.ts'
import { PlayError } from '../errors.ts'
import type { Connection } from '../hosts/types.ts'
import { pause } from '../timers.ts'
import { type ApplyContext, applySteps } from './apply.ts'
import { StepError } from './step-error.ts'
import { nameOf } from './step-progress.ts'

export interface Background {
  /** Seconds that the job may take. */
  limit: number
  /** Seconds between two looks; 0: nobody waits. */
  poll: number
  /** The connection, or a new one where it was lost. */
  reconnect: () => Promise<Connection>
  interrupted: () => boolean
}

/** What `register` receives of a job that nobody waits for. */
export interface Started {
  ansible_job_id: string
  results_file: string
  started: true
  finished: boolean
}

/**
 * Does the steps with the last command as a job of the host, which goes on when the connection is lost, and is ended when
 * it takes too long. Steps before it are done at once, and those behind it when it has ended. Where nobody waits for that,
 * all are done at once, and the job has ended when it begins.
 * @throws {Refusal} where nobody waits for the end of a command of the user's, behind which something is to be done
 */
export async function applyInBackground(
  steps: readonly Step[],
  context: ApplyContext,
  background: Background,
): Promise<{ outputs: StepOutput[]; started?: Started }> {
  const id = `j${randomInt(10 ** 11, 10 ** 12)}.${process.pid}`
  const at = steps.findLastIndex((step) => step.do === 'exec')
  const own = steps[at]
  const isLast = at === steps.length - 1
  if (own?.do === 'exec' && own.mayCut && !isLast && background.poll === 0)
    throw new Refusal(
      `with poll: 0 nobody waits for the end of the command, behind which is to be done: ${steps
        .slice(at + 1)
        .map(nameOf)
        .join(', ')}`,
      'write poll: 5, or copy the file and run it by command',
    )
  const last = own?.do === 'exec' && (isLast || background.poll > 0) ? own : undefined
  const before = last ? steps.slice(0, at) : steps
  const behind = last ? steps.slice(at + 1) : []
  const argv = last?.argv ?? ['true']
  const start: Step = {
    ...(last ?? { do: 'exec' }),
    argv: ['sh', '-c', START_JOB, 'play', id, String(Math.ceil(background.limit)), ...argv],
    ok: [0],
  }
  const outputs = await applySteps([...before, start], context)
  const results_file = outputs.at(-1)!.stdout.trim()
  const as = last?.as ?? context.as
  if (background.poll === 0) {
    return { outputs, started: { ansible_job_id: id, results_file, started: true, finished: !last } }
  }
  const job = await ended(id, as, context.connection, background)
  if (!last) return { outputs: outputs.slice(0, -1) }
  const done = outputs.slice(0, -1)
  const ok = last.ok ?? [0]
  // However the user's own command ends, what it leaves is taken away.
  const after = ok === 'any' || ok.includes(job.code!) ? await applySteps(behind, context) : []
  if (job.code === 124 && job.seconds >= Math.floor(background.limit))
    throw new StepError(`it took longer than the ${background.limit} s that async allows, and was ended`, {
      outputs: done,
      command: { argv: argv.join(' '), ...job, code: 124 },
    })
  const output = { code: job.code!, stdout: job.stdout, stderr: job.stderr, seconds: job.seconds }
  if (ok !== 'any' && !ok.includes(output.code))
    throw new StepError(`${last.title ?? argv[0]} failed with exit code ${output.code}`, {
      outputs: done,
      command: { argv: argv.join(' '), ...output },
    })
  return { outputs: [...done, output, ...after] }
}

/** Looks until the job has ended, over a new connection where the old one is lost, and takes away what it left. */
async function ended(
  id: string,
  as: string | undefined,
  first: Connection,
  { limit, poll, reconnect, interrupted }: Background,
): Promise<Job> {
  // What kills a job that takes too long has ten seconds for it.
  const end = performance.now() + (limit + 10 + poll) * 1000
  let connection = first
  for (;;) {
    try {
      const { stdout } = await connection.exec(['sh', '-c', LOOK_AT_JOB, 'play', id], { as })
      const job = readJob(stdout)
      if (!job) throw new StepError(`the job ${id} is gone from the host`, {})
      if (job.code !== undefined) {
        await connection.exec(['sh', '-c', REMOVE_JOB, 'play', id], { as })
        return job
      }
    } catch (error) {
      if (!(error instanceof PlayError && error.code === 'unreachable') || performance.now() > end)
        throw error
      connection = await reconnect().catch(() => connection)
    }
    if (interrupted())
      throw new PlayError('interrupted', `stopped; the job ${id} goes on, ${limit} s at most`)
    if (performance.now() > end) throw new StepError(`the job ${id} did not end in ${limit} s`, {})
    await pause(poll, interrupted)
  }
}
