import { expect, it } from 'vitest'
import { LIBRARY } from '../../../../runner/load/functions/index.ts'
import { type OracleCase, played, recorded } from '../../../support/oracle.ts'

/** Where an order comes from a set, it is by chance there, and here that of the lists. */
const SETS = new Set(['union', 'intersect', 'difference', 'symmetric_difference'])

const ordered = (name: string, answer: unknown): string =>
  JSON.stringify(
    SETS.has(name) && Array.isArray(answer) ? answer.map((one) => JSON.stringify(one)).sort() : answer,
  )

const different = (one: OracleCase): boolean =>
  ordered(one[0], played(LIBRARY, one)) !== ordered(one[0], one[4])

const byName = new Map<string, OracleCase[]>()
for (const one of recorded('functions')) byName.set(one[0], [...(byName.get(one[0]) ?? []), one])

it.each([...byName])('%s answers what Ansible answers', (_, cases) => {
  const wrong = cases.filter(different).map((one) => JSON.stringify([...one, played(LIBRARY, one)]))
  expect(wrong).toEqual([])
})
