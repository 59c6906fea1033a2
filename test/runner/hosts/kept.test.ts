import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Kept, MOST_WHOLE, outputOf } from '../../../runner/hosts/kept.ts'

const push = (kept: Kept, bytes: Buffer, size: number): Kept => {
  for (let at = 0; at < bytes.length; at += size) kept.push(bytes.subarray(at, at + size))
  return kept
}

test('what fits is whole, wherever it is cut on its way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (random, size) => {
      const bytes = Buffer.from(random)
      const whole = { text: bytes.toString(), cut: 0 }
      expect(push(new Kept(), bytes, size).text()).toEqual(whole)
      expect(push(new Kept(bytes.length + 1), bytes, size).text()).toEqual(whole)
    }),
  )
})

test('of more, whole lines of the head and of the tail are left, and what lies between is counted', () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `line ${n}\n`)
  for (const size of [1, 7, 100, 4096, 100_000]) {
    const { text, cut } = push(new Kept(200), Buffer.from(lines.join('')), size).text()
    const said = text.split(/(?<=\n)/)
    const gap = said.findIndex((line) => line.startsWith('[…'))
    expect(said[gap]).toBe(`[… ${cut} bytes left out …]\n`)
    expect(said.slice(0, gap)).toEqual(lines.slice(0, gap))
    expect(said.slice(gap + 1)).toEqual(lines.slice(gap + 1 - said.length))
    const kept = Buffer.byteLength(said.toSpliced(gap, 1).join(''))
    expect(kept + cut).toBe(Buffer.byteLength(lines.join('')))
    expect(kept).toBeGreaterThan(150)
    expect(kept).toBeLessThanOrEqual(200)
  }
})

test('one line that is too long is cut between two characters', () => {
  const { text } = push(new Kept(200_001), Buffer.from('é'.repeat(300_000)), 8191).text()
  expect(text).toMatch(/^é+\n\[… \d+ bytes left out …\]\né+$/)
})

test('what is wanted whole is never cut: too much of it is an error that names it', () => {
  const part = Buffer.alloc(1024 * 1024, 'x')
  const kept = new Kept()
  for (let at = 0; at <= MOST_WHOLE; at += part.length) kept.push(part)
  expect(() => outputOf(0, { stdout: kept, stderr: new Kept() })).toThrow(
    /272629760|285212672|bytes on stdout/,
  )
})
