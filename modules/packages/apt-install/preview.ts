import { bytesOf } from '../../../contract/bytes.ts'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { explainApt } from '../shared/explain.ts'
import { type PlannedSources, plannedSourcesKey } from '../shared/predictions.ts'
import { APT_PREVIEW_SCRIPT } from '../shared/scripts.ts'
import { NO_PATTERNS } from '../shared/steps.ts'

/**
 * The output of a simulated apt-get, with the package lists as they will be when the task runs: those on the host;
 * with `refresh`, as fetched now; with repositories that are only planned, these included. Nothing is written.
 * @throws {Refusal} in apt's words
 */
export async function simulate(
  host: HostReader,
  words: readonly string[],
  refresh: boolean,
): Promise<string> {
  const planned = host.predicted(plannedSourcesKey())
  const output = refresh || planned ? await preview(host, words, refresh, planned) : await direct(host, words)
  if (output.code === 0) return output.stdout
  const { lines, hint } = explainApt(`${output.stdout}\n${output.stderr}`)
  const failed =
    output.code === 91
      ? 'the package lists cannot be fetched'
      : `apt-get cannot ${words.filter((word) => !word.startsWith('-')).join(' ')}`
  throw new Refusal(`${failed}: ${lines.join('\n')}`, hint)
}

// Without a lock, and with its cache in memory only: neither waits for anything, and nothing is written.
const direct = (host: HostReader, words: readonly string[]) =>
  host.read(
    [
      'apt-get',
      '-s',
      '-y',
      '-o',
      'Debug::NoLocking=1',
      '-o',
      'Dir::Cache::pkgcache=',
      '-o',
      'Dir::Cache::srcpkgcache=',
      ...NO_PATTERNS,
      ...words,
    ],
    {
      env: { LC_ALL: 'C' },
    },
  )

function preview(host: HostReader, words: readonly string[], refresh: boolean, planned?: PlannedSources) {
  const fetch = refresh ? 'all' : planned && planned.sources.length > 0 ? 'planned' : 'none'
  const lines = [
    ...(planned?.removed ?? []).map((path) => `remove ${path}`),
    ...(planned?.keys ?? []).map(({ path, base64 }) => `put ${path} ${base64}`),
    ...(planned?.sources ?? []).map(({ path, text }) => `source ${path} ${bytesOf(text).toString('base64')}`),
  ]
  const stdin = lines.map((line) => `${line}\n`).join('')
  return host.read(['sh', '-c', APT_PREVIEW_SCRIPT, 'play', fetch, ...NO_PATTERNS, ...words], { stdin })
}
