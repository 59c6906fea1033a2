import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Clients } from '../support/clients.ts'
import { KINDS, MISTAKES, type Step } from './schedule.ts'
import { anew, type Walked, walk } from './walk.ts'
import { Walker } from './walker.ts'

/**
 * Does any order of playbooks, kills, cuts, reboots and mistakes lose a row? Steps are chosen at random, under clients
 * that write all the time. After every ten, and at the end, the fitting site.yaml must converge, and every acknowledged
 * row be on every host exactly once. What is done is written down before it is done, and can be done again.
 */
const HELP = `npm run check-walk -- [--steps NUMBER] [--seed NUMBER] [--replay FILE] [--keep]
  --steps NUMBER       how many (default 200)
  --seed NUMBER        of the random numbers (default: another one each time; it is in the schedule)
  --schedule FILE      where the steps are written, as JSON lines (default walk-SEED.jsonl)
  --replay FILE        the steps of that file instead
  --without NAME       leave out a kind or a mistake: ${[...KINDS, ...MISTAKES].join(', ')}; again for more
  --every NUMBER       steps from one checkpoint to the next (default 10)
  --rate NUMBER        rows that each of the two clients writes in a second (default 50)
  --keep               where something stays broken, end there and leave the lab as it is; else it is made anew
  --go-on              where rows are lost, begin anew from bare hosts instead of ending there
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const { values: asked } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    schedule: { type: 'string' },
    replay: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    every: { type: 'string', default: '10' },
    rate: { type: 'string', default: '50' },
    keep: { type: 'boolean' },
    'go-on': { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
/** Numbers of rows that no test uses. */
const FIRST = 40_000_000
const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  const seed = Number(asked.seed)
  const schedule = asked.schedule ?? `walk-${seed}.jsonl`
  const replay = asked.replay === undefined ? undefined : readSchedule(asked.replay)
  const walker = new Walker(new Clients(Number(asked.rate), FIRST))
  await walker.operator.beginWell()
  walker.clients.start()
  const walked = await walk(walker, {
    steps: Number(asked.steps),
    seed,
    replay,
    without: asked.without,
    every: Number(asked.every),
    schedule,
    goOn: asked['go-on'] ?? false,
    keep: asked.keep ?? false,
    say,
  })
  if (walked.lost.length > 0 && !asked.keep && !asked['go-on']) await anew(walker)
  await walker.clients.end()
  totals(walked, walker.clients.acknowledged, schedule)
}

const readSchedule = (path: string): Step[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind !== undefined)
    .map(({ n: _n, host: _host, primary: _primary, ...step }) => step)

function totals({ counts, findings, lost }: Walked, acknowledged: number, schedule: string): void {
  say('')
  say(KINDS.map((kind) => `${kind} ${counts.get(kind) ?? 0}`).join(', '))
  say(`${acknowledged} rows acknowledged; ${lost.length === 0 ? '0 missing, 0 doubled' : lost.join('; ')}`)
  say(`${findings.length} findings${findings.length > 0 ? ':' : ''}`)
  for (const finding of findings) say(`  step ${finding}`)
  say(`the steps are in ${schedule}; --replay ${schedule} does them again`)
  process.exitCode = findings.length + lost.length > 0 ? 1 : 0
}

await main()
