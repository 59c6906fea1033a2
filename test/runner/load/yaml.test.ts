import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asBoolean, parseYaml, readYaml, within } from '../../../runner/load/yaml.ts'
import { errorsOf, files, marks } from './files.ts'

const value = (text: string) => parseYaml('f.yaml', text).value
const wrong = (text: string) => marks(() => parseYaml('f.yaml', text), text)

describe('data', () => {
  it('keeps yes, dates and leading zeros as they were written', () => {
    expect(value('a: yes\nb: 2001-01-01\nc: 0644\nd: no')).toEqual({
      a: 'yes',
      b: '2001-01-01',
      c: '0644',
      d: 'no',
    })
  })
  it('keeps every digit of a large integer', () => {
    expect(value('a: 7312345678901234567\nb: 15')).toEqual({ a: 7312345678901234567n, b: 15 })
  })
  it('gives null for an empty file', () => {
    expect(value('')).toBeNull()
    expect(value('# only a comment\n')).toBeNull()
  })
  it('resolves anchors, aliases and merge keys, what is written winning', () => {
    const text = 'x: &d {a: 1, b: 2}\ny:\n  <<: *d\n  b: 3\nz:\n  <<: [{a: 9}, *d]\n'
    expect(value(text)).toEqual({ x: { a: 1, b: 2 }, y: { a: 1, b: 3 }, z: { a: 9, b: 2 } })
  })
  it('makes keys such as __proto__ ordinary data', () => {
    const data = value('__proto__: {polluted: 1}') as object
    expect(Object.keys(data)).toEqual(['__proto__'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('what PyYAML takes', () => {
  it.each([
    ['a quoted text that goes on at its key', '- a: "x\n  y"\n  b: 1\n', [{ a: 'x y', b: 1 }]],
    ['one that goes on left of its key', "- a:\n    c: 'x\n  y'\n    d: 2\n", [{ a: { c: 'x y', d: 2 } }]],
    ['one that goes on at the margin', '- a: "x\n\ny"\n', [{ a: 'x\ny' }]],
    ['a list in brackets that does so', 'a: [1,\n2]\nb: {x: 1,\ny: 2}\n', { a: [1, 2], b: { x: 1, y: 2 } }],
    ['tabs after values', 'a:\t1\t# c\nb: 2\t\n', { a: 1, b: 2 }],
  ])('%s', (_, text, expected) => {
    expect(value(text)).toEqual(expected)
  })
  it('a mistake elsewhere is found where it is', () => {
    expect(wrong('- a: "x\n  y"\n- b: c: d\n')).toEqual(['yaml 3:6 c'])
  })
})

describe('positions', () => {
  const text = 'a:\n  - name: "curl"\n    list: [x, yy]\n    block: |\n      one\n      two\nempty:\n'
  const located = parseYaml('f.yaml', text)
  const at = (path: (string | number)[]) => {
    const { line, col, length } = located.locate(path)
    return [line, col, length]
  }
  it('point at the text inside quotes and blocks', () => {
    expect(at(['a', 0, 'name'])).toEqual([2, 12, 4])
    expect(at(['a', 0, 'list', 1])).toEqual([3, 15, 2])
    expect(at(['a', 0, 'block'])).toEqual([5, 7, 3])
  })
  it('point at keys', () => {
    expect(located.locateKey(['a', 0, 'list'])).toMatchObject({ line: 3, col: 5, length: 4 })
  })
  it('point at the key where the value is left out', () => {
    expect(at(['empty'])).toEqual([7, 1, 5])
  })
  it('point at the nearest parent of what is not there', () => {
    expect(at(['a', 0, 'list', 7])).toEqual(at(['a', 0, 'list']))
  })
  it('hold for a part on its own', () => {
    const part = within(located, 'a', 0)
    expect(part.value).toMatchObject({ name: 'curl' })
    expect(part.locate(['name'])).toEqual(located.locate(['a', 0, 'name']))
  })
  it('count neither a byte order mark nor a carriage return', () => {
    const { line, col, length } = parseYaml('f.yaml', '\uFEFFa: 1\r\nb: xyz\r\n').locate(['b'])
    expect([line, col, length]).toEqual([2, 4, 3])
  })
})

describe('errors', () => {
  it.each([
    ['an unquoted template', 'a: {{ x }}', 'yaml 1:4 {{ x }}', 'quote it: "{{ x }}"'],
    ['an unquoted template with more', 'a: {{ x }}/b # why', 'yaml 1:4 {{ x }}/b', 'quote it: "{{ x }}/b"'],
    ['one that holds double quotes', 'a: {{ f "x" }}', 'yaml 1:4 {{ f "x" }}', `quote it: '{{ f "x" }}'`],
    ['one in a list', '- [a, {{ x }}]', 'yaml 1:7 {{ x }}', 'quote it: "{{ x }}"'],
    ['a tab', 'a:\n\tb: 1', 'yaml 2:1 \t', 'replace each tab at the start of a line by spaces'],
    ['two colons', 'a: b: c', 'yaml 1:4 b', 'quote the value: "…: …"'],
    [
      'a second document',
      'a: 1\n---\nb: 2',
      'yaml 2:1 ---',
      'move it to a file of its own, or remove the --- line',
    ],
    ['a duplicate key', 'a: 1\nb: 2\na: 3', 'yaml 3:1 a', 'remove or rename one of them'],
    ['an unclosed quote', 'a: "x\nb: c', 'yaml 1:4 "', 'close it with "'],
    ['an unknown anchor', 'a: *nope', 'yaml 1:4 *nope', 'quote the value if * is meant'],
    ['an unknown tag', 'a: !foo x', 'yaml 1:4 !foo', 'remove it'],
  ])('tells %s, where it is and what to type', (_, text, mark, hint) => {
    expect(wrong(text)).toEqual([mark])
    expect(errorsOf(() => parseYaml('f.yaml', text))[0]!.hint).toBe(hint)
  })
  it('are all told', () => {
    expect(wrong('- a: x: y\n- b: {{ z }}/1\n- c: @d\n')).toEqual([
      'yaml 1:6 x',
      'yaml 2:6 {{ z }}/1',
      'yaml 3:6 @',
    ])
  })
  it('refuse nesting and aliases that would fill stack or memory', () => {
    expect(wrong('['.repeat(5_000))).toHaveLength(1)
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`)
    expect(wrong(['a0: &a0 x', ...lines].join('\n')).length).toBeGreaterThan(0)
    expect(wrong('a: &x [*x]')).toHaveLength(1)
  })
  it('tell a file that is not there', () => {
    expect(errorsOf(() => readYaml(`${files({})}/nope.yaml`)).map(({ code }) => code)).toEqual(['file'])
  })
  it('are the only thing that any text can raise', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '{{',
      '}}',
      '&a ',
      '*a',
      '<<: ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '!vault ',
      '!!binary ',
      '|\n',
      '>\n',
      ': ',
      '? ',
      '#',
      '\t',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '0644',
      '\r\n',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((p) => p.join('')),
        ),
        (text) => {
          for (const error of errorsOf(() => parseYaml('f.yaml', text)))
            expect(['yaml', 'vault']).toContain(error.code)
        },
      ),
      { numRuns: 500 },
    )
  })
  it('never stand outside the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a: ', '- ', '\n', ' ', '{', '}', '"', '*a', 'b'), { maxLength: 30 }),
        (pieces) => {
          const text = pieces.join('')
          for (const { pos } of errorsOf(() => parseYaml('f.yaml', text))) {
            expect(pos!.line).toBeLessThanOrEqual(text.split('\n').length)
            expect(pos!.col).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

it('reads booleans of keywords as Ansible users write them', () => {
  expect(['yes', 'On', 'TRUE', true].map(asBoolean)).toEqual([true, true, true, true])
  expect(['no', 'off', 'False', false].map(asBoolean)).toEqual([false, false, false, false])
  expect(['maybe', 1, null, 'n'].map(asBoolean)).toEqual([undefined, undefined, undefined, undefined])
})
