import { parseArgs } from 'node:util'
import { command, inventory, named, type Played, playJson, sqlOn } from '../support/play.ts'
import { type Cut, runUntil } from './cut.ts'
import { BEGINNINGS, type Beginning, faults, prepare } from './hosts.ts'

/**
 * Does a run that is cut short ever leave anything but work for the next one? Builds the standby again and again; each
 * time `play` is killed, or a host loses its power, at another step. Then site.yaml runs, and the standby must be
 * healthy, with no slot, process or directory left over that nobody names.
 */
const HELP = `npm run check-kill-points -- [--begin bare|fresh]... [--only NUMBER|copying]... [--what WHAT]...
  --begin STATE   how vm4 is found: bare, no cluster; fresh, a cluster that nobody used (default: both)
  --only POINT    this step alone, by its number, or 'copying': in the middle of the base backup
  --what WHAT     'kill' (play, before the step), 'kill within' (just after it began), 'power vm4',
                  'power vm3' (default: kill at every step, the others at some)
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const { values: asked } = parseArgs({
  options: {
    begin: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    what: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
const LAB = ['-i', inventory]
/** How often what takes longer is done, or hits only by chance: at each so-manieth step. */
const EVERY = { within: 3, power: 5 }

interface Point extends Cut {
  beginning: Beginning
}

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  await begin()
  const bad: string[] = []
  let count = 0
  for (const beginning of (asked.begin ?? Object.keys(BEGINNINGS)) as Beginning[]) {
    const steps = await stepsFrom(beginning)
    say(`${beginning}: ${steps.length} steps`)
    for (const point of pointsOf(beginning, steps.length)) {
      const started = performance.now()
      const { reached, problems } = await strike(point)
      const name = point.step === 'copying' ? 'while copying' : steps[Number(point.step) - 1]
      const seconds = Math.round((performance.now() - started) / 1000)
      if (!reached) problems.unshift('the point was not reached')
      say(
        `${problems.length > 0 ? 'BAD ' : 'ok  '} ${beginning} ${point.step}, ${point.what}: ${name} (${seconds} s)`,
      )
      for (const problem of problems) say(`       ${problem}`)
      count += 1
      if (problems.length > 0) bad.push(`${beginning} ${point.step} ${point.what}`)
    }
  }
  const left = named(await playJson(['playbooks/site.yaml', ...LAB]), 'changed')
  if (left.length > 0) say(`in the end there is still to do: ${left.join(', ')}`)
  say(`${count - bad.length} of ${count} kill points end in a healthy standby`)
  if (bad.length > 0) say(`not: ${bad.join('; ')}`)
  process.exitCode = bad.length + left.length > 0 || count === 0 ? 1 : 0
}

/** The topology, and something to copy. */
async function begin(): Promise<void> {
  const site = await playJson(['playbooks/site.yaml', ...LAB])
  if (site.code !== 0) throw new Error(`site.yaml fails: ${site.stdout.slice(-2000)}${site.stderr}`)
  await sqlOn(
    'vm3',
    `create table if not exists bulk as select id, md5(id::text) as note from generate_series(1, 200000) id`,
  )
}

/** The names of all steps of an undisturbed run. */
async function stepsFrom(beginning: Beginning): Promise<string[]> {
  await prepare(beginning)
  const { code, begun, output } = await runUntil({ step: '0', what: 'kill' })
  if (code !== 0) throw new Error(`standby.yaml fails by itself: ${output}`)
  return begun
}

function pointsOf(beginning: Beginning, steps: number): Point[] {
  const numbers = Array.from({ length: steps }, (_, index) => String(index + 1))
  const each = (many: number) => numbers.filter((step) => Number(step) % many === 0)
  const all = [
    ...numbers.map((step) => ({ beginning, step, what: 'kill' })),
    ...each(EVERY.within).map((step) => ({ beginning, step, what: 'kill within' })),
    ...each(EVERY.power).map((step) => ({ beginning, step, what: 'power vm4' })),
    ...['kill', 'power vm4', 'power vm3'].map((what) => ({ beginning, step: 'copying', what })),
  ]
  const hasPart = (wanted: string[] | undefined, part: string) => !wanted || wanted.includes(part)
  return all.filter(({ step, what }) => hasPart(asked.only, step) && hasPart(asked.what, what))
}

async function strike(point: Point): Promise<{ reached: boolean; problems: string[] }> {
  await prepare(point.beginning)
  const cut = await runUntil(point)
  const reached = cut.begun.includes(`${point.what}!`)
  if (point.what !== 'kill') await mustRun(['lab/lab', 'up'])
  const problems: string[] = []
  const again = await playJson(['playbooks/site.yaml', ...LAB])
  problems.push(...failures(again))
  problems.push(...(await faults(cut.output + again.stdout)))
  return { reached, problems }
}

const failures = (played: Played): string[] =>
  played.code === 0
    ? []
    : [
        `site.yaml ends with ${played.code} ${played.stderr}`,
        ...played.results
          .filter(({ status }) => ['failed', 'unreachable', 'unknown'].includes(status))
          .map(({ host, task, message, error }) => `${host}: ${task}: ${message} ${error?.hint ?? ''}`),
      ]

async function mustRun(argv: string[]): Promise<void> {
  const { code, stderr } = await command(argv)
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr}`)
}

await main()
