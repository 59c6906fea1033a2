import { describe, expect, it, test } from 'vitest'
import { Unknown, UnknownError, unknownBut } from '../../../../contract/unknown.ts'
import type { PlayError } from '../../../../runner/errors.ts'
import { compileJinjaCondition } from '../../../../runner/load/jinja/condition.ts'
import { IN_FILES } from '../../../../runner/load/jinja/options.ts'
import { compileJinja, type JinjaOptions } from '../../../../runner/load/jinja/program.ts'
import type { Load } from '../../../../runner/load/jinja/run.ts'
import { makeScope } from '../../../../runner/load/scope.ts'
import { Fault } from '../../../../runner/load/template/fault.ts'
import { placed } from '../../../../runner/load/template/program.ts'
import { OMIT } from '../../../../runner/load/template.ts'
import { FEW } from './library.ts'

const POS = { file: 'no-such-file.yaml', line: 3, col: 5 }

function render(
  text: string,
  vars: Record<string, unknown> = {},
  { load, ...options }: Partial<JinjaOptions> & { load?: Load } = {},
): unknown {
  try {
    const program = compileJinja(text, { library: FEW, ...options })
    return program.run(makeScope([{ vars, data: true }]), () => POS, load)
  } catch (error) {
    throw error instanceof Fault ? placed(error, text, () => POS) : error
  }
}

function failure(
  text: string,
  vars: Record<string, unknown> = {},
  options: Parameters<typeof render>[2] = {},
): PlayError {
  try {
    render(text, vars, options)
  } catch (error) {
    return error as PlayError
  }
  throw new Error(`no error: ${text}`)
}

describe('errors say what was found, where, and what to write', () => {
  test.each([
    ['{{ x | uper }}', 'there is no filter uper', 'did you mean upper?', 3, 12, 4],
    ['{{ x is definde }}', 'there is no test definde', 'did you mean defined?', 3, 13, 7],
    ['{{ x | odd }}', 'there is no filter odd', 'odd is a test: x is odd', 3, 12, 3],
    ['{{ prot }}', 'the variable prot is not defined', 'did you mean port?', 3, 8, 4],
    ['{{ d.prot }}', 'a dict has no prot', 'did you mean port?', 3, 8, 6],
    ['{% if port %}', '{% if %} is not closed', 'close it with {% endif %}', 3, 8, 2],
    ['{% fro x in y %}', 'there is no statement fro', 'did you mean for?', 3, 8, 3],
    [
      'a\n{{ port + "x" }}',
      '+ has no meaning between an int and text',
      'join texts with ~, or make a number of the text with | int',
      4,
      4,
      10,
    ],
    ['{{ port && d }}', '& means nothing in Jinja', 'write and', 3, 13, 1],
    ['{{ [1, 2 }}', 'found } where ] must come first', '[ is open', 3, 14, 1],
    ['{{ port }', '} closes nothing', 'close {{ with }}', 3, 13, 1],
  ])('%s', (text, message, hint, line, col, length) => {
    const error = failure(text, { port: 1, x: 1, d: { port: 2 } })
    expect(error).toMatchObject({ name: 'PlayError', message, hint, pos: { line, col, length } })
  })

  test('in a template that is included they name its file', () => {
    const load = (name: string) => ({ text: 'one\n{{ nope }}', file: `templates/${name}` })
    expect(failure('{% include "a.j2" %}', {}, { load }).pos).toMatchObject({
      file: 'templates/a.j2',
      line: 2,
      col: 4,
    })
    const broken = (name: string) => ({ text: 'one\n{{ 1 + }}', file: name })
    expect(failure('{% include "b.j2" %}', {}, { load: broken }).pos).toMatchObject({ file: 'b.j2', line: 2 })
  })

  test('where lines end as on Windows the place is right', () => {
    expect(failure('a\r\nb\r\n{{ nope }}').pos).toMatchObject({ line: 5, col: 4, length: 4 })
    expect(failure('a\r\nb\r\n{{ 1 | nope }}').pos).toMatchObject({ line: 5, col: 8, length: 4 })
  })

  test('below a line of settings the place is right', () => {
    expect(failure('#jinja2: trim_blocks: False\n\n{{ nope }}', {}, { syntax: IN_FILES }).pos).toMatchObject({
      line: 5,
      col: 4,
    })
  })
})

describe('what only the real run will know', () => {
  const vars = {
    u: new Unknown('a planned change'),
    list: [new Unknown('a planned change'), 1],
    open: unknownBut({ a: 1 }, 'planned'),
  }
  test.each([
    '{{ u }}',
    'x{{ u }}',
    '{{ u + 1 }}',
    '{{ u is defined }}',
    '{{ u | default(1) }}',
    '{{ [u] }}',
    '{{ list | first }}',
    '{{ list[0] }}',
    '{{ list | upper }}',
    '{{ open.b }}',
    '{% if u %}{% endif %}',
    '{% for x in u %}{% endfor %}',
    '{{ u.a.b }}',
    '{{ u() }}',
  ])('%s is not guessed', (text) => {
    expect(() => render(text, vars)).toThrow(UnknownError)
  })
  test.each([
    ['{{ list | length }}', 2],
    ['{{ list[1] }}', 1],
    ['{{ false and u }}', false],
    ['{{ 1 if true else u }}', 1],
    ['{{ 5 | default(u) }}', 5],
    ['{{ open.a }}', 1],
  ])('%s does not hang on it', (text, value) => {
    if (text.includes('length')) expect(() => render(text, vars)).toThrow(UnknownError)
    else expect(render(text, vars)).toEqual(value)
  })
})

describe('nothing of JavaScript is reachable', () => {
  test.each([
    "''.constructor",
    "''['constructor']",
    '[].constructor',
    '{}.constructor',
    "{}['__proto__']",
    '[].__proto__',
    'd.hasOwnProperty',
    'd.toString',
    '(1).constructor',
    'range.constructor',
    'range.call',
    'l.length',
    'l.map',
    'namespace(a=1).constructor',
    'namespace.prototype',
    'cycler(1).values',
    'loop.list',
    'd | default(1) | first',
    "'{0.constructor}'.format(1)",
    "'{0[__proto__]}'.format(d)",
    'vars.constructor',
    'self.constructor',
    '__proto__',
    'hasOwnProperty',
  ])('%s', (expression) => {
    const made = () => render(`{{ ${expression} }}`, { d: {}, l: [] })
    expect(made).toThrow(expect.objectContaining({ name: 'PlayError' }))
  })

  it('has keys of any name', () => {
    expect(render("{{ {'__proto__': 1, 'constructor': 2} }}")).toEqual(
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    )
    expect(
      render("{% set d = {} %}{% do d.update({'__proto__': {'x': 1}}) %}{{ d.x | default('no') }}"),
    ).toBe('no')
    expect(render('{% set __proto__ = 1 %}{{ __proto__ }}')).toBe(1)
  })
})

describe('None', () => {
  test.each([
    '{{ d.nothing == none }}',
    "{{ d['nothing'] == none }}",
    '{{ d.nothing is defined }}',
    '{{ namespace(nothing=none).nothing == none }}',
    '{% for x in [none, 1] %}{% if loop.index == 2 %}{{ loop.previtem == none }}{% endif %}{% endfor %}',
  ])('is a value, whoever holds it: %s', (text) => {
    expect(render(text, { d: { nothing: null } })).toBe(true)
  })
  it('is exported by a template, too', () => {
    const load = () => ({ text: '{% set nothing = none %}', file: 'x.j2' })
    expect(render("{% from 'x.j2' import nothing %}{{ nothing == none }}", {}, { load })).toBe(true)
  })
})

describe('the variables themselves', () => {
  it('are never changed by a template', () => {
    const vars = {
      l: [1],
      d: { a: { b: [1] } },
      hostvars: Object.defineProperty({}, 'h', { enumerable: true, get: () => HOST }),
    }
    const HOST = { l: [1] }
    expect(render('{{ l.append(2) }}{{ l }}', vars)).toEqual([1, 2])
    expect(render('{% for x in [d] %}{% do x.a.b.append(5) %}{% endfor %}{{ d.a.b }}', vars)).toEqual([1, 5])
    expect(render('{% do hostvars.h.l.append(5) %}{{ hostvars.h.l }}', vars)).toEqual([1, 5])
    expect(render('{% macro m(x) %}{{ x.append(9) }}{% endmacro %}{% set _ = m(l) %}{{ l }}', vars)).toEqual([
      1, 9,
    ])
    expect([vars.l, vars.d, HOST]).toEqual([[1], { a: { b: [1] } }, { l: [1] }])
  })
  it('are not templates where they are data', () => {
    expect(render('{{ x }}', { x: '{{ 1 + 1 }}' })).toBe('{{ 1 + 1 }}')
    expect(render("{{ '{' ~ '{ 1 + 1 }}' }}")).toBe('{{ 1 + 1 }}')
  })
})

describe('budgets', () => {
  it('count what is read of the variables of many hosts, not all that there is', () => {
    const vars = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`v${n}`, n]))
    const hosts = Array.from({ length: 5000 }, () => makeScope([{ vars, data: true }]))
    expect(render('{% for x in hosts | list %}{{ x.v7 }}{% endfor %}', { hosts })).toHaveLength(5000)
  })

  test.each([
    ['{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}', /steps/],
    ["{{ 'x' * 100000000 }}", /MiB of text/],
    ["{% for i in range(1000) %}{{ 'x' * 1000000 }}{% endfor %}", /MiB of text/],
    ['{{ [0] * 100000000 }}', /steps/],
    ['{{ 10 ** (10 ** 10) }}', /bits/],
    ['{{ range(10000000000) | list }}', /steps/],
    ["{{ '%0999999999d' % 1 }}", /MiB of text/],
    ["{{ '{:>999999999}'.format(1) }}", /MiB of text/],
    ["{{ 'a'.ljust(999999999) }}", /MiB of text/],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', /deeper than 200/],
    ['{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}', /deeper than 200/],
    ['{% include "self" %}', /deeper than 200/],
    ['{% set l = [] %}{% for i in range(1000000) %}{% do l.append(l) %}{% endfor %}', /steps/],
  ])('%s', (text, message) => {
    const before = process.cpuUsage()
    const error = failure(text, {}, { load: (name) => ({ text: '{% include "self" %}', file: name }) })
    expect(error).toMatchObject({ name: 'PlayError' })
    expect(error.message).toMatch(message)
    // Of the processor: a busy machine is no fault.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5)
  })
})

test('what is omitted, alone and inside', () => {
  expect(render('{{ omit }}')).toBe(OMIT)
  expect(render('{{ [1, omit] }}')).toEqual([1])
  expect(render("{{ {'a': omit} }}")).toEqual({})
  expect(render('{{ nope | default(omit) }}')).toBe(OMIT)
})

test('what a template reads and calls', () => {
  const uses = (text: string) => {
    const { roots, calls } = compileJinja(text, { library: FEW })
    return [[...roots].sort(), [...calls].sort()]
  }
  expect(uses('{% set x = a %}{{ x }}{% for i in l if i.b %}{{ i }}{{ c | upper }}{% endfor %}')).toEqual([
    ['a', 'c', 'l'],
    ['upper'],
  ])
  expect(uses("{{ lookup('env', h) }}")).toEqual([['h'], ['lookup']])
  expect(uses("{{ lookup('vars', h) }}")).toEqual([['h', 'vars'], ['lookup']])
  expect(uses('{% macro m(a, b=c) %}{{ a }}{{ b }}{{ g }}{% endmacro %}{{ m(1) }}')).toEqual([['c', 'g'], []])
})

test('lookups are found in what is given', () => {
  const library = {
    ...FEW,
    lookups: new Set(['env']),
    lookup: ({ terms }: { terms: readonly unknown[] }) => terms.map((term) => `<${term}>`),
  }
  expect(render("{{ lookup('env', 'A') }}", {}, { library })).toBe('<A>')
  expect(render("{{ lookup('env', 'A', 'B') }}", {}, { library })).toBe('<A>,<B>')
  expect(render("{{ query('ansible.builtin.env', 'A') }}", {}, { library })).toEqual(['<A>'])
  expect(failure("{{ lookup('evn', 'A') }}", {}, { library })).toMatchObject({
    message: 'there is no lookup evn',
    pos: { line: 3 },
  })
})

test('conditions: whether they hold, and what they are where that is no boolean', () => {
  const asks = (text: string) =>
    compileJinjaCondition(text, { library: FEW }).test(
      makeScope([{ vars: { n: 1, s: '', l: [] }, data: true }]),
      () => POS,
    )
  expect(asks('n == 1')).toEqual({ holds: true })
  expect(asks('n')).toEqual({ holds: true, is: 'an int' })
  expect(asks('l')).toEqual({ holds: false, is: 'a list' })
  expect(asks('{{ n == 1 }}')).toEqual({ holds: true })
  expect(() => asks("{{ 'n == ' ~ '1' }}")).toThrow(/must be true or false/)
})
