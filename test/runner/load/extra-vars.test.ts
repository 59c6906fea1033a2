import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExtraVars } from '../../../runner/load/extra-vars.ts'
import { loadVarsFile } from '../../../runner/load/vars-files.ts'
import { errorsOf, scratch } from './inventory/scratch.ts'

describe('extra variables', () => {
  test.each<[string, object]>([
    ['a=1 b=true', { a: '1', b: 'true' }],
    [`a="two words" b='x y' c=`, { a: 'two words', b: 'x y', c: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['url=http://x/?a=b', { url: 'http://x/?a=b' }],
    [`a='it\\'s' b="\\"q\\""`, { a: "it's", b: '"q"' }],
    ['a=x\\ny b=\\x41\\u00e9', { a: 'x\ny', b: 'Aé' }],
    [`pw=a"b"c`, { pw: 'a"b"c' }],
    ['a={{ b c }} d=1', { a: '{{ b c }}', d: '1' }],
    ['{"a": 1, "b": [true]}', { a: 1, b: [true] }],
    [' {a: 1, b: text}', { a: 1, b: 'text' }],
    ['', {}],
  ])('%s', (arg, vars) => expect(parseExtraVars([arg])).toEqual(vars))

  test('files are named with @, and later ones win', () => {
    const folder = scratch({ 'a.yaml': 'x: 1\ny: 1', 'b.json': '{"x": 2}' })
    const args = [`@${join(folder, 'a.yaml')}`, `@${join(folder, 'b.json')}`, 'z=3']
    expect(parseExtraVars(args)).toEqual({ x: 2, y: 1, z: '3' })
    expect(parseExtraVars(['x=1', 'x=2'])).toEqual({ x: '2' })
  })

  test('every mistake is told, with the spelling to use and without values', () => {
    const errors = errorsOf(() =>
      parseExtraVars(['novalue', 'pw=my secret', 'a="x', './vars.yaml', '[1]', '{a: ]', '@/nowhere']),
    )
    expect(errors.map((error) => error.code)).toEqual([
      'usage',
      'usage',
      'usage',
      'usage',
      'usage',
      'yaml',
      'file',
    ])
    expect(errors[3]?.hint).toMatch(/-e @\.\/vars\.yaml/)
    expect(errors.map((error) => error.message + error.hint).join()).not.toMatch(/secret/)
  })

  test('no text throws anything but errors for the user', () => {
    const piece = fc.constantFrom('a', '=', '"', "'", '\\', ' ', '{', '}', '[', '@', '/', '\n', ':', '{{')
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 15 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (arg) => void errorsOf(() => parseExtraVars([arg]))),
      { numRuns: 500 },
    )
  })
})

describe('a file of variables', () => {
  test('may be empty, and knows its places', () => {
    const folder = scratch({ empty: '# nothing\n', 'a.yaml': 'x: 1\ny:\n  - 2\n' })
    expect(loadVarsFile(join(folder, 'empty')).value).toEqual({})
    const located = loadVarsFile(join(folder, 'a.yaml'))
    expect(located.value).toEqual({ x: 1, y: [2] })
    expect(located.locate(['y', 0])).toMatchObject({ line: 3, col: 5 })
  })

  test('is a mapping, and is there', () => {
    const folder = scratch({ list: '- 1\n' })
    const pos = { file: 'site.yaml', line: 3, col: 5 }
    expect(errorsOf(() => loadVarsFile(join(folder, 'list')))[0]).toMatchObject({ code: 'variable' })
    expect(errorsOf(() => loadVarsFile(join(folder, 'none'), pos))[0]).toMatchObject({ code: 'file', pos })
  })
})
