import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { UnknownError, unknown } from '../../../contract/unknown.ts'
import { PlayError } from '../../../runner/errors.ts'
import { compileCondition, evaluate } from '../../../runner/load/condition.ts'
import { makeScope } from '../../../runner/load/scope.ts'

const pos = { file: 'no-such-file.yaml', line: 3, col: 11 }
const scope = makeScope([
  { vars: { url: 'http://{{host}}', host: 'a' }, data: false },
  {
    vars: {
      port: 5432,
      ratio: 1.5,
      one: 1,
      name: 'vm1',
      empty: null,
      yes: true,
      numbers: [1, 2],
      list: [1],
      groups: { publishers: ['vm1', 'vm2'] },
      hostvars: { vm1: { x: 1 } },
      result: { rc: 0, stdout: 'all well', later: unknown('the command has not run') },
      evil: 'true || port == 1',
    },
    data: true,
  },
])
const holds = (text: string) => compileCondition({ text, pos }).test(scope)

function failure(text: string): PlayError {
  try {
    holds(text)
  } catch (error) {
    if (error instanceof PlayError) return error
    throw error
  }
  throw new Error(`${text} did not fail`)
}

describe('conditions', () => {
  test.each([
    'result.rc == 0',
    'result.stdout.contains("well")',
    'result.stdout.matches("^all")',
    'name in groups.publishers',
    '"vm1" in groups["publishers"]',
    'hostvars[name].x == 1',
    'port % 2 == 0',
    'one == 1.0 && 1 == 1.0 && ratio > 1 && ratio < 2',
    'numbers == [1, 2] && numbers[1] == 2 && size(numbers) == 2',
    'numbers.exists(i, i > one) && numbers.all(i, i > 0) && numbers.filter(i, i > 1) == [2]',
    'numbers.map(i, i * 2) == [2, 4]',
    'has(vars.port) && !has(vars.nothing) && "port" in vars && !("nothing" in vars)',
    'has(result.rc) && !has(result.nothing)',
    'type(numbers) == type([]) && type(port) == int',
    'empty == null && port != null',
    'url == "http://a"',
    'yes ? true : false',
    'size(groups) == 1 && groups.all(g, g == "publishers")',
  ])('%s', (text) => {
    expect(holds(text)).toBe(true)
  })

  test('roots are the variables, without what a macro names', () => {
    const roots = (text: string) => compileCondition({ text, pos }).roots
    expect(roots('numbers.exists(i, i > one) && has(result.rc) && cel.bind(x, port, x > ratio)')).toEqual([
      'numbers',
      'one',
      'result',
      'port',
      'ratio',
    ])
  })

  test('data is compared, never evaluated', () => {
    expect(holds('evil == "true || port == 1"')).toBe(true)
    expect(failure('evil').code).toBe('condition')
    fc.assert(
      fc.property(fc.string(), (text) => {
        const data = makeScope([{ vars: { text }, data: true }])
        expect(evaluate({ text: 'text', pos }, data)).toBe(text)
      }),
    )
  })

  test('only what an expression names is read', () => {
    const read = vi.fn(() => 1)
    const vars = Object.defineProperties(
      { a: { b: 1 } },
      {
        other: { get: read, enumerable: true },
      },
    )
    Object.defineProperty(vars.a, 'other', { get: read, enumerable: true })
    expect(compileCondition({ text: 'a.b == 1', pos }).test(makeScope([{ vars, data: true }]))).toBe(true)
    expect(read).not.toHaveBeenCalled()
  })
})

describe('what only the real run will know', () => {
  test('spreads, unless the rest decides', () => {
    expect(() => holds('result.later == "x"')).toThrow(UnknownError)
    expect(() => holds('yes && result.later == "x"')).toThrow(UnknownError)
    expect(() => holds('has(result.later)')).toThrow(UnknownError)
    expect(holds('true || result.later == "x"')).toBe(true)
    expect(holds('result.later == "x" || true')).toBe(true)
    expect(holds('false && result.later == "x"')).toBe(false)
    expect(holds('result.rc == 0')).toBe(true)
  })
})

describe('errors', () => {
  test.each([
    ['missing', 'variable', 11],
    ['yes && missing == 1', 'variable', 18],
    ['vars.missing == 1', 'variable', 16],
    ['result.rcc == 0', 'variable', 18],
    ['result.constructor == 1', 'variable', 18],
    ['constructor == 1', 'variable', 11],
    ['port', 'condition', 11],
    ['"yes"', 'condition', 11],
    ['size(numbers)', 'condition', 11],
    ['name && yes', 'condition', 11],
    ['!port', 'condition', 11],
    ['yes &&', 'condition', 17],
    ['(yes', 'condition', 15],
    ['yes && foo(port)', 'condition', 18],
    ['package == 1', 'condition', 11],
    ['yes && size(list) == 1', 'condition', 18],
    ['yes && list == [1]', 'condition', 18],
    ['yes && {{ name }}', 'condition', 18],
    ['"{{ name }}" == "vm1"', 'condition', 12],
    ['numbers[7] == 1', 'condition', 11],
    ['yes &&\n  missing', 'variable', 3],
  ])('%s', (text, code, col) => {
    expect(failure(text)).toMatchObject({ code, pos: { col } })
  })

  test('errors of the text are found before any host', () => {
    for (const text of ['yes &&', 'foo(port)', '1 + "a" == 2', '"yes"', 'x = 1', 'True'])
      expect(() => compileCondition({ text, pos }), text).toThrow(
        expect.objectContaining({ code: 'condition' }),
      )
  })

  test('hints say what to type', () => {
    expect(failure('prot == 1').hint).toBe('did you mean port?')
    expect(failure('result.rcc == 0').hint).toBe('did you mean rc?')
    expect(failure('xyz == 1').hint).toContain('has(vars.xyz)')
    expect(failure('sizee(numbers) == 1').hint).toBe('did you mean size?')
    expect(failure('"{{ name }}" == "vm1"').hint).toBe('write name == "vm1"')
    expect(failure('{{ yes }}').hint).toBe('write yes')
    expect(failure('package == 1').hint).toBe('write vars["package"]')
    expect(failure('size(list) == 1').hint).toContain('vars.list')
    expect(failure('[1] == list').hint).toContain('vars.list')
    expect(failure('port').message).toContain('this is a number')
  })
})

describe('Jinja habits are told the spelling to use', () => {
  test.each([
    ['yes and port == 1', 'yes && port == 1'],
    ['yes or not yes', 'yes || !yes'],
    ['a and b or c', '(a && b) || c'],
    ['x is defined', 'has(vars.x)'],
    ['x is not defined', '!has(vars.x)'],
    ['result.x is defined', 'has(result.x)'],
    ["groups['x'] is defined", '"x" in groups'],
    ['x is none', 'x == null'],
    ['result is succeeded', '!result.failed'],
    ['result is not changed', '!result.changed'],
    ['result is failed', 'result.failed'],
    ['result is skipped', 'result.skipped'],
    ["name is match('vm')", 'name.matches("vm")'],
    ['yes | bool', 'bool(yes)'],
    ['numbers | length > 1', 'size(numbers) > 1'],
    ["x | default('a') == 'b'", '(has(vars.x) ? x : "a") == "b"'],
    ["x | default('') | length > 0", 'size(has(vars.x) ? x : "") > 0'],
    ['port | int > 1', 'int(port) > 1'],
    ['name not in numbers', '!(name in numbers)'],
    ['port = 1', 'port == 1'],
    ["name.startswith('vm')", 'name.startsWith("vm")'],
    ["name.lower() == 'vm1'", 'name.lowerAscii() == "vm1"'],
    ['len(numbers) == 2', 'size(numbers) == 2'],
    ['True', 'true'],
    ['empty == None', 'null'],
  ])('%s', (text, written) => {
    const { code, hint } = failure(text)
    expect(code).toBe('condition')
    expect(hint).toBe(`write ${written}`)
  })
})

test('evaluate gives numbers, lists and mappings back as JavaScript has them', () => {
  const value = (text: string) => evaluate({ text, pos }, scope)
  expect(value('port + 1')).toBe(5433)
  expect(value('[one, ratio]')).toEqual([1, 1.5])
  expect(value('{"a": numbers}')).toEqual({ a: [1, 2] })
  expect(value('groups')).toEqual({ publishers: ['vm1', 'vm2'] })
  expect(value('9007199254740993')).toBe(9007199254740993n)
})
