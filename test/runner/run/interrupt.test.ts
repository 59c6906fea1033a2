import { expect, test } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const LIST = '(range 100000)'
const CASES: Record<string, string> = {
  'nested all()': `debug: { msg: x }\n      when: l.all(a, l.all(b, l.all(c, a + b + c >= 0)))`,
  patterns: `debug: { msg: x }\n      when: l.all(a, !s.matches("^(a+)+$"))`,
  'nested each': `debug: { msg: "{{#each ${LIST}}}{{#each ${LIST}}}x{{/each}}{{/each}}" }`,
}

test.each(Object.entries(CASES))(
  'Ctrl-C in the middle of %s is heard: the next task is not begun',
  async (_, task) => {
    let signalled = 0
    const { code, lines } = await runLocally(
      `
- hosts: all
  gather_facts: false
  vars: { l: "{{range 1000}}", s: "${'a'.repeat(10_000)}!" }
  tasks:
    - name: long
      ${task}
      loop: "{{range 50}}"
      ignore_errors: true
    - name: behind
      debug: { msg: x }
`,
      {
        onEvent: (event) => {
          if (event.event !== 'task_start' || signalled > 0) return
          signalled = performance.now()
          process.kill(process.pid, 'SIGINT')
        },
      },
    )
    expect(code).toBe(99)
    expect(lines.some((line) => line.includes('behind'))).toBe(false)
    // Alone it is less than a second; other tests run beside.
    expect(performance.now() - signalled).toBeLessThan(10_000)
  },
  60_000,
)
