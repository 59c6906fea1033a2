import { Unknown } from '../../contract/unknown.ts'
import type { Event, Reporter } from '../report/events.ts'
import type { Guard } from '../run/fleet.ts'
import { type Action, actionOf } from './actions.ts'
import type { Digester } from './digest.ts'
import type { PlannedPlay, PlannedTask } from './plan-file.ts'

/**
 * Keeps what a check finds, while passing its events on. Stands behind the masking reporter: it sees no secret there. As a guard it is
 * told all that is to be done, and keeps digests of that.
 */
export class PlanCollector implements Reporter {
  readonly tasks: PlannedTask[] = []
  readonly plays: PlannedPlay[] = []
  readonly actions: Action[] = []
  constructor(
    readonly next: Reporter | undefined,
    readonly digester: Digester,
  ) {}

  guard: Guard = async (task, plan, doing) => {
    this.actions.push(await actionOf(task, plan, doing, this.digester))
  }

  report(event: Event): void {
    this.next?.report(event)
    if (event.event === 'play_start') {
      const { play, hosts, batch } = event
      this.plays.push({ play, hosts: [...hosts].sort(), ...(batch ? { batch } : {}) })
    }
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
