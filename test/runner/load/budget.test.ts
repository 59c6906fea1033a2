import { describe, expect, test } from 'vitest'
import type { PlayError } from '../../../runner/errors.ts'
import { compileCondition } from '../../../runner/load/condition.ts'
import { renderValue } from '../../../runner/load/template.ts'

const pos = { file: 'x', line: 1, col: 1 }
const twice = (times: number): unknown[] => {
  let list: unknown[] = [1]
  for (let n = 0; n < times; n++) list = [list, list]
  return list
}
const scope: Record<string, unknown> = {
  l: Array.from({ length: 1000 }, (_, n) => n),
  some: Array.from({ length: 300 }, (_, n) => n),
  s: `${'a'.repeat(100_000)}!`,
  x: 1,
  deep: twice(40),
  same: twice(40),
}
scope.a = Array.from({ length: 100_000 }, () => ({ big: scope.l }))
scope.vars = scope

const met = (work: () => unknown): PlayError | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error as PlayError
  }
}
const condition = (text: string) => compileCondition({ text, pos }).test(scope)
const template = (text: string) => renderValue(text, scope, () => pos)
/** ms on a machine that is busy with other tests; alone it is a tenth. Without a budget it is minutes. */
const SOON = 10_000

describe('a condition that would take for ever meets its budget soon', () => {
  test.each([
    'l.all(a, l.all(b, l.all(c, l.all(d, a + b + c + d >= 0))))',
    'l.exists(a, l.exists(b, l.exists(c, a + b + c < 0)))',
    'l.map(a, l.map(b, l.map(c, a + b + c))).size() > 0',
    'l.filter(a, l.filter(b, l.filter(c, true).size() > 0).size() > 0).size() > 0',
    'l.all(a, false || l.all(b, l.all(c, true)))',
    'size(deep) > 3',
  ])(
    '%s',
    (text) => {
      const started = performance.now()
      expect(met(() => condition(text))).toMatchObject({
        code: 'condition',
        message: 'this condition takes more than 5,000,000 steps',
        pos: { line: 1, col: 1, length: text.length },
      })
      expect(performance.now() - started).toBeLessThan(SOON)
    },
    30_000,
  )
})

describe('a template that would take for ever, or fill the memory, meets its budget soon', () => {
  const range = '(range 100000)'
  test.each([
    [`{{#each ${range}}}{{#each ${range}}}x{{/each}}{{/each}}`, 'steps', 34],
    [`{{#each ${range}}}{{#each ${range}}}${'y'.repeat(1000)}{{/each}}{{/each}}`, 'MiB of text', 34],
    [`{{#each ${range}}}{{length (unique ${range})}}{{/each}}`, 'steps', 35],
    ['{{length (flatten (map a "big"))}}', 'steps', 1],
    ['{{json deep}}', 'steps', 3],
    ['{{eq deep same}}', 'steps', 3],
  ])(
    '%s',
    (text, what, col) => {
      const started = performance.now()
      const error = met(() => template(text))
      expect(error).toMatchObject({ code: 'template', pos: { line: 1 } })
      expect(error?.pos?.col).toBeGreaterThanOrEqual(col)
      expect(error?.message).toMatch(new RegExp(`^this template takes more than [\\d,]+ ${what}$`))
      expect(performance.now() - started).toBeLessThan(SOON)
    },
    30_000,
  )
})

test('honest use is far from the budget', () => {
  expect(condition('some.filter(x, some.exists(y, y == x + 150)).size() == 150')).toBe(true)
  expect(String(template('{{#each (range 50000)}}{{this}},{{/each}}'))).toHaveLength(288_890)
})

describe('patterns are matched in linear time', () => {
  test('one that JavaScript would try for minutes is answered at once', () => {
    const started = performance.now()
    expect(condition('s.matches("^(a+)+$")')).toBe(false)
    expect(performance.now() - started).toBeLessThan(SOON)
  })
  test.each([
    ['s.matches("x(?=a)")', '(?= needs backtracking', 11],
    ['s.matches("(a)\\\\1")', '\\1 needs backtracking', 11],
    ['s.matches("(")', "missing closing ): '('", 11],
  ])('%s is an error at the pattern', (text, message, col) => {
    const error = met(() => condition(text))
    expect(error).toMatchObject({ code: 'condition', pos: { col } })
    expect(error?.message).toContain(message)
  })
})

describe('what is nested too deep is an error with a place', () => {
  const times = (text: string) => text.repeat(10_000)
  test.each([
    ['condition', `${times('(')}true${times(')')}`],
    ['condition', `${times('[')}1${times(']')}`],
    ['condition', `${times('!')}true`],
    ['template', `${times('{{#if x}}')}${times('{{/if}}')}`],
    ['template', `{{lower ${times('(lower ')}"x"${times(')')}}}`],
    ['template', `{{#if x}}a${times('{{else if x}}b')}{{/if}}`],
    ['template', `{{ ${times('(')}x${times(')')} }}`],
    ['template', `{{ ${times('not ')}x }}`],
    ['template', `{{ ${times('[')} }}`],
  ])(
    '%s %#',
    (kind, text) => {
      const error = met(() => (kind === 'condition' ? condition(text) : template(text)))
      expect(error).toMatchObject({ name: 'PlayError', code: kind, pos: { line: 1 } })
      expect(error?.message).toMatch(/nested/)
    },
    30_000,
  )
})
