import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { UnknownError } from '../../contract/unknown.ts'
import { PlayError } from '../../runner/errors.ts'
import type { Library } from '../../runner/load/jinja/library.ts'
import { IN_FILES, IN_YAML } from '../../runner/load/jinja/options.ts'
import { compileJinja, compileJinjaExpression } from '../../runner/load/jinja/program.ts'
import { makeScope } from '../../runner/load/scope.ts'
import { Fault } from '../../runner/load/template/fault.ts'
import { OMIT } from '../../runner/load/template.ts'
import { CONTEXTS } from './contexts.ts'
import { FILES } from './templates.ts'

type Answer = [unknown] | 'undefined' | 'error'
type Row = [kind: string, text: string, contexts: number[], answers: Answer[]]

export interface Difference {
  kind: string
  text: string
  context: string
  ansible: Answer
  ours: Answer | string
}

/** All recorded answers that ours differ from, and how many there are. An error is as good as any other. */
export function compareWithAnsible(
  library: Library,
  answersOf: 'core' | 'pipelines' = 'core',
): { differences: Difference[]; count: number } {
  const rows = JSON.parse(
    readFileSync(new URL(`answers/${answersOf}.json`, import.meta.url), 'utf8'),
  ) as Row[]
  const differences: Difference[] = []
  let count = 0
  for (const [kind, text, contexts, answers] of rows)
    for (const [index, context] of contexts.entries()) {
      count++
      const ansible = answers[index]!
      const { name, vars } = CONTEXTS[context]!
      const ours = answerOf(kind, text, structuredClone(vars), library)
      const same = typeof ansible === 'string' ? ours === 'error' : isDeepStrictEqual(ours, revived(ansible))
      if (!same) differences.push({ kind, text, context: name, ansible, ours })
    }
  return { differences, count }
}

function answerOf(
  kind: string,
  text: string,
  vars: Record<string, unknown>,
  library: Library,
): Answer | string {
  const options = { library, syntax: kind === 'template' ? IN_YAML : IN_FILES }
  const load = (name: string) => (Object.hasOwn(FILES, name) ? { text: FILES[name]!, file: name } : undefined)
  const pos = { file: 'x.yaml', line: 1, col: 1 }
  try {
    const program =
      kind === 'expression' ? compileJinjaExpression(text, options) : compileJinja(text, options)
    const value = program.run(makeScope([{ vars, data: true }]), () => pos, load)
    return value === OMIT ? 'error' : [value]
  } catch (error) {
    if (error instanceof Fault || error instanceof UnknownError) return 'error'
    // An error without a place is a fault of ours.
    return error instanceof PlayError && error.pos ? 'error' : `no error for users: ${(error as Error).stack}`
  }
}

/** What JSON cannot say. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived)
  if (typeof value !== 'object' || value === null) return value
  const { $int, $float, $type, text } = value as Record<string, unknown>
  if (typeof $int === 'string') return BigInt($int)
  if (typeof $float === 'string') return Number($float.replace('inf', 'Infinity'))
  if (typeof $type === 'string') return text
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)]))
}
