import { expect, it } from 'vitest'
import { matchesGlob } from '../../contract/glob.ts'

it.each([
  ['a*c', 'abbc', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[ab]c', 'bc', true],
  ['[!ab]c', 'bc', false],
  ['[!ab]c', 'xc', true],
  ['[0-9]*.conf', '10-a.conf', true],
  ['[]x]', ']', true],
  ['[!]x]', ']', false],
  ['[a-]', '-', true],
  ['[z-a]', 'b', false],
  ['a[', 'a[', true],
  ['[a', '[a', true],
  ['a.b', 'axb', false],
  ['**', '', true],
])('%s on %s: %s', (pattern, text, fits) => expect(matchesGlob(pattern, text)).toBe(fits))

it('takes no long time for many stars', () => {
  const started = performance.now()
  expect(matchesGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(5000))).toBe(false)
  expect(matchesGlob('['.repeat(20_000), 'a')).toBe(false)
  expect(performance.now() - started).toBeLessThan(1000)
})
