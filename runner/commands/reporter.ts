import type { Options } from '../cli.ts'
import type { Reporter } from '../report/events.ts'
import { jsonlReporter } from '../report/jsonl.ts'
import { textReporter } from '../report/text.ts'

/** Where the options want the events to go. */
export function reporterFor(options: Options): Reporter {
  if (options.output === 'jsonl') return jsonlReporter(process.stdout)
  const color = options.color ?? (process.stdout.isTTY === true && !process.env.NO_COLOR)
  const { verbosity, diff, check } = options
  return textReporter({ out: process.stdout, color, verbosity, diff, check, width: process.stdout.columns })
}
