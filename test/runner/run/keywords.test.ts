import { describe, expect, it } from 'vitest'
import { KEYWORDS } from '../../../runner/load/playbook/keyword-table.ts'
import { runLocally } from '../../support/local-run.ts'
import { asJson, CASES, ELSEWHERE, play, task, two } from './keyword-cases.ts'

describe('each keyword of the table has its effect', () => {
  it('and none is left out here', () => {
    expect([...Object.keys(CASES), ...ELSEWHERE].sort()).toEqual(Object.keys(KEYWORDS).sort())
  })

  const all = Object.entries(CASES).flatMap(([name, cases]) => cases.map((one) => [name, one] as const))
  it.each(all)('%s', async (_, { playbook, value, options, does }) => {
    expect(does(await runLocally(playbook.replaceAll('VALUE', value), options))).toBe(true)
  })

  const templated = all.filter(([name, { value }]) => KEYWORDS[name]!.template && value !== '')
  it.each(templated)('%s, as a template', async (_, { playbook, value, options, does }) => {
    const args = [...(options?.args ?? []), '-e', JSON.stringify({ v: JSON.parse(asJson(value)) })]
    const ran = await runLocally(playbook.replaceAll('VALUE', '"{{ v }}"'), { ...options, args })
    expect(does(ran)).toBe(true)
  })

  const plain = all.filter(([name, { value }]) => !KEYWORDS[name]!.template && value !== '')
  it.each(plain)(
    '%s, which takes no template, refuses one before anything is done',
    async (_, { playbook, options }) => {
      const args = [...(options?.args ?? []), '-e', 'v=x']
      await expect(
        runLocally(playbook.replaceAll('VALUE', '"{{ v }}"'), { ...options, args }),
      ).rejects.toThrow()
    },
  )
})

describe('a template in a keyword that gives something else', () => {
  it.each([
    ['run_once', 'run_once wants true or false, but {{ v }} gives the text "perhaps"'],
    ['retries', 'retries wants a whole number of at least 0, but {{ v }} gives the text "perhaps"'],
  ])('%s: says what it gives', async (name, message) => {
    const ran = runLocally(task(`${name}: "{{ v }}", until: true`), { args: ['-e', 'v=perhaps'] })
    const said = await ran.then(
      ({ results }) => results[0]?.error?.message ?? '',
      (error) => String(error.message),
    )
    expect(said).toContain(message)
  })

  it('serial: an undefined name is refused before anything is done', async () => {
    await expect(runLocally(play('serial: "{{ nothing }}"', '- ping:'), two)).rejects.toThrow(
      /nothing is not defined/,
    )
  })
})
