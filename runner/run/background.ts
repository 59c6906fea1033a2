import { randomInt } from 'node:crypto'
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
 * it takes too long. Steps before it are done at once. Where the last step is no command all are, and the job has ended when
 * it begins.
 */
export async function applyInBackground(
  steps: readonly Step[],
  context: ApplyContext,
  background: Background,
): Promise<{ outputs: StepOutput[]; started?: Started }> {
  const id = `j${randomInt(10 ** 11, 10 ** 12)}.${process.pid}`
  const last = steps.at(-1)!
  const before = last.do === 'exec' ? steps.slice(0, -1) : steps
  const argv = last.do === 'exec' ? last.argv : ['true']
  const start: Step = {
    ...(last.do === 'exec' ? last : { do: 'exec' }),
    argv: ['sh', '-c', START_JOB, 'play', id, String(Math.ceil(background.limit)), ...argv],
    ok: [0],
  }
  const outputs = await applySteps([...before, start], context)
  const results_file = outputs.at(-1)!.stdout.trim()
  const as = last.do === 'exec' ? (last.as ?? context.as) : context.as
  if (background.poll === 0) {
    const finished = last.do !== 'exec'
    return { outputs, started: { ansible_job_id: id, results_file, started: true, finished } }
  }
  const job = await ended(id, as, context.connection, background)
  if (last.do !== 'exec') return { outputs: outputs.slice(0, -1) }
  if (job.code === 124 && job.seconds >= Math.floor(background.limit))
    throw new StepError(`it took longer than the ${background.limit} s that async allows, and was ended`, {
      outputs: outputs.slice(0, -1),
      command: { argv: argv.join(' '), ...job, code: 124 },
    })
  const output = { code: job.code!, stdout: job.stdout, stderr: job.stderr, seconds: job.seconds }
  const ok = last.ok ?? [0]
  if (ok !== 'any' && !ok.includes(output.code))
    throw new StepError(`${last.title ?? argv[0]} failed with exit code ${output.code}`, {
      outputs: outputs.slice(0, -1),
      command: { argv: argv.join(' '), ...output },
    })
  return { outputs: [...outputs.slice(0, -1), output] }
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
