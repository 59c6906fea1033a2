import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, type Played, playJson } from '../support/play.ts'
import { compare } from './compare.ts'
import { isSettled, playbookOf, type Tuple } from './tuples.ts'

const HOST = 'vm1'

/** The cluster that the tuples work on, made where it is not there. */
export const prepareTuples = (): Promise<void> =>
  onHost('pg_lsclusters -h 15 tuple >/dev/null 2>&1 || pg_createcluster 15 tuple --port 5499 --start')

export const endTuples = (): Promise<void> => onHost('pg_dropcluster --stop 15 tuple')

/** What was found wrong, in lines: the check, or the check of the run again, did not foretell; or the run again changed. */
export async function judgeTuple(
  tuple: Tuple,
  inventory: string,
): Promise<{ total: number; lines: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'play-tuple-'))
  const path = join(folder, 'tuple.yaml')
  writeFileSync(path, playbookOf(tuple, HOST))
  const play = (...more: string[]): Promise<Played> => playJson([path, '-i', inventory, ...more])
  try {
    await onHost(`{ ${tuple.subject.clean}\n} >/dev/null 2>&1; ${tuple.start}`)
    const [check, run, checkAgain, again] = [
      await play('--check'),
      await play(),
      await play('--check'),
      await play(),
    ]
    const lines = [...disagreements(check, run, ''), ...disagreements(checkAgain, again, 'again: ')]
    const restless = again.results.filter(({ status }) => status === 'changed')
    // What failed for want of a later task may be done the second time.
    const isWhole = run.results.every(({ status }) => status !== 'failed')
    if (isWhole && isSettled(tuple.moves)) lines.push(...restless.map(({ task }) => `CHANGED AGAIN ${task}`))
    return { total: check.results.length + checkAgain.results.length, lines }
  } finally {
    await onHost(`{ ${tuple.subject.clean}\n} >/dev/null 2>&1; true`)
    rmSync(folder, { recursive: true })
  }
}

/** Unknown is an answer: what hangs on what the run alone can know. */
function disagreements(check: Played, run: Played, when: string): string[] {
  if (check.results.length === 0) return [`${when}NO RESULTS: ${check.stderr.trim()}`]
  return compare(check.results, run.results)
    .misses.filter((miss) => miss.check !== 'unknown')
    .map(
      ({ what, check: said, run: did, messages }) =>
        `${when}MISS ${what}: check ${said ?? 'nothing'}, run ${did ?? 'nothing'}${messages.map((m) => `\n        ${m}`).join('')}`,
    )
}

async function onHost(text: string): Promise<void> {
  const { code, stderr } = await command(['lab/lab', 'exec', HOST, 'sh', '-c', text])
  if (code !== 0) throw new Error(`${text}: ${stderr.trim()}`)
}
