import { parseArgs } from 'node:util'
import { Mutator } from '../oracle/mutate.ts'
import { readers } from './readers.ts'

/*
 * Changed texts to each reader: npm run check-fuzz -- --inputs 1000000 --seed 1 [READER …]. Any other end than a value, or an error
 * with a place in the text, is a fault; so is a text that takes long.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
/** ms */
const LONG = 500

for (const [name, { seeds, read }] of Object.entries(readers())) {
  if (positionals.length > 0 && !positionals.some((wanted) => name.includes(wanted))) continue
  const mutator = new Mutator(seeds, Number(values.seed))
  const wrong: string[] = []
  const started = process.cpuUsage()
  for (let left = Number(values.inputs); left > 0; left--) {
    const text = mutator.text()
    const before = process.cpuUsage()
    let fault: string | undefined
    try {
      fault = read(text)
    } catch (error) {
      fault = String((error as Error).stack)
    }
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1000 > LONG) fault ??= `takes ${Math.round((user + system) / 1000)} ms`
    if (fault) wrong.push(`${JSON.stringify(text)}: ${fault}`)
  }
  const { user, system } = process.cpuUsage(started)
  process.stdout.write(
    `${name}: ${values.inputs} inputs, ${Math.round((user + system) / 1e6)} s, ${wrong.length} wrong\n`,
  )
  for (const line of wrong.slice(0, 10)) process.stdout.write(`  ${line}\n`)
  if (wrong.length > 0) process.exitCode = 1
}
