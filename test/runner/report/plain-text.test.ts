import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainText, saidBy } from '../../../runner/report/plain-text.ts'

const texts = fc.string({ unit: fc.constantFrom(...`\\\\'"%&;#+ \n\tunx0413aAfFglt€😀`) })

it('is the same text with and without places, and these lead to where each character came from', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const { text: said, starts, ends, gaps } = plainText(text)
      expect(said).toBe(saidBy(text))
      expect([starts.length, ends.length, gaps.length]).toEqual([said.length, said.length, said.length])
      for (let at = 1; at < said.length; at++) expect(starts[at]).toBeGreaterThanOrEqual(starts[at - 1]!)
      for (const [at, start] of starts.entries())
        if (ends[at] === start + 1) expect(text[start]).toBe(said[at])
    }),
    { numRuns: 3000 },
  )
})

it('takes time in proportion to the text', () => {
  const time = (text: string): number => {
    const before = process.cpuUsage()
    plainText(text)
    saidBy(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  for (const part of ['\\', '%', '&', '\\u', '%41', '&amp;', "'", '\n', '&#', '%e2%82'])
    expect(time(part.repeat(1 << 19)), part).toBeLessThan(3000)
})
