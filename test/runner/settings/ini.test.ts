import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Diagnostics } from '../../../runner/errors.ts'
import { iniValue, parseIni } from '../../../runner/settings/ini.ts'

function read(text: string) {
  const diagnostics = new Diagnostics()
  const ini = parseIni('ansible.cfg', text, diagnostics)
  return { ini, errors: diagnostics.errors }
}
const value = (text: string, name: string) => iniValue(read(text).ini, name)?.text

it.each([
  ['with = or :, and in any case', '[defaults]\nForks : 7\n', 'defaults.forks', '7'],
  ['a comment behind a blank and ;', '[defaults]\nforks = 7 ; few\n', 'defaults.forks', '7'],
  ['# behind a value is part of it', '[defaults]\nremote_user = a #b\n', 'defaults.remote_user', 'a #b'],
  ['; without a blank too', '[defaults]\nremote_user = a;b\n', 'defaults.remote_user', 'a;b'],
  ['% is no template', '[defaults]\nlog_path = %(x)s%\n', 'defaults.log_path', '%(x)s%'],
  ['what is indented goes on', '[a]\nb = 1\n  # no\n  2\n\n  3\n\n', 'a.b', '1\n2\n\n3'],
  ['[DEFAULT] is of every section', '[DEFAULT]\nb = 1\n[a]\nc = 2\n', 'a.b', '1'],
  ['but of none that is not there', '[DEFAULT]\nb = 1\n', 'a.b', undefined],
  ['nothing is a value', '[a]\nb =\n', 'a.b', ''],
])('%s', (_, text, name, expected) => {
  expect(read(text).errors).toEqual([])
  expect(value(text, name)).toBe(expected)
})

it('tells all that is wrong at its place', () => {
  const { errors } = read('x = 1\n[a]\nforks\nb = 1\nB: 2\n[a]\n')
  expect(errors.map(({ message, pos }) => `${pos!.line}:${pos!.col} ${message}`)).toEqual([
    '1:1 x stands in no section',
    '3:1 this is neither a section nor key = value',
    '5:1 B is there twice in its section',
    '6:1 the section [a] is there twice',
  ])
})

it('has an error for the user, or values, for every text, in linear time', () => {
  const piece = fc.constantFrom('[', ']', '=', ':', ';', '#', ' ', '\n', '  ', 'a', 'DEFAULT', '\r', '"')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      for (const { pos } of read(pieces.join('')).errors) expect(pos!.line).toBeGreaterThan(0)
    }),
    { numRuns: 2000 },
  )
  const started = performance.now()
  read(`[a]\n${' '.repeat(200_000)}x${' '.repeat(200_000)}\n`)
  read(`[a]\nb = ${'x '.repeat(200_000)}\n${'  y\n'.repeat(50_000)}`)
  expect(performance.now() - started).toBeLessThan(2000)
})
