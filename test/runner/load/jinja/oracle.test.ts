import { expect, test } from 'vitest'
import { LIBRARY } from '../../../../runner/load/functions/index.ts'
import { libraryOf } from '../../../../runner/load/jinja/library.ts'
import { compareWithAnsible } from '../../../oracle/compare.ts'
import { EXPLAINED } from '../../../oracle/explained.ts'
import { FEW } from './library.ts'

test('expressions and templates give what Ansible 2.19 gave for them', { timeout: 60_000 }, () => {
  const { differences, count } = compareWithAnsible(FEW)
  expect(count).toBeGreaterThan(12_000)
  const unexplained = differences.filter(({ text }) => !EXPLAINED.some(({ matches }) => matches.test(text)))
  expect(unexplained).toEqual([])
  expect(differences.length).toBeLessThan(count / 100)
})

test('pipelines of filters, as people write them, too', { timeout: 60_000 }, () => {
  const { differences, count } = compareWithAnsible(libraryOf(LIBRARY), 'pipelines')
  expect(count).toBeGreaterThan(600)
  expect(differences.map(({ text }) => text)).toEqual([])
})
