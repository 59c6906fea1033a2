import { Chalk } from 'chalk'
import { expect, test } from 'vitest'
import type { TaskResult } from '../../../runner/report/events.ts'
import { resultLines } from '../../../runner/report/result.ts'

const LINES = 400_000
const said = 'x\n'.repeat(LINES)
const event: TaskResult = {
  event: 'task_result',
  ...{ play: 'p', task: 't', kind: 'task', module: 'shell', host: 'h1', item: null, duration_ms: 1 },
  status: 'failed',
  changes: [],
  message: 'non-zero return code',
  command: { argv: 'yes', code: 1, stdout: said, stderr: said },
  notes: [said],
  result: { stdout: said },
}

test('showing what a command said in hundreds of thousands of lines is no fault', () => {
  const options = { chalk: new Chalk({ level: 0 }), verbosity: 3, diff: true, check: false }
  expect(resultLines(event, options).length).toBeGreaterThan(LINES)
})
