import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Draft } from '../../../../runner/load/inventory/draft.ts'
import { readIni } from '../../../../runner/load/inventory/ini.ts'
import { parseValue } from '../../../../runner/load/inventory/python-literal.ts'
import { errorsOf, load } from './scratch.ts'

const hosts = (text: string) =>
  Object.fromEntries([...load({ 'hosts.ini': text }).hosts].map(([name, host]) => [name, host.vars]))
const errors = (text: string) => errorsOf(() => load({ 'hosts.ini': text }))

describe('host lines', () => {
  test('values are Python literals, or else text', () => {
    const line = `h1 n=5 f=1.5 yes=True no=False word=true mode=0644 list=['a','b'] ip=10.0.0.1 none=None empty= big=7412345678901234567`
    // Quotes are the shell's, so those of the list are gone before it is looked at.
    expect(hosts(line).h1).toEqual({
      n: 5,
      f: 1.5,
      yes: true,
      no: false,
      word: 'true',
      mode: '0644',
      list: '[a,b]',
      ip: '10.0.0.1',
      none: null,
      empty: '',
      big: 7412345678901234567n,
    })
  })

  test('quotes hold words together and may hold literals', () => {
    const text = `h1 a="two words" b='x=y # no comment' c="['a', 'b']" d="{'k': [1, 2]}" e='"5"' f=a\\ b # comment`
    expect(hosts(text).h1).toEqual({
      a: 'two words',
      b: 'x=y # no comment',
      c: ['a', 'b'],
      d: { k: [1, 2] },
      e: '5',
      f: 'a b',
    })
  })

  test('ranges share their variables, and a port is ansible_port', () => {
    expect(hosts('[web]\nweb[08:10].x:2222 a=1\n')).toEqual({
      'web08.x': { ansible_port: 2222, a: 1 },
      'web09.x': { ansible_port: 2222, a: 1 },
      'web10.x': { ansible_port: 2222, a: 1 },
    })
  })

  test('a host may start with a range, and be an IPv6 address', () => {
    expect(Object.keys(hosts('[1:2].x\n::1\n[fe80::2]:22\n'))).toEqual(['1.x', '2.x', '::1', 'fe80::2'])
  })

  test.each([
    ['h1 h2', 4],
    ['h1 a="x', 6],
    ['h1 password=se#cret', 15],
    ['a=b', 1],
    ['user@h1', 1],
    ['h1:99999', 1],
    ['w[5:1]', 1],
    ['w[01:100]', 1],
    ['w[1:5', 1],
    ['w[1:999999999]', 1],
    ['w[1:999][1:999]', 1],
  ])('%s is refused where the mistake is', (text, col) => {
    const found = errors(`\n  ${text}\n`)
    expect(found.map((error) => error.code)).toEqual(['inventory'])
    expect(found[0]?.pos).toMatchObject({ line: 2, col: col + 2 })
  })
})

describe('sections', () => {
  test('variables of a group are literals or text, with quotes and comments as in Ansible', () => {
    const text = `[web]\nh1\n[web:vars]\na = 5\nb = "x y"\nc = x y # part of it\nd = 5 # a comment\ne=\n; comment\n# comment\n`
    expect(hosts(text).h1).toEqual({ a: 5, b: 'x y', c: 'x y # part of it', d: 5, e: '' })
  })

  test('a child may be declared later, but must be declared', () => {
    expect(hosts('[top:children]\nweb\n[top:vars]\nx=1\n[web]\nh1\n').h1).toEqual({ x: 1 })
    expect(errors('[top:children]\nwbe\n[web]\nh1\n')[0]).toMatchObject({
      code: 'inventory',
      hint: 'did you mean web?',
      pos: { line: 2, col: 1 },
    })
    expect(errors('[nobody:vars]\nx=1\n')[0]?.code).toBe('inventory')
  })

  test.each([
    '[web',
    '[web:hosts]',
    '[web:varz]\nx y',
    '[a b]',
    '[]',
    '[web:vars]\nno equals',
    '[web:children]\na b',
  ])('%j is refused', (text) => {
    expect(errors(`[web]\n${text}\n`).map((error) => error.code)).toEqual(['inventory'])
  })
})

describe('Python literals', () => {
  test.each<[string, unknown]>([
    ['-1', -1],
    ['0x1f', 31],
    ['1_000', 1000],
    ['1e3', 1000],
    ['.5', 0.5],
    ['(1, 2)', [1, 2]],
    ['(1)', 1],
    ['(1,)', [1]],
    ['80,443', [80, 443]],
    ['[]', []],
    ['[1, [2, {}],]', [1, [2, {}]]],
    ["{'a': None, 1: True}", { a: null, '1': true }],
    [`'a\\n' "b"`, 'a\nb'],
    [`r'\\n'`, '\\n'],
  ])('%s is typed', (text, value) => expect(parseValue(text)).toEqual(value))

  test.each([
    '0644',
    'yes',
    'a b',
    '1+2',
    '[a]',
    '[1',
    '{1}',
    '{1, 2}',
    "b'x'",
    '1.2.3',
    '1e999',
    '[,]',
    '[1 2]',
    "'",
    '#x',
    '1j',
  ])('%s is text', (text) => expect(parseValue(text)).toBe(text))

  test('hostile nesting is text', () => {
    const text = '['.repeat(100_000)
    expect(parseValue(text)).toBe(text)
  })

  test('JSON data of integers, plain text and lists means what it does in Python', () => {
    const plain = fc.stringMatching(/^[a-z0-9 _.-]*$/)
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.maxSafeInteger(), plain, tie('list'), tie('mapping')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      mapping: fc.dictionary(plain, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }))
    fc.assert(
      fc.property(value, (data) => {
        expect(parseValue(JSON.stringify(data))).toEqual(data)
      }),
    )
  })
})

test('no text makes the reader throw anything', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    ':',
    'web',
    'vars',
    'children',
    '\n',
    '=',
    '"',
    "'",
    '#',
    ' ',
    '1',
    '01',
    'a',
    '\\',
    '{',
    '(',
    ',',
  )
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, (ini) => {
      const draft = new Draft()
      readIni(draft, 'hosts.ini', ini)
      for (const error of draft.diagnostics.errors) expect(error.pos?.line).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})
