import type { Writable } from 'node:stream'
import { jsonText } from '../../contract/exact-json.ts'
import { Unknown } from '../../contract/unknown.ts'
import type { Event, Reporter } from './events.ts'
import { Output } from './output.ts'
import { publicResult } from './public-result.ts'

/** One JSON object a line, `event` first; docs/output.md lists the fields. The recap is the last line. */
export function jsonlReporter(out: Writable): Reporter {
  const output = new Output(out)
  return {
    report(event) {
      if (event.event !== 'at_work') output.write(`${line(event)}\n`)
    },
    close: () => output.close(),
  }
}

function line(event: Event): string {
  const shown = event.event === 'task_result' ? publicResult(event) : event
  const { event: name, ...fields } = shown
  return jsonText({ event: name, ...fields }, undefined, plain)
}

/** @param this the object that holds the value, before toJSON of Buffer and Date changed it */
function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key]
  if (raw instanceof Unknown) return { unknown: raw.why }
  if (raw instanceof Uint8Array) return Buffer.from(raw).toString()
  // Strict JSON has no word for it.
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}
