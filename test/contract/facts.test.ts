import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineFact, type FactKey, predict } from '../../contract/facts.ts'
import type { Plan } from '../../contract/plan.ts'
import { fakeHost } from '../support/fake-host.ts'

interface Colour {
  red: number
}
const colourKey = defineFact<Colour | null>('colour')
const anyKey = defineFact<true, readonly string[]>('any')
const otherKey = defineFact<true, readonly string[]>('anything')

/** What stands between parts, what it is written as inside of one, and other letters. */
const parts = fc.array(
  fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', '5', 'a', '"', '.'), maxLength: 4 }),
)

describe('keys of facts', () => {
  it('are equal for the same parts, and for no others', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(anyKey(...one).text === anyKey(...other).text).toBe(isSame)
        expect(anyKey(...one).text).not.toBe(otherKey(...other).text)
      }),
    )
    expect(
      [anyKey(), anyKey(''), anyKey('', ''), anyKey('a/b'), anyKey('a', 'b')].map(({ text }) => text),
    ).toEqual(['any', 'any/', 'any//', 'any/a%2Fb', 'any/a/b'])
  })

  it('tell a slash from what it is written as', () => {
    expect(anyKey('%2F').text).not.toBe(anyKey('/').text)
  })

  it('are of one kind each, which is defined once', () => {
    expect(() => defineFact('colour')).toThrow("'colour'")
    expect(() => defineFact('colour/red')).toThrow("'colour/red'")
  })
})

it('a mistake in the type of a fact does not compile', async () => {
  const host = fakeHost()
  const colour: Colour | null = await host.fact(colourKey('sky'), async () => ({ red: 1 }))
  predict(colourKey('sky'), null)
  // @ts-expect-error a prediction of another type than what is read
  predict(colourKey('sky'), { red: 'much' })
  // @ts-expect-error undefined is said by withdraw
  predict(colourKey('sky'), undefined)
  // @ts-expect-error what is read is of the key's type
  await host.fact(colourKey('sky'), async () => ({ green: 1 }))
  // @ts-expect-error a key has all its parts
  colourKey()
  // @ts-expect-error a key is made by what defineFact returns
  const byHand: FactKey<Colour> = { kind: 'colour', parts: ['sky'], name: 'sky', text: 'colour/sky' }
  // @ts-expect-error a text is no key
  host.predicted('colour/sky')
  // @ts-expect-error a prediction is made by predict
  const plan: Plan = { changes: [], steps: [], predicts: [{ key: colourKey('sky'), value: 1 }] }
  expect([colour, byHand, plan]).toHaveLength(3)
})
