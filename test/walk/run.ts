import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Clients } from '../support/clients.ts'
import { lab } from '../support/guests.ts'
import { inventory } from '../support/play.ts'
import { Random } from './random.ts'
import { choose, KINDS, type Kind, MISTAKES, type Step } from './schedule.ts'
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
  --keep               where rows are lost, leave the lab as it is, instead of making it anew
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
  const random = new Random(seed)
  const replayed = asked.replay === undefined ? undefined : readSchedule(asked.replay)
  const schedule = asked.schedule ?? `walk-${seed}.jsonl`
  writeFileSync(schedule, `${JSON.stringify({ seed, replayed: asked.replay, rate: asked.rate })}\n`)
  const note = (what: object) => appendFileSync(schedule, `${JSON.stringify(what)}\n`)

  const clients = new Clients(Number(asked.rate), FIRST)
  const walker = new Walker(clients)
  const { operator } = walker
  await operator.mustRun(
    'site',
    await operator.look().then(
      (now) => now.inventory,
      () => inventory,
    ),
  )
  clients.start()

  const steps = Math.min(Number(asked.steps), replayed?.length ?? Number.POSITIVE_INFINITY)
  const counts = new Map<Kind, number>()
  const findings: string[] = []
  const lost: string[] = []
  let n = 0
  const found = (finding: string) => {
    findings.push(`${n}: ${finding}`)
    note({ n, finding })
    say(`       ${finding}`)
  }
  while (n < steps && (lost.length === 0 || asked['go-on'])) {
    const step = replayed?.[n] ?? choose(random, walker.half, new Set(asked.without))
    n += 1
    const now = await operator.arrangement().catch(() => undefined)
    note({
      n,
      ...step,
      ...(now && step.place ? { host: walker.host(step.place, now) } : {}),
      primary: now?.primary,
    })
    const began = performance.now()
    await walker.walk(step, found).catch((error) => found(`the step itself: ${error}`))
    counts.set(step.kind, (counts.get(step.kind) ?? 0) + 1)
    say(`${String(n).padStart(4)} ${describe(step).padEnd(60)} ${seconds(began)} s`)
    if (n % Number(asked.every) !== 0 && n !== steps) continue
    const looked = performance.now()
    const losses = await walker.checkpoint(found).catch((error) => [String(error)])
    for (const loss of losses) found(loss)
    lost.push(...losses)
    say(
      `     checkpoint: ${clients.acknowledged} rows acknowledged, ${losses.length > 0 ? 'ROWS ARE LOST' : 'all there'}, ${seconds(looked)} s`,
    )
    if (losses.length > 0 && asked['go-on']) await anew(walker)
  }
  if (lost.length > 0 && !asked.keep && !asked['go-on']) await anew(walker)
  await clients.stop()
  totals(counts, clients.acknowledged, findings, lost, schedule)
}

const seconds = (began: number): number => Math.round((performance.now() - began) / 1000)

const describe = ({ kind, ...rest }: Step): string =>
  `${kind} ${Object.entries(rest)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`

const readSchedule = (path: string): Step[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind !== undefined)
    .map(({ n: _n, host: _host, primary: _primary, ...step }) => step)

/** What was lost is lost, and was told. */
async function anew({ operator, clients }: Walker): Promise<void> {
  await clients.stop()
  clients.forget()
  await lab('reset')
  await operator.mustRun('site', inventory)
  clients.start()
}

function totals(
  counts: ReadonlyMap<Kind, number>,
  acknowledged: number,
  findings: readonly string[],
  lost: readonly string[],
  schedule: string,
): void {
  say('')
  say(KINDS.map((kind) => `${kind} ${counts.get(kind) ?? 0}`).join(', '))
  say(`${acknowledged} rows acknowledged; ${lost.length === 0 ? '0 missing, 0 doubled' : lost.join('; ')}`)
  say(`${findings.length} findings${findings.length > 0 ? ':' : ''}`)
  for (const finding of findings) say(`  step ${finding}`)
  say(`the steps are in ${schedule}; --replay ${schedule} does them again`)
  process.exitCode = findings.length + lost.length > 0 ? 1 : 0
}

await main()
