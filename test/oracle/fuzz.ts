import { pathToFileURL } from 'node:url'
import { PlayError } from '../../runner/errors.ts'
import { IN_FILES, IN_YAML } from '../../runner/load/jinja/options.ts'
import { compileJinja, compileJinjaExpression } from '../../runner/load/jinja/program.ts'
import { makeScope } from '../../runner/load/scope.ts'
import { Fault } from '../../runner/load/template/fault.ts'
import { FEW } from '../runner/load/jinja/library.ts'
import { coreCases } from './cases.ts'
import { CONTEXTS } from './contexts.ts'
import { Mutator } from './mutate.ts'
import { FILES } from './templates.ts'

/**
 * Compiles and runs changed templates.
 * @returns what is wrong: any other end than a value or an error with a place within the text
 */
export function fuzz(rounds: number, seed: number): string[] {
  const mutator = new Mutator([...new Set(coreCases().map(({ text }) => text))], seed)
  const load = (name: string) => (Object.hasOwn(FILES, name) ? { text: FILES[name]!, file: name } : undefined)
  const wrong: string[] = []
  for (let round = 0; round < rounds; round++) {
    const text = mutator.text()
    const { vars } = CONTEXTS[mutator.below(CONTEXTS.length)]!
    const before = JSON.stringify(vars)
    const options = { library: FEW, load, syntax: mutator.below(2) ? IN_YAML : IN_FILES }
    const started = performance.now()
    const fault = faultOf(text, vars, options, mutator.below(4) === 0)
    if (fault) wrong.push(`${JSON.stringify(text)}: ${fault}`)
    if (performance.now() - started > 3000) wrong.push(`${JSON.stringify(text)}: takes too long`)
    if (JSON.stringify(vars) !== before) wrong.push(`${JSON.stringify(text)}: changed a variable`)
  }
  return wrong
}

function faultOf(
  text: string,
  vars: Record<string, unknown>,
  options: Parameters<typeof compileJinja>[1],
  alone: boolean,
): string | undefined {
  try {
    const program = alone ? compileJinjaExpression(text, options) : compileJinja(text, options)
    program.run(makeScope([{ vars, data: true }]), () => ({ file: 'x.yaml', line: 1, col: 1 }))
  } catch (error) {
    if (error instanceof Fault) {
      const { start, length, message } = error
      return start < 0 || length < 0 || start + length > text.length + 2
        ? `outside: ${message} ${start} ${length}`
        : undefined
    }
    if (!(error instanceof PlayError)) return String((error as Error).stack)
    return error.pos ? undefined : `without a place: ${error.message}`
  }
  return undefined
}

// npx tsx test/oracle/fuzz.ts ROUNDS SEED
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [rounds = '100000', seed = String(Date.now())] = process.argv.slice(2)
  const started = performance.now()
  const wrong = fuzz(Number(rounds), Number(seed) % 2 ** 31)
  process.stdout.write(
    `${rounds} rounds from ${seed} in ${Math.round(performance.now() - started)} ms: ${wrong.length} wrong\n`,
  )
  for (const line of wrong.slice(0, 20)) process.stdout.write(`${line}\n`)
  process.exitCode = wrong.length > 0 ? 1 : 0
}
