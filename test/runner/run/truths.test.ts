import { expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const FIRST = '# play: language=jinja\n- hosts: all\n  gather_facts: false\n'
const warningsOf = ({ events }: Awaited<ReturnType<typeof runLocally>>) =>
  events.flatMap((event) => (event.event === 'warning' ? [event.message] : []))

/** What Ansible 2.14 makes of them: the truth of their value. */
it.each([
  ['some_string', true, 'text'],
  ['empty_string', false, 'text'],
  ['5', true, 'an int'],
  ['0', false, 'an int'],
  ['1.5', true, 'a float'],
  ['list', true, 'a list'],
  ['[]', undefined, undefined],
  ['nothing', false, 'None'],
  [`"'no'"`, true, 'text'],
  ['"{{ yes_text }}"', true, 'text'],
  ['said', true, 'a dict'],
  ['""', true, 'empty'],
])('when: %s counts as %s in a file of Jinja, with a warning', async (condition, holds, is) => {
  const run = await runLocally(
    `${FIRST}  vars: { some_string: "no", empty_string: "", list: [1], nothing: null, said: { a: 1 }, yes_text: "True" }
  tasks:
    - debug: { msg: x }
      when: ${condition}
      loop: [1, 2]
    - assert: { that: [some_string, "5"] }
`,
    { hosts: 'h1 h2' },
  )
  const warnings = warningsOf(run).filter((text) => text.includes('site.yaml:7'))
  expect(run.results[0]?.status).toBe(holds === false ? 'skipped' : 'ok')
  expect(warnings).toEqual(is === undefined ? [] : [expect.stringContaining(is)])
  expect(run.results.at(-1)?.status).toBe('ok')
  expect(warningsOf(run).filter((text) => text.includes('site.yaml:9'))).toHaveLength(2)
})

it('booleans get no warning, and native files stay strict', async () => {
  const run = await runLocally(
    `${FIRST}  tasks:\n    - debug: { msg: x }\n      when: [true, yes, 1 == 1, "'a' in 'ab'"]\n`,
  )
  expect(warningsOf(run)).toEqual([])
  await expect(
    runLocally(`- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: { msg: x }\n      when: "5"\n`),
  ).rejects.toThrow()
})
