import { compare } from '../accuracy/compare.ts'
import { named, type Played, playJson, type RunOptions } from '../support/play.ts'

/** One role, played on bare hosts: in a check, for real, and again. */
export interface ThreeRuns {
  /** Statuses of tasks, hosts and items that were compared. */
  results: number
  /** Changes of the check, of the run, and of the run after it. */
  foretold: number
  made: number
  again: number
  /** What the check could not know, and said so. */
  unknown: number
  /** Where the check said what the run did not do, and all that failed; in words. Empty: all is well. */
  problems: string[]
}

/** @param args of `play`, which name the playbook */
export async function threeRuns(args: readonly string[], options: RunOptions): Promise<ThreeRuns> {
  const check = await playJson([...args, '--check'], options)
  const problems = failed('check', check)
  const run = await playJson(args, options)
  problems.push(...failed('run', run))
  const again = run.code === 0 ? await playJson(args, options) : undefined
  if (again !== undefined) problems.push(...failed('again', again))
  const { total, misses } = compare(check.results ?? [], run.results ?? [])
  const wrong = misses.filter((miss) => miss.check !== 'unknown')
  for (const miss of wrong)
    problems.push([`${miss.what}: ${miss.check} → ${miss.run}`, ...miss.messages].join(': '))
  const changedAgain = again === undefined ? [] : named(again, 'changed')
  problems.push(...changedAgain.map((what) => `again: ${what}: changed`))
  return {
    results: total,
    foretold: named(check, 'changed').length,
    made: named(run, 'changed').length,
    again: changedAgain.length,
    unknown: misses.length - wrong.length,
    problems,
  }
}

const failed = (what: string, { code, stdout, stderr, results }: Played): string[] =>
  code === 0
    ? []
    : [
        `${what}: exit ${code}`,
        ...stderr.trim().split('\n'),
        ...(results.length === 0 ? stdout.trim().split('\n') : []),
        ...results
          .filter(({ status, ignored }) => (status === 'failed' || status === 'unreachable') && !ignored)
          .map(({ task, host, message, error }) => `${what}: ${task}: ${host}: ${error?.message ?? message}`),
      ].filter(Boolean)
