import { describe, expect, it } from 'vitest'
import { runLocally } from '../../support/local-run.ts'

const play = (tasks: string, rest = ''): string =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n${rest}`

describe('numbers beyond what a timer takes', () => {
  it('a timeout of a month ends nothing at once', async () => {
    const { results } = await runLocally(play('- { command: sleep 0.1, timeout: 2592000 }'))
    expect(results[0]).toMatchObject({ status: 'changed' })
  })

  it('a delay of a month is a delay, and Ctrl-C ends it', async () => {
    const started = performance.now()
    const { code, events } = await runLocally(
      play('- { command: "false", until: false, retries: 3, delay: 2592000, register: it }'),
      { onEvent: ({ event }) => event === 'retry' && process.emit('SIGINT') },
    )
    expect(code).toBe(99)
    expect(events.filter(({ event }) => event === 'retry')).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('Ctrl-C ends the pause of a loop', async () => {
    const { code } = await runLocally(
      play('- { command: "true", loop: [1, 2], loop_control: { pause: 600 } }'),
      { onEvent: ({ event }) => event === 'task_result' && process.emit('SIGINT') },
    )
    expect(code).toBe(99)
  })
})

describe('the time of a task', () => {
  it('is that of what it reads, too', async () => {
    const { results } = await runLocally(play('- { wait_for: { port: 1, timeout: 30 }, timeout: 1 }'))
    expect(results[0]).toMatchObject({ status: 'failed' })
    expect(results[0]!.duration_ms).toBeLessThan(15_000)
  })
})

describe('handlers', () => {
  it('one with a template in its name is notified by what that is on the host', async () => {
    const { lines } = await runLocally(
      play(
        '- { name: a, command: "true", notify: "h {{ inventory_hostname }}" }',
        '  handlers:\n    - { name: "h {{ inventory_hostname }}", command: "true" }\n',
      ),
    )
    expect(lines).toEqual(['h1 a changed', 'h1 h h1 changed'])
  })

  it('that nobody has are a failure', async () => {
    const { code, results } = await runLocally(
      play(
        '- { name: a, command: "true", notify: "no {{ inventory_hostname }}" }',
        '  handlers:\n    - { name: b, command: "true" }\n',
      ),
    )
    expect(code).toBe(2)
    expect(results.at(-1)!.error!.message).toBe('no handler of this play is called no h1, nor listens to it')
  })
})

it('--start-at-task with a name that no task has is no success', async () => {
  const { code, events } = await runLocally(play('- { name: a, command: "true" }'), {
    args: ['--start-at-task', 'b'],
  })
  expect(code).toBe(4)
  expect(events.some((event) => event.event === 'warning' && event.message.includes("called 'b'"))).toBe(true)
})

describe('what goes on and on', () => {
  it('a file that includes itself ends, with the place, and the recap is told', async () => {
    const { code, results, recap } = await runLocally(play('- include_tasks: again.yaml'), {
      files: { 'again.yaml': '- { name: deeper, include_tasks: again.yaml }\n' },
    })
    expect(code).toBe(2)
    expect(results.at(-1)!.error!.message).toBe('include_tasks: more than 100 files include each other')
    expect(recap.hosts.h1).toMatchObject({ failed: 1 })
  })
})
