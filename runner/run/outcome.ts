import { Refusal, SqlError } from '../../contract/errors.ts'
import type { Addition } from '../../contract/module.ts'
import type { Change } from '../../contract/plan.ts'
import { UnknownError, unknownBut } from '../../contract/unknown.ts'
import type { World } from '../../contract/world.ts'
import { PlayError, PlayErrors, type Pos } from '../errors.ts'
import { excerpt } from '../load/excerpt.ts'
import type { Expression, Vars } from '../load/types.ts'
import type { Status, TaskResult } from '../report/events.ts'
import { type FailedCommand, StepError } from './step-error.ts'

/** What became of a task, or of one item of its loop, on one host. */
export interface Outcome {
  status: Status
  changes: Change[]
  /** What `register` receives. */
  result: Vars
  message?: string
  error?: NonNullable<TaskResult['error']>
  command?: FailedCommand
  notes?: string[]
  warnings?: string[]
  ignored?: boolean
  attempts?: number
  /** What it adds to the inventory. */
  additions?: Addition[]
}

/** @param registered the reason as tasks that come after see it */
export const skippedOutcome = (reason: string, registered = reason): Outcome => ({
  status: 'skipped',
  changes: [],
  result: { changed: false, skipped: true, skip_reason: registered },
  message: reason,
})

/** `when` says no: in Ansible's words for those who look. */
export const unwanted = (condition?: Expression): Outcome =>
  skippedOutcome(
    `the condition was false${condition ? `: ${condition.text}` : ''}`,
    'Conditional result was False',
  )

/**
 * The failure of a task, from whatever was thrown. Anything that is not ours is a bug, and is shown with its stack. What only the run
 * will know is no failure.
 */
export function failedOutcome(error: unknown, changes: Change[] = []): Outcome {
  if (error instanceof UnknownError) {
    const result = unknownBut({ changed: false, failed: false, unknown: true }, error.message)
    return { status: 'unknown', changes: [], result, message: error.message }
  }
  const base = describe(error)
  const status: Status = error instanceof PlayError && UNREACHABLE.has(error.code) ? 'unreachable' : 'failed'
  const command = error instanceof StepError ? error.fields.command : undefined
  const result: Vars = { changed: changes.length > 0, failed: true, msg: base.message }
  if (status === 'unreachable') result.unreachable = true
  if (command) Object.assign(result, { rc: command.code, stdout: command.stdout, stderr: command.stderr })
  return { status, changes, result, message: base.message, error: base, command }
}

/** A variable that is missing where a task that is unknown may have set it: that is unknown too. */
export function orUnknown(error: unknown, { anyVariable }: World): unknown {
  const isMissing = error instanceof PlayError && error.code === 'variable'
  return isMissing && anyVariable !== undefined
    ? new UnknownError(`${anyVariable} (${error.message})`)
    : error
}

export const placeOf = ({ file, line, col }: Pos): string => `${file}:${line}:${col}`

const UNREACHABLE = new Set(['unreachable', 'host_key', 'auth'])

/** What stands in a text of the user's: its line is shown. */
const EVALUATED: ReadonlySet<string> = new Set(['template', 'variable', 'condition'])

function describe(error: unknown): NonNullable<TaskResult['error']> {
  if (error instanceof PlayErrors && error.errors.length > 0) {
    const [first, ...more] = error.errors as [PlayError, ...PlayError[]]
    const { details = [], ...one } = describe(first)
    return { ...one, details: [...details, ...more.flatMap(linesOf)] }
  }
  if (error instanceof PlayError) {
    const { code, message, hint, details, pos } = error
    const at = pos && placeOf(pos)
    const lines = pos && EVALUATED.has(code) ? excerpt(pos) : []
    return { code, message, hint, details, at, ...(lines.length > 0 ? { excerpt: lines } : {}) }
  }
  if (error instanceof Refusal)
    return { code: 'task', message: error.message, hint: error.hint, details: error.details }
  if (error instanceof StepError)
    return {
      code: 'task',
      message: error.message,
      hint: error.fields.hint,
      details: error.fields.details ?? [],
    }
  if (error instanceof SqlError) {
    const details = [
      error.detail && `DETAIL: ${error.detail}`,
      error.statement && `STATEMENT: ${error.statement}`,
    ]
    const message = `${error.message} (SQLSTATE ${error.code})`
    return {
      code: 'sql',
      message,
      hint: error.hint,
      details: details.filter((line): line is string => !!line),
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    code: 'internal',
    message: `a fault in play itself: ${error instanceof Error ? error.message : error}`,
    hint: 'Please report it with the lines below.',
    details: stack.split('\n'),
  }
}

/** One of several errors, below the first. */
const linesOf = ({ message, hint, pos }: PlayError): string[] => [
  `${pos ? `${placeOf(pos)}: ` : ''}${message}`,
  ...(hint ? [`  hint: ${hint}`] : []),
]

/** The whole of a loop, as Ansible registers it: results, each with its item, and changed, failed, skipped over them. */
export function combineLoop(outcomes: readonly Outcome[], items: readonly Vars[]): Outcome {
  const has = (status: Status) => outcomes.some((outcome) => outcome.status === status && !outcome.ignored)
  const status: Status = has('unreachable')
    ? 'unreachable'
    : has('failed')
      ? 'failed'
      : has('unknown')
        ? 'unknown'
        : has('changed')
          ? 'changed'
          : outcomes.length > 0 && outcomes.every((outcome) => outcome.status === 'skipped')
            ? 'skipped'
            : 'ok'
  // Ignored or not, as Ansible has it: the tasks after it ask.
  const failed = outcomes.some((outcome) => outcome.status === 'failed')
  const skipped = outcomes.length === 0 || status === 'skipped'
  const msg = failed ? 'One or more items failed' : `All items ${skipped ? 'skipped' : 'completed'}`
  return {
    status: outcomes.length === 0 ? 'skipped' : status,
    changes: outcomes.flatMap((outcome) => outcome.changes),
    additions: outcomes.flatMap((outcome) => outcome.additions ?? []),
    result: {
      results: outcomes.map((outcome, index) => ({ ...outcome.result, ...items[index] })),
      changed: outcomes.some((outcome) => outcome.result.changed === true),
      failed,
      skipped,
      ...(outcomes.length === 0 ? { skipped_reason: 'No items in the list' } : { msg }),
    },
    // One that is ignored does not excuse another.
    ignored: status !== 'failed' && status !== 'unreachable' && outcomes.some((outcome) => outcome.ignored),
  }
}
