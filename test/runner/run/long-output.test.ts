import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

/** Bytes; a text of JavaScript cannot be so long. */
const FAR_TOO_MUCH = 600_000_000

test('a command that says 600 MB on two hosts ends with the right status, and its head and tail are kept', async () => {
  const { code, lines, results } = await runLocally(
    `
- hosts: all
  gather_facts: false
  tasks:
    - name: much
      shell: echo first; yes 'a line of some length' | head -c ${FAR_TOO_MUCH}; echo; echo last; exit 3
      register: said
      failed_when: said.rc != 3
    - name: behind
      assert: { that: "said.stdout.startsWith('first') && said.stdout.endsWith('last') && said.stdout_cut > 590000000" }
`,
    { hosts: 'h1 h2' },
  )
  expect(lines.toSorted()).toEqual(['h1 behind ok', 'h1 much changed', 'h2 behind ok', 'h2 much changed'])
  expect(code).toBe(0)
  const [much] = results
  expect(Buffer.byteLength(String(much?.result?.stdout))).toBeLessThan(2.1 * 1024 * 1024)
  expect(much?.notes?.[0]).toMatch(/^\d+ bytes of stdout were left out; --max-output keeps more$/)
}, 300_000)

test('--max-output says how much is kept, of a failed command too, on both streams', async () => {
  const { results } = await runLocally(
    `
- hosts: all
  gather_facts: false
  tasks:
    - shell: seq 100000; seq 100000 >&2; exit 1
`,
    { args: ['--max-output', '1K'] },
  )
  const { command, status } = results[0]!
  expect(status).toBe('failed')
  for (const said of [command?.stdout, command?.stderr])
    expect(said).toMatch(/^1\n2\n3\n[\s\S]*\n\[… \d+ bytes left out …\]\n[\s\S]*\n100000$/)
})

test('input that takes a channel of its own is cut likewise', async () => {
  const { results } = await runLocally(
    `
- hosts: all
  gather_facts: false
  tasks:
    - command:
        argv: [cat]
        stdin: "{{ join (range 100000) ' ' }} {{ join (range 90000) ' ' }}"
`,
    { args: ['--max-output', '1K'] },
  )
  expect(results[0]?.result).toMatchObject({ stdout_cut: expect.any(Number), rc: 0 })
})
