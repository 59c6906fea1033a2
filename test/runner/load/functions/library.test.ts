import { expect, it } from 'vitest'
import { LIBRARY } from '../../../../runner/load/functions/index.ts'
import { DIFFERENCES } from '../../../oracle/differences.ts'
import { OF_UNDEFINED, OLDER } from '../../../oracle/older.ts'
import { type OracleCase, played, recorded } from '../../../support/oracle.ts'

/** Where an order comes from a set, it is by chance there, and here that of the lists. */
const SETS = new Set(['union', 'intersect', 'difference', 'symmetric_difference'])

/** What is undefined is an error where it is needed. */
const isError = (answer: unknown): boolean => answer === 'E' || JSON.stringify(answer) === '{"$":"undefined"}'

const ordered = (name: string, answer: unknown): string =>
  JSON.stringify(
    isError(answer)
      ? 'E'
      : SETS.has(name) && Array.isArray(answer)
        ? answer.map((one) => JSON.stringify(one)).sort()
        : answer,
  )

const different = (one: OracleCase): boolean =>
  ordered(one[0], played(LIBRARY, one)) !== ordered(one[0], one[4])

/** Without a seed nobody knows what comes. */
const isByChance = ([name, , args, named]: OracleCase): boolean =>
  (name === 'random' || name === 'shuffle') && args.length === 0 && named.seed === undefined

const names = new Set(
  LIBRARY.flatMap((one) => one.names.map((name) => (one.is === 'test' ? `is ${name}` : name))),
)
const byName = new Map<string, OracleCase[]>()
for (const one of recorded('functions'))
  if (names.has(one[0]) && !isByChance(one)) byName.set(one[0], [...(byName.get(one[0]) ?? []), one])

it.each([...byName])(
  '%s answers what Ansible answers, but where the difference is explained',
  (name, cases) => {
    const wrong = cases.filter(different)
    expect(wrong.length, wrong.map((one) => JSON.stringify([...one, played(LIBRARY, one)])).join('\n')).toBe(
      DIFFERENCES[name]?.cases ?? 0,
    )
  },
)

it('no more than one case in a hundred is answered otherwise', () => {
  const all = [...byName.values()].flat().length
  const wrong = Object.values(DIFFERENCES).reduce((sum, { cases }) => sum + cases, 0)
  expect(all).toBeGreaterThan(10_000)
  expect(wrong / all).toBeLessThan(0.01)
})

it('wherever Ansible 2.14 answers otherwise, the documents say how', () => {
  const older = recorded('functions-2.14')
  const named = new Set([...Object.keys(OLDER), ...OF_UNDEFINED])
  expect(older.length).toBeGreaterThan(200)
  expect(new Set(older.map(([name]) => name))).toEqual(named)
  const isOfUndefined = ([name, value]: OracleCase) =>
    OF_UNDEFINED.includes(name) && JSON.stringify(value) === '{"$":"undefined"}'
  const others = older.filter((one) => !isOfUndefined(one))
  expect(others.filter(([name]) => !Object.hasOwn(OLDER, name))).toEqual([])
})
