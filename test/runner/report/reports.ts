import { Writable } from 'node:stream'
import type { Event, HostRecap, Reporter, TaskResult } from '../../../runner/report/events.ts'

/** A writable that keeps what it gets. */
export class Sink extends Writable {
  text = ''
  isTTY?: boolean
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

export const result = (fields: Partial<TaskResult>): TaskResult => ({
  event: 'task_result',
  play: 'all',
  task: 'a task',
  kind: 'task',
  module: 'file',
  host: 'vm1',
  item: null,
  status: 'ok',
  changes: [],
  duration_ms: 1.5,
  ...fields,
})

export const counts = (fields: Partial<HostRecap> = {}): HostRecap => ({
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  unknown: 0,
  ...fields,
})

/** What a reporter writes for some events. */
export async function written(make: (out: Sink) => Reporter, events: readonly Event[]): Promise<string> {
  const sink = new Sink()
  const reporter = make(sink)
  for (const event of events) reporter.report(event)
  await reporter.close()
  return sink.text
}
