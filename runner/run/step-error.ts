import type { StepOutput } from '../../contract/plan.ts'

/** The command behind a failed step, for the report. */
export interface FailedCommand {
  argv: string
  code: number
  stdout: string
  stderr: string
}

/** A step that did not do what it should. Steps before it were done and stay done. */
export class StepError extends Error {
  override name = 'StepError'
  constructor(
    message: string,
    readonly fields: {
      command?: FailedCommand
      hint?: string
      details?: readonly string[]
      /** What the steps before it gave. */
      outputs?: readonly StepOutput[]
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: fields.cause })
  }
}
