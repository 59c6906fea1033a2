import type { UnknownError } from '../../contract/unknown.ts'
import type { ConnectionSpec } from '../hosts/types.ts'
import type { Scope } from '../load/scope.ts'
import type { Expression, Task, Template } from '../load/types.ts'
import type { Inherited } from './inherit.ts'
import { numberOf, timeoutOf } from './keyword-value.ts'

/** Where, as whom and how a plan is about to be done, or would be. */
export interface Doing {
  module: string
  /** Rendered, and parsed by the module. */
  params: unknown
  spec: ConnectionSpec
  /** The operating-system user. */
  user: string
  /** An error where only the run will know it. */
  environment: Readonly<Record<string, string>> | UnknownError
  /** What else the task is told, by keyword: how often and how long it is tried, and what counts as its failure. */
  keywords: Readonly<Record<string, unknown>>
  /** Nothing is done now. */
  check: boolean
}

/** @throws {PlayError} {UnknownError} */
export function keywordsOf(task: Task, inherited: Inherited, scope: Scope): Doing['keywords'] {
  const { until, changedWhen, failedWhen } = task
  const { ignoreErrors, ignoreUnreachable, anyErrorsFatal, throttle } = inherited
  const retried = until && {
    until: until.map(({ text }) => text),
    retries: numberOf('retries', task.retries, scope),
    delay: numberOf('delay', task.delay, scope),
  }
  return {
    ...retried,
    timeout: timeoutOf(task.timeout, scope),
    async: numberOf('async', task.async, scope),
    poll: numberOf('poll', task.poll, scope),
    changed_when: asWritten(changedWhen),
    failed_when: asWritten(failedWhen),
    ignore_errors: asWritten(ignoreErrors),
    ignore_unreachable: asWritten(ignoreUnreachable),
    any_errors_fatal: asWritten(anyErrorsFatal),
    throttle: asWritten(throttle),
  }
}

type Written = undefined | boolean | number | Expression | Template

/** Without its place. */
export function asWritten(value: Written | Expression[]): unknown {
  if (Array.isArray(value)) return value.map(asWritten)
  if (typeof value !== 'object') return value
  return 'text' in value ? value.text : value.template
}
