import { parseArgs } from 'node:util'
import { Clients } from '../support/clients.ts'
import { Operator } from '../support/operator.ts'
import { type Bench, CHANGING, type Changing, pairUp, readBeside, WAYS, type Way } from './pair.ts'

/**
 * Two runs at once, in every pair of those that change something, under clients that write: the second waits or is
 * refused, and afterwards everything is as after one run after the other. Then what only reads, beside a run.
 */
const HELP = `npm run check-pairs -- [--pair ONE,OTHER]... [--way WAY]...
  --pair ONE,OTHER  this pair alone, of ${CHANGING.join(', ')}; 'readers': status, check and plan beside a run
  --way WAY         the second is 'refused', or 'waits' (default: both)
The lab must be up. PLAY_LAB_NAME and so on choose another one, as for lab/lab.
`
const { values: asked } = parseArgs({
  options: {
    pair: { type: 'string', multiple: true },
    way: { type: 'string', multiple: true, default: [...WAYS] },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean' },
  },
})
/** Numbers of rows that no test uses. */
const FIRST = 60_000_000
const say = (line: string) => process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  if (asked.help) return void process.stdout.write(HELP)
  const bench: Bench = { operator: new Operator(), clients: new Clients(Number(asked.rate), FIRST) }
  await bench.operator.beginWell()
  bench.clients.start()
  const bad: string[] = []
  let count = 0
  const told = async (name: string, look: () => Promise<string[]>) => {
    const began = performance.now()
    const problems = await look().catch((error) => [String(error)])
    const seconds = Math.round((performance.now() - began) / 1000)
    say(`${problems.length > 0 ? 'BAD' : 'ok '}  ${name.padEnd(36)} ${seconds} s`)
    for (const problem of problems) say(`       ${problem}`)
    count += 1
    if (problems.length === 0) return
    bad.push(name)
    await bench.clients.stop()
    await bench.operator.beginWell()
    bench.clients.resume()
  }
  for (const [one, other] of pairs())
    for (const way of asked.way as Way[])
      await told(`${one}, then ${other}: ${way}`, () => pairUp(one, other, way, bench))
  if (!asked.pair || asked.pair.includes('readers'))
    await told('status, check and plan beside a run', () => readBeside(bench))
  await bench.clients.end()
  say(
    `${count - bad.length} of ${count} pairs are well; ${bench.clients.acknowledged} rows were acknowledged`,
  )
  if (bad.length > 0) say(`not: ${bad.join('; ')}`)
  process.exitCode = bad.length > 0 || count === 0 ? 1 : 0
}

/** Each with each, also with itself, in both orders. */
const pairs = (): [Changing, Changing][] =>
  asked.pair
    ? asked.pair.filter((pair) => pair !== 'readers').map((pair) => pair.split(',') as [Changing, Changing])
    : CHANGING.flatMap((one) => CHANGING.map((other): [Changing, Changing] => [one, other]))

await main()
