import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseData, readPlain } from '../../../../runner/load/inventory/plain-yaml.ts'
import { parseYaml } from '../../../../runner/load/yaml.ts'
import { errorsOf } from './scratch.ts'

const ORDINARY = `---
# the fleet
all:
  children:
    web:   # a comment
      hosts:
        vm1: { ansible_host: 10.15.0.11, publishes: [test],  subscribes_to: [vm2, "vm3"] }
        vm2:
        vm3: {}
  vars:
    url: http://10.0.0.1:80/x
    text: two words
    n: 5
    f: 1.5
    on: true
    quoted: "a: # b"
`

describe('the quick way', () => {
  test('takes ordinary files, and gives what YAML gives', () => {
    expect(readPlain(ORDINARY)).toEqual(parseYaml('a', ORDINARY).value)
  })

  test('leaves positions to the library', () => {
    const path = ['all', 'vars', 'n']
    expect(parseData('a', ORDINARY).locate(path)).toEqual(parseYaml('a', ORDINARY).locate(path))
  })

  test.each([
    'a: 0644',
    'a: 1e3',
    'a: ~',
    'a: *b',
    'a: &b c',
    'a: |\n  x',
    'a: b\n  c: d',
    'a: {{ x }}',
    'a: 1\na: 2',
    '',
    'a: b: c',
    '- a',
    '? a',
    'a: !t b',
    '<<: {}',
    'a: Null',
    'a: -1',
    'a: { b: c',
  ])('%j is left to the library', (text) => {
    expect(readPlain(text)).toBeUndefined()
  })
})

test('whatever the quick way accepts, YAML reads the same', () => {
  const ordinary = fc.constantFrom('a', 'a b', 'true', '5', '1.5', '10.0.0.1', '"a"', "'a: b'", 'x/y', 'a-')
  const odd = fc.oneof(
    fc.constantFrom(
      'null',
      'True',
      '~',
      'yes',
      '05',
      '1.',
      '1e3',
      '0x1f',
      '1:2',
      'a:b',
      'a: b',
      'a:',
      'a #b',
      'a#b',
    ),
    fc.constantFrom(
      '"a" # c',
      "'it''s'",
      '"\\n"',
      '-1',
      '+1',
      '# c',
      '...',
      '[]',
      '{}',
      '""',
      '9007199254740993',
    ),
    fc.stringMatching(/^[\w .:#"'{}[\],/@%+=-]{0,8}$/),
  )
  const scalar = fc.oneof({ weight: 7, arbitrary: ordinary }, { weight: 1, arbitrary: odd })
  const entry = fc.tuple(fc.constantFrom('a', 'b', 'c', '1', 'x.y'), scalar).map((pair) => pair.join(': '))
  const value = fc.oneof(
    fc.constant(''),
    scalar,
    fc.array(entry, { maxLength: 3 }).map((entries) => `{ ${entries.join(', ')} }`),
    fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.array(scalar, { maxLength: 2 }).map((items) => `{ k: [${items.join(',')}] }`),
  )
  const indent = fc.constantFrom('', '', '', '  ', '  ', '    ', ' ')
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g.h', 'i-j', '1', '05', 'null', '<<', '"q"')
  const line = fc.tuple(indent, key, value).map(([blanks, name, text]) => `${blanks}${name}: ${text}`)
  const other = fc.constantFrom('', '# c', '---', '  # c', '- a', 'x', '   ')
  const lines = fc.array(fc.oneof({ weight: 12, arbitrary: line }, { weight: 1, arbitrary: other }), {
    maxLength: 4,
  })
  let accepted = 0
  fc.assert(
    fc.property(lines, (all) => {
      const text = all.join('\n')
      const quick = readPlain(text)
      if (quick === undefined) return
      accepted++
      const { value } = parseYaml('a', text)
      expect(quick).toEqual(value)
      expect(Object.keys(quick)).toEqual(Object.keys(value as object))
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(50)
})

test('no text makes it throw anything but errors for the user', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void errorsOf(() => parseData('a', text))))
})
