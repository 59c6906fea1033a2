import { expect, test } from 'vitest'
import { selectTask } from '../../../runner/load/tags.ts'

test.each<[tags: string, only: string, skip: string, runs: boolean]>([
  ['', '', '', true],
  ['a', '', '', true],
  ['a', 'a', '', true],
  ['a b', 'b', '', true],
  ['a', 'b', '', false],
  ['', 'a', '', false],
  ['always', 'a', '', true],
  ['always', '', 'always', false],
  ['always', '', 'all', true],
  ['always', '', 'all always', false],
  ['always a', 'b', 'a', false],
  ['never', '', '', false],
  ['never', 'all', '', false],
  ['never', 'tagged', '', false],
  ['never', 'never', '', true],
  ['never a', 'a', '', true],
  ['never a', 'b', '', false],
  ['never always', '', '', true],
  ['a', 'tagged', '', true],
  ['', 'tagged', '', false],
  ['', 'untagged', '', true],
  ['a', 'untagged', '', false],
  ['a', 'all', '', true],
  ['a', '', 'a', false],
  ['a', '', 'b', true],
  ['a b', 'a', 'b', false],
  ['a', '', 'tagged', false],
  ['', '', 'tagged', true],
  ['', '', 'untagged', false],
  ['a', '', 'untagged', true],
  ['a', '', 'all', false],
])('a task tagged %j under --tags %j --skip-tags %j: %j', (tags, only, skip, runs) => {
  const words = (text: string) => text.split(' ').filter(Boolean)
  expect(selectTask(words(tags), words(only), words(skip))).toBe(runs)
})
