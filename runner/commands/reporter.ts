import type { Options } from '../cli.ts'
import type { Reporter } from '../report/events.ts'
import { jsonlReporter } from '../report/jsonl.ts'
import { textReporter } from '../report/text.ts'

/** Where the options want the events to go. */
export function reporterFor(options: Options): Reporter {
  if (options.output === 'jsonl') return jsonlReporter(process.stdout)
  const { verbosity, diff, check, settings } = options
  const { display_ok_hosts, display_skipped_hosts } = settings.values
  return textReporter({
    ...{ out: process.stdout, verbosity, diff, check, width: process.stdout.columns },
    color: options.color ?? process.stdout.isTTY === true,
    hides: [
      ...(display_ok_hosts ? [] : ['ok' as const]),
      ...(display_skipped_hosts ? [] : ['skipped' as const]),
    ],
  })
}
