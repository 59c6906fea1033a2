import { expect, it } from 'vitest'
import { parseYaml } from '../../runner/load/yaml.ts'
import { move } from './subjects/subject.ts'
import { isSettled, playbookOf, subjects, tuplesOf } from './tuples.ts'

it('the same seed names the same tuples, another one others', () => {
  expect(tuplesOf(20, 1)).toEqual(tuplesOf(20, 1))
  expect(tuplesOf(20, 1).map(({ moves }) => moves)).not.toEqual(tuplesOf(20, 2).map(({ moves }) => moves))
})

it('the first few touch every subject', () => {
  expect(new Set(tuplesOf(subjects.length, 1).map(({ subject }) => subject.name)).size).toBe(subjects.length)
})

it('every task is one of a playbook', () => {
  for (const subject of subjects) {
    const text = playbookOf({ name: '', subject, start: '', moves: subject.moves }, 'vm1')
    const [play] = parseYaml('/x.yaml', text).value as { tasks: object[] }[]
    expect(play?.tasks).toHaveLength(subject.moves.length)
  }
})

it('tasks that undo each other are never settled', () => {
  const [a, b, other] = [move('', { state: 'a' }), move('', { state: 'b' }), move('', { more: 'b' })]
  expect(
    [
      [a, other],
      [a, a],
      [a, b],
    ].map(isSettled),
  ).toEqual([true, true, false])
  expect(isSettled([move('', {}, true)])).toBe(false)
})
