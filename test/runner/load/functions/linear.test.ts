import { expect, test } from 'vitest'
import { LIBRARY } from '../../../../runner/load/functions/index.ts'
import { libraryOf } from '../../../../runner/load/jinja/library.ts'
import { compileJinjaExpression } from '../../../../runner/load/jinja/program.ts'
import { makeScope } from '../../../../runner/load/scope.ts'

const library = libraryOf(LIBRARY)

const numbers = (size: number): number[] => Array.from({ length: size }, (_, at) => at)

/** Values of about so many characters or elements. */
const SHAPES: Readonly<Record<string, (size: number) => unknown>> = {
  'one letter': (size) => 'a'.repeat(size),
  spaces: (size) => ' '.repeat(size),
  lines: (size) => 'a\n'.repeat(size / 2),
  words: (size) => 'ab '.repeat(size / 3),
  'a path': (size) => '/a'.repeat(size / 2),
  dots: (size) => '.'.repeat(size),
  marks: (size) => '<%{{&"\'-'.repeat(size / 8),
  digits: (size) => '1'.repeat(size),
  'open brackets': (size) => '['.repeat(size),
  'a list of JSON': (size) => `[${'1,'.repeat(size / 2)}1]`,
  'a list of YAML': (size) => '- a\n'.repeat(size / 4),
  base64: (size) => 'YWJj'.repeat(size / 4),
  numbers,
  'one number': (size) => numbers(size).fill(1),
  texts: (size) => numbers(size).map((at) => `t${at}`),
  lists: (size) => numbers(size).map((at) => [at]),
  dicts: (size) =>
    numbers(size / 4).map((at) => ({
      name: `n${at}`,
      group: `g${at % 7}`,
      keys: [at],
      key: `k${at}`,
      value: at,
    })),
  'a dict': (size) => Object.fromEntries(numbers(size).map((at) => [`k${at}`, at])),
  pairs: (size) => numbers(size).map((at) => [`k${at}`, at]),
}

/** The first of the examples of a function, with all that it names, and its lists, being the value. */
function expressionOf(usage: string): string {
  let depth = 0
  let end = usage.length
  let start = -1
  for (let at = 0; at < usage.length && end === usage.length; at++) {
    if ('([{'.includes(usage[at]!)) depth++
    if (')]}'.includes(usage[at]!)) depth--
    if (depth > 0) continue
    if (usage.startsWith(', ', at)) end = at
    if (start < 0 && (usage.startsWith(' | ', at) || usage.startsWith(' is ', at))) start = at
  }
  return `v${usage.slice(start, end)}`
}

/** Its own time is what somebody asked for. */
const SLOW_BY_INTENTION = new Set(['password_hash', 'vault', 'unvault'])

/** ms of processor time that so many runs take together. What is refused has been bounded. */
function time(
  run: (value: unknown) => unknown,
  shape: (size: number) => unknown,
  size: number,
  runs: number,
): number {
  const values = Array.from({ length: runs }, () => shape(size))
  const before = process.cpuUsage()
  for (const value of values)
    try {
      run(value)
    } catch {
      // Refused is as good as done.
    }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Where a value of this size takes so few ms, its double is no danger. */
const FLOOR = 80
const SIZE = 8000
/** Of the whole's time to that of a quarter of it: four where it is linear, sixteen where it is squares. */
const STEEP = 7

const cases = LIBRARY.filter(({ names }) => !SLOW_BY_INTENTION.has(names[0]!)).map(
  (one) => [`${one.is === 'test' ? 'is ' : ''}${one.names[0]}`, expressionOf(one.usage)] as const,
)

test.each(cases)(
  '%s takes four times as long for four times as much',
  { timeout: 120_000 },
  (_, expression) => {
    const program = compileJinjaExpression(expression, { library })
    const others = program.roots.filter((root) => root !== 'v')
    const run = (value: unknown) =>
      program.run(
        makeScope([{ vars: Object.fromEntries(['v', ...others].map((name) => [name, value])), data: true }]),
        () => ({ file: 'x', line: 1, col: 1 }),
      )
    const slow: string[] = []
    for (const [name, shape] of Object.entries(SHAPES)) {
      if (time(run, shape, SIZE, 1) < FLOOR) continue
      let ratio = Infinity
      // Four quarters together: they leave as much garbage as the whole, and collecting it is in both.
      for (let n = 0; n < 6 && ratio > STEEP; n++)
        ratio = Math.min(ratio, time(run, shape, SIZE, 1) / Math.max(1, time(run, shape, SIZE / 4, 4) / 4))
      if (ratio > STEEP) slow.push(`${name}: ${ratio.toFixed(1)} times`)
    }
    expect(slow, expression).toEqual([])
  },
)
