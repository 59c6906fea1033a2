import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Recap, TaskResult } from '../../runner/report/events.ts'
import { command, type Ran, type RunOptions, root } from './command.ts'

/** The lab's inventory: the repository's own, or the copy of a lab with another name (PLAY_LAB_NAME). */
export const inventory = execFileSync(join(root, 'lab/lab'), ['inventory'], { encoding: 'utf8' }).trim()

/** Where the lab keeps its keys, and the first three numbers of its network. */
export const labState = join(
  process.env.PLAY_LAB_STATE ?? join(root, 'lab/.state'),
  process.env.PLAY_LAB_NAME ?? 'play',
)
export const network = process.env.PLAY_LAB_NETWORK ?? '10.15.0'

/** The major version of PostgreSQL that the lab's inventory says: Debian 12 has 15, Debian 13 (PLAY_LAB_RELEASE=trixie) 17. */
export const postgresql = process.env.PLAY_LAB_RELEASE === 'trixie' ? 17 : 15

export { command, type Ran, type RunOptions, root }

/** The built `play`, as a user runs it. */
export const play = (args: readonly string[], options?: RunOptions): Promise<Ran> =>
  command([process.execPath, join(root, 'dist/play.js'), ...args], options)

export interface Played extends Ran {
  results: TaskResult[]
  recap: Recap
}

/** `play` with --output jsonl, its events parsed. */
export async function playJson(args: readonly string[], options?: RunOptions): Promise<Played> {
  const ran = await play([...args, '--output', 'jsonl'], options)
  const events = ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  return {
    ...ran,
    results: events.filter((event) => event.event === 'task_result'),
    recap: events.find((event) => event.event === 'recap'),
  }
}

/** `host: task` (and item) of every result with that status, sorted: what a test compares. */
export const named = (played: Played, status: TaskResult['status']): string[] =>
  played.results
    .filter((result) => result.status === status)
    .map((result) => `${result.host}: ${result.task}${result.item === null ? '' : ` (${result.item})`}`)
    .sort()

/** A command on a lab host, as root. */
export const onHost = async (host: string, text: string): Promise<string> => {
  const ran = await command(['lab/lab', 'ssh', host, `sudo sh -c ${quote(text)}`])
  if (ran.code !== 0) throw new Error(`on ${host}: ${text}: exit ${ran.code}: ${ran.stderr}${ran.stdout}`)
  return ran.stdout.trim()
}

/** A query on a lab host's cluster, unaligned, without headings. */
export const sqlOn = (host: string, text: string, db = 'postgres'): Promise<string> =>
  onHost(host, `cd / && sudo -u postgres psql -XAtq -v ON_ERROR_STOP=1 -d ${quote(db)} -c ${quote(text)}`)

export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Waits until `look` answers true. @throws after `seconds`, with what was seen last */
export async function eventually(
  what: string,
  look: () => Promise<boolean | string>,
  seconds = 30,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  for (let last: boolean | string = false; ; ) {
    last = await look()
    if (last === true) return
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}; last seen: ${last}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
