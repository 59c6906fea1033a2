import * as z from 'zod'
import { withoutLineEnds } from '../../../contract/ends.ts'
import { Refusal } from '../../../contract/errors.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, param, text } from '../../../contract/params.ts'
import { readScripts } from '../../../contract/read-commands.ts'
import { type Job, LOOK_AT_JOB, REMOVE_JOB, readJob } from './scripts.ts'

const params = z.strictObject({
  jid: param(
    text({ expected: 'the id of a job', fits: /^[A-Za-z0-9.]+$/ }),
    'The `ansible_job_id` that a task with `async` and `poll: 0` registered.',
    { example: '{{ backup.ansible_job_id }}' },
  ),
  mode: param(
    choice('status', 'cleanup').default('status'),
    '`cleanup` takes away what the job left on the host.',
  ),
})
type Params = z.infer<typeof params>

/** How a job stands that runs by itself. Ansible's `async_status`. */
export const asyncStatusModule = defineModule<Params, Job | null>({
  name: 'async_status',
  summary: 'Look at a job that async started',
  reads: [readScripts(LOOK_AT_JOB)],
  params,
  async inspect(host, { jid }) {
    // A job goes on while nothing else changes.
    host.waiting()
    const { stdout } = await host.read(['sh', '-c', LOOK_AT_JOB, 'play', jid])
    return readJob(stdout)
  },
  plan(job, { jid, mode }) {
    if (mode === 'status') {
      if (job) return { changes: [], steps: [] }
      throw new Refusal(
        `there is no job ${jid} on this host`,
        'it is kept for a day, for the user that started it',
      )
    }
    if (!job) return { changes: [], steps: [] }
    return {
      changes: [{ path: `job ${jid}`, before: job.folder, after: null }],
      steps: [{ do: 'exec', argv: ['sh', '-c', REMOVE_JOB, 'play', jid], title: 'rm' }],
    }
  },
  result: ({ state, params: { jid, mode } }) =>
    mode === 'cleanup' || !state
      ? { erased: state?.folder ?? '', ansible_job_id: jid }
      : statusOf(state, jid),
})

function statusOf(job: Job, jid: string) {
  const { folder, code, stdout, stderr } = job
  const known = { ansible_job_id: jid, results_file: folder, started: true, finished: code !== undefined }
  if (code === undefined) return { ...known, stdout: '', stderr: '', stdout_lines: [], stderr_lines: [] }
  const [out, err] = [withoutLineEnds(stdout), withoutLineEnds(stderr)]
  const lines = (said: string) => (said === '' ? [] : said.split(/\r?\n/))
  return {
    ...known,
    ...{ rc: code, stdout: out, stderr: err },
    ...{ stdout_lines: lines(out), stderr_lines: lines(err), delta: job.seconds },
    ...(code === 0 ? {} : { failed: true, msg: failureOf(code) }),
  }
}

/** 124: `timeout` ended it (timeout(1)). */
const failureOf = (code: number): string =>
  code === 124 ? 'the job took longer than async allows, and was ended' : `non-zero return code ${code}`
