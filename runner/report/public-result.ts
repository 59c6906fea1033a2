import type { Change } from '../../contract/plan.ts'
import type { TaskResult } from './events.ts'

export const HIDDEN = '(hidden)'

/** What may be shown of a result: nothing but its status under `no_log`, no value of a sensitive change. */
export function publicResult(event: TaskResult): TaskResult {
  const changes = event.changes.map(publicChange)
  if (!event.no_log) return { ...event, changes }
  const { result: _result, notes: _notes, command: _command, error, message, ...rest } = event
  const hidden = 'hidden by no_log'
  return {
    ...rest,
    changes: [],
    ...(message === undefined ? {} : { message: hidden }),
    ...(error === undefined
      ? {}
      : { error: { code: error.code, message: hidden, details: [], at: error.at } }),
  }
}

function publicChange(change: Change): Change {
  if (!change.sensitive) return change
  const hide = (value: unknown) => (value === null ? null : HIDDEN)
  return { ...change, text: false, before: hide(change.before), after: hide(change.after) }
}
