import { Unknown } from '../../contract/unknown.ts'
import type { Event, Reporter } from '../report/events.ts'
import type { PlannedTask } from './plan-file.ts'

/** Keeps what a check finds, while passing its events on. Stands behind the masking reporter: it sees no secret. */
export class PlanCollector implements Reporter {
  readonly tasks: PlannedTask[] = []
  constructor(readonly next?: Reporter) {}

  report(event: Event): void {
    this.next?.report(event)
    if (event.event !== 'task_result' || event.kind === 'facts') return
    const { play, task, host, item, module, status, message } = event
    if (status === 'ok' || status === 'skipped') return
    const changes = event.changes.map((change) =>
      change.sensitive
        ? { ...change, before: null, after: null }
        : { ...change, before: plain(change.before), after: plain(change.after) },
    )
    this.tasks.push({
      play,
      task,
      host,
      item,
      module,
      status,
      changes,
      ...(message === undefined ? {} : { message }),
    })
  }

  close = async (): Promise<void> => {}
}

/** As it will be read back from the file. */
function plain(value: unknown): unknown {
  if (value === undefined) return null
  const text = JSON.stringify(value, (_key, inner) => {
    if (inner instanceof Unknown) return { unknown: inner.why }
    return typeof inner === 'bigint' ? inner.toString() : inner
  })
  return text === undefined ? null : JSON.parse(text)
}
