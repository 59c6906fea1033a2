import { parseArgs } from 'node:util'
import { command, named, type Played, playJson } from '../support/play.ts'
import { snapshot } from '../support/snapshot.ts'
import { compare } from './compare.ts'
import { type Act, type Drift, drifts, pairsOf } from './drifts.ts'
import { endTuples, judgeTuple, prepareTuples } from './judge-tuple.ts'
import { tuplesOf } from './tuples.ts'

/**
 * Is check mode exact? Brings the lab into each scenario's state, asks `--check`, then does the real run, and
 * compares what both say of each task, host and item. Also: the check leaves every host as it was, and a second
 * run has nothing to do. Exit code 1 unless all of it holds.
 */
const HELP = `npm run check-accuracy -- [--only NAME]... [--list] [--pairs COUNT] [--tuples COUNT] [--seed NUMBER]
  --only NAME      this scenario alone; * stands for any letters; may be given several times
  --pairs COUNT    also that many pairs of drifts, chosen by the seed (default 0, seed 1)
  --tuples COUNT   also that many playbooks of a few random tasks that touch the same thing (default 20)
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const HOSTS = ['vm1', 'vm2', 'vm3', 'vm4']
const BARE: Drift = { name: 'bare', apply: [] }
const CONVERGED: Drift = { name: 'converged', apply: [] }

const { values: asked } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    pairs: { type: 'string', default: '0' },
    tuples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  const all = [BARE, CONVERGED, ...drifts, ...pairsOf(drifts, Number(asked.pairs), Number(asked.seed))]
  const isChosen = ({ name }: { name: string }) => asked.only?.some((glob) => matches(glob, name)) ?? true
  const chosen = all.filter(isChosen)
  const tuples = tuplesOf(Number(asked.tuples), Number(asked.seed)).filter(isChosen)
  if (asked.list) return void say([...chosen, ...tuples].map(({ name }) => name).join('\n'))
  if (chosen.length + tuples.length === 0) throw new Error('no scenario has that name; --list shows them all')

  const inventory = (await lab(['inventory'])).trim()
  const site = ['playbooks/demo.yaml', '-i', inventory]
  if (chosen.length > 0 && chosen[0] !== BARE) await converge(site)
  const sum = { total: 0, misses: 0, scenarios: 0, wrong: [] as string[] }
  for (const drift of chosen) {
    const { total, misses, lines } = await judge(drift, site)
    sum.total += total
    sum.misses += misses
    sum.scenarios += 1
    if (lines.length > 0) sum.wrong.push(drift.name)
    for (const line of lines) say(`    ${line}`)
  }
  if (tuples.length > 0) await prepareTuples()
  for (const tuple of tuples) {
    const { total, lines } = await judgeTuple(tuple, inventory)
    sum.total += total
    sum.misses += lines.length
    sum.scenarios += 1
    if (lines.length > 0) sum.wrong.push(tuple.name)
    say(`${(lines.length > 0 ? 'MISS' : 'ok').padEnd(5)}${tuple.name}`)
    for (const line of lines) say(`    ${line}`)
  }
  if (tuples.length > 0) await endTuples()
  const percent = (100 * (sum.total - sum.misses)) / sum.total
  say(`${sum.total - sum.misses} of ${sum.total} statuses alike: ${percent.toFixed(2)} %`)
  say(`${sum.scenarios - sum.wrong.length} of ${sum.scenarios} scenarios without a miss`)
  if (sum.wrong.length > 0) say(`with a miss: ${sum.wrong.join(', ')}`)
  process.exitCode = sum.wrong.length > 0 ? 1 : 0
}

/** Ends with the fleet converged. */
async function judge(
  drift: Drift,
  site: string[],
): Promise<{ total: number; misses: number; lines: string[] }> {
  const started = performance.now()
  if (drift === BARE) await lab(['reset'])
  const refused = await act(drift.apply)
  const before = await Promise.all(HOSTS.map(snapshot))
  const check = await playJson([...site, '--check'])
  const touched = await touchedSince(before)
  const run = await playJson(site)
  const { total, misses } = compare(check.results, run.results)
  const undone = drift.undo ? await act(drift.undo) : []
  // A run that failed, and has no way back, would only fail again.
  if (run.code !== 0 && !drift.undo) await lab(['reset'])
  const left = await converge(site)

  const failed = run.results.filter(({ status, ignored }) => status === 'failed' && !ignored)
  const changed = run.results.filter(({ status }) => status === 'changed').length
  const seconds = Math.round((performance.now() - started) / 1000)
  const told = misses.map(
    ({ what, check: said, run: did, messages }) =>
      `MISS ${what}: check ${said ?? 'nothing'}, run ${did ?? 'nothing'}${messages.map((m) => `\n        ${m}`).join('')}`,
  )
  if (misses.length > 0) told.push(`the run changed ${named(run, 'changed').join(', ') || 'nothing'}`)
  const lines = drift.beyond ? [] : told
  lines.push(...touched.map((line) => `TOUCHED ${line}`))
  if (!drift.undo && run.code === 0) lines.push(...left.map((line) => `STILL TO DO after the run: ${line}`))
  const crash = [check, run].find(({ results }) => results.length === 0)
  if (crash) lines.push(`NO RESULTS: ${crash.stderr.trim()}`)
  const word = lines.length > 0 ? 'MISS' : 'ok'
  say(
    `${word.padEnd(5)}${drift.name}: ${total} alike but ${misses.length}; ${changed} changed, ${failed.length} failed, ${seconds} s`,
  )
  for (const { host, task, error } of failed) say(`    refused: ${host}: ${task}: ${error?.message}`)
  for (const line of [...refused, ...undone]) say(`    note: ${line}`)
  if (!drift.beyond) return { total, misses: misses.length, lines }
  if (misses.length > 0) for (const line of [`not counted: ${drift.beyond}`, ...told]) say(`    ${line}`)
  return { total: total - misses.length, misses: 0, lines }
}

/** Until a check has nothing to say. Answers what it had to say at first. */
async function converge(site: string[]): Promise<string[]> {
  const first = openIn(await playJson([...site, '--check']))
  if (first.length === 0) return first
  for (const reset of [false, true]) {
    if (reset) await lab(['reset'])
    await playJson(site)
    if (openIn(await playJson([...site, '--check'])).length === 0) {
      if (reset) say('    note: repaired by a reset of the lab')
      return first
    }
  }
  throw new Error(`site.yaml does not converge on a bare lab:\n${first.join('\n')}`)
}

const openIn = ({ results, recap, stderr }: Played): string[] =>
  recap === undefined
    ? [stderr.trim()]
    : results
        .filter(({ status }) => status !== 'ok' && status !== 'skipped')
        .map(
          ({ status, host, task, item, message }) =>
            `${status}: ${host}: ${task} ${item ?? ''} ${message ?? ''}`,
        )

/** What differs from before; what was begun may take a moment to end. */
async function touchedSince(before: string[][]): Promise<string[]> {
  for (let look = 0; ; look += 1) {
    const after = await Promise.all(HOSTS.map(snapshot))
    const lines = HOSTS.flatMap((host, at) => [
      ...without(before[at]!, after[at]!).map((line) => `${host}: - ${line}`),
      ...without(after[at]!, before[at]!).map((line) => `${host}: + ${line}`),
    ])
    if (lines.length === 0 || look === 3) return lines.slice(0, 20)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const without = (lines: string[], others: string[]): string[] => {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}

/** Answers what could not be done: with two drifts at once the second may find no server to talk to. */
async function act(acts: readonly Act[]): Promise<string[]> {
  const failures: string[] = []
  for (const [host, text] of acts) {
    const { code, stderr } = await command(['lab/lab', 'exec', host, 'sh', '-c', text])
    if (code !== 0) failures.push(`${host}: ${text}: ${stderr.trim()}`)
  }
  return failures
}

async function lab(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(['lab/lab', ...argv])
  if (code !== 0) throw new Error(`lab/lab ${argv.join(' ')}: exit ${code}: ${stderr}`)
  return stdout
}

const matches = (glob: string, name: string): boolean =>
  new RegExp(`^${glob.replaceAll('+', '\\+').replaceAll('*', '.*')}$`).test(name)

await main()
