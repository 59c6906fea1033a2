import { SqlError } from '../../contract/errors.ts'
import type { Step, StepOutput } from '../../contract/plan.ts'
import { quoteWords } from '../../contract/quote.ts'
import type { Connection } from '../hosts/types.ts'
import type { AtWork } from './at-work.ts'
import { deadlineOf, isOver, secondsTo, TookTooLong } from './deadline.ts'
import { changeFiles, type FileStep, isFileStep } from './files/change.ts'
import { diskHint } from './files/hint.ts'
import { type FoundFile, readFile } from './files/read.ts'
import { issueCertificate } from './issue-certificate.ts'
import { StepError } from './step-error.ts'
import { nameOf, progressIn, withoutProgress } from './step-progress.ts'

export interface ApplyContext {
  connection: Connection
  /** The task's become user. */
  as?: string
  environment?: Readonly<Record<string, string>>
  /** Seconds the whole task may take. */
  timeout?: number
  /** When these are over, as performance.now() tells it; from the first step on when left out. */
  deadline?: number
  onProgress?: (line: string) => void
  /** A step begins. @returns who is told how far it is, and of its end */
  onStep?: (what: string) => AtWork
  /** Bytes that are kept of each stream of the user's own commands; all when left out. */
  keep?: number
  /** A file as the inspection found it: WriteFileStep.keeps. */
  found?: (path: string) => Promise<FoundFile | undefined>
  /** The last step, a command, stands in line behind the ones before it: RunOptions.onSent. */
  onSent?: () => void
}

/** Does the steps in order; the only place in `play` that changes a host. @throws {StepError} at the first that fails */
export async function applySteps(steps: readonly Step[], given: ApplyContext): Promise<StepOutput[]> {
  const context = { ...given, deadline: given.deadline ?? deadlineOf(given.timeout) }
  const outputs: StepOutput[] = []
  for (let at = 0; at < steps.length; ) {
    const step = steps[at]!
    const files = filesFrom(steps, at)
    let started = performance.now()
    const begin = () => {
      started = performance.now()
    }
    const onSent = at === steps.length - 1 ? context.onSent : undefined
    const work = context.onStep?.(nameOf(step))
    const done = (output: Applied = {}) => {
      const seconds = (performance.now() - started) / 1000
      outputs.push({ code: 0, stdout: '', stderr: '', ...output, seconds })
    }
    try {
      if (files.length > 0)
        await changeFiles(files, context.connection, context.as, {
          found: context.found,
          onDone: (count) => {
            for (let n = 0; n < count; n += 1) done()
          },
        })
      else done(await applyStep(step as Exclude<Step, FileStep>, context, { begin, onSent, work }))
      at += Math.max(1, files.length)
    } catch (error) {
      if (error instanceof StepError) throw new StepError(error.message, { outputs, ...error.fields })
      if (error instanceof SqlError) throw sqlStepError(error, step, outputs)
      throw error
    } finally {
      work?.end()
    }
  }
  return outputs
}

/** The steps from here on that change files: they travel together. */
function filesFrom(steps: readonly Step[], at: number): FileStep[] {
  const files: FileStep[] = []
  for (let step = steps[at]; step && isFileStep(step); step = steps[at + files.length]) files.push(step)
  return files
}

const leastOf = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)

type Applied = Partial<StepOutput>

async function applyStep(
  step: Exclude<Step, FileStep>,
  context: ApplyContext,
  { begin, onSent, work }: { begin: () => void; onSent?: () => void; work?: AtWork },
): Promise<Applied> {
  const { connection, as } = context
  const onProgress =
    context.onProgress &&
    ((line: string) => {
      work?.tell(line)
      context.onProgress?.(line)
    })
  switch (step.do) {
    case 'exec': {
      const said = await connection.exec(step.argv, {
        as: step.as ?? as,
        stdin: step.stdin,
        env: { ...context.environment, ...step.env },
        cwd: step.cwd,
        timeout: leastOf(step.timeout, secondsTo(context.deadline)),
        changes: true,
        uncut: step.uncut,
        keep: step.mayCut ? context.keep : undefined,
        onLine: step.progress
          ? (line) => {
              const told = progressIn(step, line)
              if (told !== undefined) onProgress?.(told)
            }
          : undefined,
        onBegin: begin,
        onSent,
      })
      const output = { ...said, stdout: withoutProgress(step, said.stdout) }
      if (output.code === 124 && isOver(context.deadline))
        throw new TookTooLong(context.timeout ?? 0, 'and was ended', {
          command: { argv: quoteWords(step.argv), ...output },
        })
      const ok = step.ok ?? [0]
      if (ok !== 'any' && !ok.includes(output.code))
        throw new StepError(
          `${step.title ?? `the command ${step.argv[0]}`} failed with exit code ${output.code}`,
          {
            command: { argv: quoteWords(step.argv), ...output },
            hint: step.hint ?? execHint(output.stderr + output.stdout),
          },
        )
      return output.cut ? { ...output, notes: cutNotes(output.cut) } : output
    }
    case 'sql': {
      const limits = { deadline: context.deadline, syncWait: step.syncWait, onWait: onProgress }
      const { rows, rowCount, notices, unconfirmed } = await connection.sql(step.on, step.text, step.values, {
        limits,
        alone: step.alone,
      })
      return {
        rows,
        rowCount,
        stderr: notices.join('\n'),
        ...(unconfirmed === undefined ? {} : { notes: [unconfirmed] }),
      }
    }
    case 'wait':
      await waitUntil(step, context)
      return {}
    case 'guard':
      return { notes: notesOf(await guarded(step, context)) }
    case 'issue_certificate':
      await issueCertificate(step, connection, as)
      return {}
  }
}

/** Which stream was cut, and by how much. */
const cutNotes = (cut: NonNullable<StepOutput['cut']>): string[] =>
  (['stdout', 'stderr'] as const).flatMap((name) =>
    cut[name] > 0 ? [`${cut[name]} bytes of ${name} were left out; --max-output keeps more`] : [],
  )

/** What the steps want the user to know, each once. */
export const notesOf = (outputs: readonly StepOutput[]): string[] => [
  ...new Set(outputs.flatMap(({ notes }) => notes ?? [])),
]

/** ms between two looks: short at first, for what is nearly there. */
const PAUSES = [20, 50, 100, 200]

async function waitUntil(step: Extract<Step, { do: 'wait' }>, given: ApplyContext): Promise<void> {
  const deadline = Math.min(deadlineOf(step.timeout)!, given.deadline ?? Infinity)
  const context = { ...given, deadline }
  let last = ''
  for (let look = 0; ; look += 1) {
    const state = await isReady(step, context)
    if (state === true) return
    last = state
    if (performance.now() >= deadline) throw new StepError(step.message, { details: last ? [last] : [] })
    await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(look, PAUSES.length - 1)]))
  }
}

/** true, or why not yet. */
async function isReady(
  step: Extract<Step, { do: 'wait' }>,
  { connection, as, deadline }: ApplyContext,
): Promise<true | string> {
  if ('argv' in step.ready) {
    const output = await connection.exec(step.ready.argv, { as: step.ready.as ?? as })
    return output.code === 0 || output.stderr.trim() || output.stdout.trim()
  }
  try {
    const { on, text, values } = step.ready
    const { rows } = await connection.sql(on, text, values, { readOnly: true, limits: { deadline } })
    return rows.length > 0 || 'not yet'
  } catch (error) {
    // The server may still be starting: its refusals are what is waited for to end. 57014: it is the deadline's end.
    if (error instanceof SqlError && /^(08|57P0|57014)/.test(error.code)) return error.message
    throw error
  }
}

/** Does the steps; with a complaint of `verify`, or a failed step, puts the files back as they were. */
async function guarded(step: Extract<Step, { do: 'guard' }>, context: ApplyContext): Promise<StepOutput[]> {
  const { connection, as } = context
  const written = step.steps.flatMap((inner) => (inner.do === 'write_file' ? [inner.path] : []))
  const saved = await snapshot(written, connection, as)
  // However late it is, it is put back.
  const putBack = (): Promise<StepOutput[]> =>
    applySteps([...saved.map(({ step }) => step).reverse(), ...(step.undo ?? [])], {
      ...context,
      found: async (path) => saved.find(({ step }) => step.path === path)?.file,
      deadline: undefined,
    })
  let outputs: StepOutput[]
  try {
    outputs = await applySteps(step.steps, context)
  } catch (error) {
    await putBack()
    throw error
  }
  const { on, text, values } = step.verify
  const complaints = (await connection.sql(on, text, values, { readOnly: true })).rows.map((row) =>
    String(Object.values(row)[0]),
  )
  if (complaints.length === 0) return outputs
  await putBack()
  throw new StepError('the server refuses the new configuration; the old one was put back', {
    details: complaints,
  })
}

/** What puts these files back as they are now. */
async function snapshot(
  paths: readonly string[],
  connection: Connection,
  as: string | undefined,
): Promise<{ step: FileStep; file?: FoundFile }[]> {
  return Promise.all(
    paths.map(async (path): Promise<{ step: FileStep; file?: FoundFile }> => {
      const file = await readFile(path, connection, as)
      if (file === null) return { step: { do: 'remove', path } }
      const { uid, gid, mode, content } = file
      const rights = { owner: String(uid), group: String(gid), mode }
      return { step: { do: 'write_file', path, content, ...rights, keeps: true }, file }
    }),
  )
}

function sqlStepError(error: SqlError, step: Step, outputs: readonly StepOutput[]): StepError {
  const details = [error.detail && `DETAIL: ${error.detail}`, error.hint && `HINT: ${error.hint}`].filter(
    (line) => !!line,
  )
  const statement = step.do === 'sql' && !step.sensitive ? [`STATEMENT: ${step.text}`] : []
  const what = step.title ? `${step.title}: ` : ''
  return new StepError(`${what}${error.message} (SQLSTATE ${error.code})`, {
    details: [...(details as string[]), ...statement],
    outputs,
    cause: error,
  })
}

function execHint(output: string): string | undefined {
  const disk = diskHint(output)
  if (disk) return disk
  const lock = /Could not get lock (\S+?)\.? It is held by process (\d+)(?: \(([^)]*)\))?/.exec(output)
  if (lock)
    return `Another package manager is at work: process ${lock[2]}${lock[3] ? ` (${lock[3]})` : ''} holds ${lock[1]}. Wait for it to end, or raise lock_timeout.`
  if (
    /Permission denied|Interactive authentication required|are you root\?|must be (?:super)?root/i.test(
      output,
    )
  )
    return 'Does the task need `become: true`?'
  return undefined
}
