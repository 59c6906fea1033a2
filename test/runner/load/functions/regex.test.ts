import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PatternFault, PythonRegex } from '../../../../contract/regex/index.ts'

const spend = (): void => undefined

type Case = [
  pattern: string,
  flags: string,
  text: string,
  replacement: string,
  search: unknown,
  match: unknown,
  fullMatch: unknown,
  all: unknown,
  replaced: unknown,
  once: unknown,
]

function answer(work: () => unknown): unknown {
  try {
    return work() ?? null
  } catch (error) {
    if (error instanceof PatternFault) return 'E'
    throw error
  }
}

const compile = (pattern: string, flags = '') =>
  PythonRegex.compile(pattern, { ignoreCase: flags.includes('i'), multiline: flags.includes('m') })

function play([pattern, flags, text, replacement]: Case): unknown[] {
  const regex = answer(() => compile(pattern, flags))
  if (!(regex instanceof PythonRegex)) return [pattern, flags, text, replacement, 'E']
  return [
    pattern,
    flags,
    text,
    replacement,
    answer(() => regex.search(text, spend)?.groups.map((group) => group ?? null)),
    answer(() => regex.match(text, spend)?.text),
    answer(() => regex.fullMatch(text, spend) !== undefined),
    answer(() => regex.all(text, spend).map(({ groups }) => asFound(groups.map((group) => group ?? '')))),
    answer(() => {
      const { text: made, replaced } = regex.replace(text, replacement, 0, spend)
      return [made, replaced]
    }),
    answer(() => regex.replace(text, replacement, 1, spend).text),
  ]
}

const asFound = (groups: string[]): unknown =>
  groups.length === 1 ? groups[0] : groups.length === 2 ? groups[1] : groups.slice(1)

it("finds and replaces what Python's re does, for each recorded pattern, text and replacement", () => {
  const cases = JSON.parse(readFileSync('test/oracle/regex.json', 'utf8')) as Case[]
  const different = cases
    .map((one) => [one, play(one)])
    .filter(([one, made]) => JSON.stringify(one) !== JSON.stringify(made))
  expect(cases.length).toBeGreaterThan(2500)
  expect(different).toEqual([])
})

it.each([
  ['(a+)+$', `${'a'.repeat(5000)}b`],
  ['(x+x+)+y', 'x'.repeat(3000)],
  ['(a|aa)+$', `${'a'.repeat(10_000)}b`],
  ['(\\w+\\s?)*:', 'word '.repeat(2000)],
])('%s ends soon where it does not fit, though its ways of trying are countless', (pattern, text) => {
  let steps = 0
  const found = compile(pattern).search(text, (more) => {
    steps += more
    if (steps > 5_000_000) throw new Error('too many steps')
  })
  expect(found).toBeUndefined()
})

it('counts the steps of a pattern that may take for ever, so that whoever pays can stop it', () => {
  let steps = 0
  const search = () =>
    compile('(?=(a+)+$)b').search('a'.repeat(40), (more) => {
      steps += more
      if (steps > 100_000) throw new Error('enough')
    })
  expect(search).not.toThrow()
  expect(() =>
    compile('^(?=(a+)+$)').search(`${'a'.repeat(40)}b`, (more) => {
      steps += more
      if (steps > 100_000) throw new Error('enough')
    }),
  ).toThrow('enough')
})

it('says where a pattern is wrong', () => {
  expect(() => compile('ab(c')).toThrow(
    expect.objectContaining({ message: expect.stringContaining('no end'), at: 2 }),
  )
})
