import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Changing, pairUp, readBeside, type Way } from '../pairs/pair.ts'
import { Clients } from '../support/clients.ts'
import { Operator } from '../support/operator.ts'

/** A few of the pairs that `npm run check-pairs` goes through. */
const PAIRS: [one: Changing, other: Changing, way: Way][] = [
  ['switchover', 'site', 'refused'],
  ['switchover', 'site', 'waits'],
  ['failover', 'switchover', 'waits'],
]

describe('two runs at once are as one after the other', () => {
  const bench: Bench = { operator: new Operator(), clients: new Clients(50, 66_000_000) }

  beforeAll(async () => {
    await bench.operator.beginWell()
    bench.clients.start()
  })
  afterAll(async () => {
    await bench.operator.endWell()
    await bench.clients.end()
  })

  it.each(PAIRS)('%s, then %s while it is under way: the second %s', async (one, other, way) => {
    expect(await pairUp(one, other, way, bench)).toEqual([])
  })

  it('status, check and plan go on beside a run, and say whose it is', async () => {
    expect(await readBeside(bench)).toEqual([])
  })
})
