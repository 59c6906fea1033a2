import { expect, it } from 'vitest'
// @ts-expect-error: a script, without types
import { count } from '../count.mjs'

/** As vitest 4 reports them: `it.skip` is skipped, `describe.skip` too, `it.todo` todo. */
const TESTS = [
  ['passes', 'passed'],
  ['fails', 'failed'],
  ['is skipped', 'skipped'],
  ['was not reached', 'pending'],
  ['is to be written', 'todo'],
  ['is new (only with PostgreSQL 99)', 'skipped'],
]
const report = {
  numPassedTests: 1,
  numFailedTests: 1,
  testResults: [{ assertionResults: TESTS.map(([fullName, status]) => ({ fullName, status })) }],
}
const leftOut = ['is skipped', 'was not reached', 'is to be written']

it('in CI a test that is left out counts as a failure, but for one that says which machine it is for', () => {
  expect(count(report, true)).toEqual({ passed: 1, failed: 4, leftOut })
})

it('elsewhere it is named, and no failure', () => {
  expect(count(report, false)).toEqual({ passed: 1, failed: 1, leftOut })
})
