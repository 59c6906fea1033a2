import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type Case, coreCases, pipelineCases } from './cases.ts'
import { CONTEXTS } from './contexts.ts'
import { FILES } from './templates.ts'

/*
 * Asks the real Ansible, and writes down what it answers: npx tsx test/oracle/record.ts COMMAND…, where COMMAND runs
 * Python with ansible-core 2.19: `python3`, or `chroot FOLDER python3`.
 */
const [program = 'python3', ...args] = process.argv.slice(2)
const script = readFileSync(new URL('evaluate.py', import.meta.url), 'utf8')

function record(name: string, cases: readonly Case[]): void {
  const input = JSON.stringify({
    contexts: CONTEXTS.map(({ vars }) => vars),
    cases: cases.map(({ kind, text, contexts }) => [kind, text, contexts]),
    files: FILES,
  })
  const answers = JSON.parse(
    execFileSync(program, [...args, '-c', script], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  ) as unknown[][]
  const rows = cases.map(({ kind, text, contexts }, index) =>
    JSON.stringify([kind, text, contexts, answers[index]]),
  )
  writeFileSync(new URL(`answers/${name}.json`, import.meta.url), `[\n${rows.join(',\n')}\n]\n`)
}

record('core', coreCases())
record('pipelines', pipelineCases())
