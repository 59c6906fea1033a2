import { expect, test } from 'vitest'
import { fuzz } from '../../../oracle/fuzz.ts'

test('changed templates end in a value or in an error with a place', { timeout: 60_000 }, () => {
  expect(fuzz(3000, 20261129)).toEqual([])
})
