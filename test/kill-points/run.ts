import { parseArgs } from 'node:util'
import { Clients, HOSTS } from '../support/clients.ts'
import { Operator } from '../support/operator.ts'
import { building } from './building.ts'
import { copies } from './copies.ts'
import type { Cut } from './cut.ts'
import { roleChanges } from './role-changes.ts'
import type { Bench, Scenario } from './scenario.ts'
import { chain, NOWHERE, strike } from './strike.ts'
import { upgrades } from './upgrades.ts'

/**
 * Does a run that is cut short ever leave anything but work for the next one? Each playbook runs again and again, under
 * clients that write; each time `play` is killed, or a host loses its power, at another step. Then the same command runs
 * again: it must converge, with every acknowledged row on every host, and nothing left over.
 */
const SCENARIOS: readonly Scenario[] = [...roleChanges, ...building, ...copies, ...upgrades]
const HELP = `npm run check-kill-points -- [--playbook NAME]... [--only POINT]... [--what WHAT]... [--every NUMBER]
  --playbook NAME  these alone: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --only POINT     this step alone, by its number, a part of its name, or 'copying': in the middle of a base backup
  --what WHAT      'kill' (play, before the step), 'kill within' (just after it began), 'power HOST', 'SIGTERM', 'SIGINT',
                   'SIGHUP' (default: kill at every step, the others at some)
  --every NUMBER   kill at each so-manieth step alone (default: 1; ${SCENARIOS.filter(
    ({ every }) => every > 1,
  )
    .map(({ name, every }) => `${name} ${every}`)
    .join(', ')})
  --chain          one building, killed before every step and begun again each time; --what as above, one
  --rate NUMBER    rows that each of the two clients writes in a second (default 50)
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const { values: asked } = parseArgs({
  options: {
    playbook: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    what: { type: 'string', multiple: true },
    every: { type: 'string' },
    chain: { type: 'boolean' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
/** How often what takes longer is done, or hits only by accident: at each so-manieth of the points. */
const EVERY = { within: 3, signal: 5, power: 4 }
/** Numbers of rows that no test uses. */
const FIRST = 20_000_000

interface Line {
  scenario: string
  cut: Cut
  problems: string[]
}

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  const bench: Bench = { operator: new Operator(), clients: new Clients(Number(asked.rate), FIRST) }
  const lines: Line[] = []
  await bench.operator.beginWell()
  bench.clients.start()
  say('playbook             step       what          seconds')
  for (const scenario of SCENARIOS.filter(({ name }) => !asked.playbook || asked.playbook.includes(name))) {
    try {
      await scenario.begin?.(bench)
      if (asked.chain) await inOneGo(scenario, bench, lines)
      else {
        const { begun } = await told(scenario, NOWHERE, bench, lines)
        for (const cut of pointsOf(scenario, begun.length)) await told(scenario, cut, bench, lines)
      }
      await scenario.end?.(bench)
    } catch (error) {
      lines.push({ scenario: scenario.name, cut: NOWHERE, problems: [String(error)] })
      say(`BAD ${scenario.name}: given up: ${error}`)
      await wellAgain(bench)
    }
  }
  await bench.clients.end()
  totals(lines, bench.clients.acknowledged)
}

function pointsOf({ every, copies: canCopy }: Scenario, steps: number): Cut[] {
  const numbers = Array.from({ length: steps }, (_, index) => index + 1)
  const stride = Number(asked.every ?? every)
  const each = (many: number, what: (at: number) => string) =>
    numbers
      .filter((step) => step % (stride * many) === 0)
      .map((step, at) => ({ step: String(step), what: what(at) }))
  const all = [
    ...each(1, () => 'kill'),
    ...each(EVERY.within, () => 'kill within'),
    ...each(EVERY.signal, (at) => ['SIGTERM', 'SIGHUP', 'SIGINT'][at % 3]!),
    ...each(EVERY.power, (at) => `power ${HOSTS[(at + 2) % HOSTS.length]}`),
    ...(canCopy ? ['kill', 'power vm4', 'power vm3'].map((what) => ({ step: 'copying', what })) : []),
  ]
  if (asked.only)
    return asked.only.flatMap((step) => (asked.what ?? ['kill']).map((what) => ({ step, what })))
  return all.filter(({ what }) => !asked.what || asked.what.includes(what))
}

/** One line of the table. What stays broken is made anew, so that the next point has its beginning. */
async function told(scenario: Scenario, cut: Cut, bench: Bench, lines: Line[]) {
  const started = performance.now()
  const struck = await strike(scenario, cut, bench).catch((error) => ({
    begun: [],
    step: '?',
    problems: [String(error)],
  }))
  const { problems, step, begun } = struck
  if (cut !== NOWHERE && step === undefined) problems.unshift('the point was not reached')
  const seconds = Math.round((performance.now() - started) / 1000)
  const name = cut === NOWHERE ? `undisturbed: ${begun.length} steps` : (step ?? '')
  const columns = [scenario.name.padEnd(16), cut.step.padEnd(10), cut.what.padEnd(13), `${seconds}`.padEnd(7)]
  say(`${problems.length > 0 ? 'BAD' : 'ok '}  ${columns.join(' ')} ${name}`)
  for (const problem of problems) say(`       ${problem}`)
  lines.push({ scenario: scenario.name, cut, problems })
  if (problems.length > 0) await wellAgain(bench)
  return struck
}

async function inOneGo(scenario: Scenario, bench: Bench, lines: Line[]): Promise<void> {
  const what = asked.what?.[0] ?? 'kill'
  const { problems } = await chain(scenario, what, bench, (step, seconds) => {
    lines.push({ scenario: scenario.name, cut: { step, what }, problems: [] })
    say(
      `    ${[scenario.name.padEnd(16), 'chain'.padEnd(10), what.padEnd(13), `${seconds}`.padEnd(7)].join(' ')} ${step}`,
    )
  })
  say(`${problems.length > 0 ? 'BAD' : 'ok '}  ${scenario.name}: the same command once more`)
  for (const problem of problems) say(`       ${problem}`)
  lines.push({ scenario: scenario.name, cut: { step: 'the last', what }, problems })
}

/** What was lost is lost, and was told: the next point has its beginning. */
async function wellAgain({ operator, clients }: Bench): Promise<void> {
  await clients.stop()
  await operator.beginWell()
  clients.resume()
}

function totals(lines: readonly Line[], acknowledged: number): void {
  say('')
  for (const name of new Set(lines.map(({ scenario }) => scenario))) {
    const own = lines.filter(({ scenario }) => scenario === name)
    const bad = own.filter(({ problems }) => problems.length > 0)
    const which = bad.map(({ cut }) => `${cut.step} ${cut.what}`).join('; ')
    say(`${name.padEnd(16)} ${own.length - bad.length} of ${own.length} well${which && `; not: ${which}`}`)
  }
  const bad = lines.filter(({ problems }) => problems.length > 0).length
  say(`${lines.length - bad} of ${lines.length} points converge; ${acknowledged} rows were acknowledged`)
  process.exitCode = bad > 0 || lines.length === 0 ? 1 : 0
}

await main()
