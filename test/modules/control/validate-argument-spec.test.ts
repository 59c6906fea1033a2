import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Options, problemsOf, told } from '../../../modules/control/validate-argument-spec/problems.ts'

type Recorded = [spec: Options, values: Record<string, unknown>, taken: boolean]

const recorded = readFileSync('test/oracle/argument-specs/recorded.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)

it('takes what ansible-core takes, and nothing else', () => {
  const differ = recorded.filter(([spec, values, taken]) => (problemsOf(spec, values).length === 0) !== taken)
  expect(differ).toEqual([])
  expect(recorded.length).toBeGreaterThan(500)
})

it('tells all that is wrong, each by its path', () => {
  const users = {
    type: 'list',
    elements: 'dict',
    options: { name: { required: true }, uid: { type: 'int' } },
  } as const
  const spec: Options = { port: { type: 'int', required: true }, mode: { choices: ['a', 'b'] }, users }
  expect(problemsOf(spec, { mode: 'c', users: [{ uid: 'x' }, { name: 'a', gid: 1 }] }).map(told)).toEqual([
    'port is needed',
    'mode wants one of a, b, but found "c"',
    'users[0].name is needed',
    'users[0].uid wants a value of type int, but found "x"',
    'users[1].gid is not known: there are name, uid',
  ])
})

it('never shows what is no_log', () => {
  expect(problemsOf({ password: { type: 'int', no_log: true } }, { password: 'geheim' }).map(told)).toEqual([
    'password wants a value of type int',
  ])
})
