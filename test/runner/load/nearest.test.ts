import { expect, it } from 'vitest'
import { didYouMean, nearest } from '../../../runner/load/nearest.ts'

it.each([
  ['becom', 'become'],
  ['regsiter', 'register'],
  ['Apt-Install', 'apt_install'],
  ['whne', 'when'],
])('takes %s for %s', (word, meant) => {
  expect(nearest(word, ['hosts', 'become', 'become_user', 'register', 'apt_install', 'when'])).toBe(meant)
})

it('takes a word that is far from all for none', () => {
  expect(nearest('postgres', ['hosts', 'become'])).toBeUndefined()
  expect(nearest('x', ['y', 'z'])).toBeUndefined()
})

it('asks, or says otherwise', () => {
  expect(didYouMean('hsots', ['hosts'])).toBe('did you mean hosts?')
  expect(didYouMean('abc', ['hosts'], 'remove it')).toBe('remove it')
})
