import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandHosts } from '../../../../runner/load/inventory/ranges.ts'

const pos = () => ({ file: 'hosts', line: 1, col: 1 })
const names = (entry: string) => expandHosts(entry, pos).names

test('ranges include their end, step, keep their width and combine', () => {
  expect(names('web[01:10:4].x')).toEqual(['web01.x', 'web05.x', 'web09.x'])
  expect(names('db-[a:c]')).toEqual(['db-a', 'db-b', 'db-c'])
  expect(names('[1:2]-[a:b]')).toEqual(['1-a', '1-b', '2-a', '2-b'])
  expect(names('h[:2]')).toEqual(['h0', 'h1', 'h2'])
})

test('any range of numbers has its members, in order, padded to its width', () => {
  const range = fc.record({
    first: fc.nat(500),
    count: fc.integer({ min: 1, max: 200 }),
    step: fc.integer({ min: 1, max: 9 }),
    padded: fc.boolean(),
  })
  fc.assert(
    fc.property(range, ({ first, count, step, padded }) => {
      const last = first + (count - 1) * step
      const width = padded ? 6 : 0
      const show = (at: number) => String(at).padStart(width, '0')
      const expected = Array.from({ length: count }, (_, index) => `h${show(first + index * step)}.x`)
      expect(names(`h[${show(first)}:${show(last)}:${step}].x`)).toEqual(expected)
    }),
  )
})
