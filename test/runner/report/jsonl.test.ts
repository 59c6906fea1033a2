import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { unknown } from '../../../contract/unknown.ts'
import type { Event } from '../../../runner/report/events.ts'
import { jsonlReporter } from '../../../runner/report/jsonl.ts'
import { counts, result, written } from './reports.ts'

const lines = async (events: Event[]) => (await written(jsonlReporter, events)).trimEnd().split('\n')

test('one object a line with event first, the recap last', async () => {
  const output = await lines([
    { event: 'play_start', play: 'p', hosts: ['vm1'] },
    result({ message: undefined }),
    { event: 'recap', hosts: { vm1: counts({ ok: 1 }) }, check: false, duration_ms: 3, exit_code: 0 },
  ])
  expect(output).toHaveLength(3)
  for (const line of output) expect(line).toMatch(/^\{"event":"/)
  expect(JSON.parse(output[1]!)).toEqual({
    event: 'task_result',
    play: 'all',
    task: 'a task',
    kind: 'task',
    module: 'file',
    host: 'vm1',
    item: null,
    status: 'ok',
    changes: [],
    duration_ms: 1.5,
  })
  expect(JSON.parse(output.at(-1)!).event).toBe('recap')
})

test('sensitive values are blanked, and no_log blanks the rest', async () => {
  const [sensitive, hidden] = await lines([
    result({ changes: [{ path: 'password', before: null, after: 'SECRET', sensitive: true, text: true }] }),
    result({
      no_log: true,
      message: 'SECRET',
      result: { x: 'SECRET' },
      changes: [{ path: 'a', before: 1, after: 'SECRET' }],
    }),
  ])
  expect(JSON.parse(sensitive!).changes).toEqual([
    { path: 'password', before: null, after: '(hidden)', sensitive: true, text: false },
  ])
  expect(hidden).not.toContain('SECRET')
  expect(JSON.parse(hidden!)).toMatchObject({ no_log: true, changes: [] })
})

test('values that JSON does not have are written readably', async () => {
  const [line] = await lines([
    result({ result: { big: 10n, bytes: Buffer.from('text'), later: unknown('not run'), none: undefined } }),
  ])
  expect(JSON.parse(line!).result).toEqual({ big: 10, bytes: 'text', later: { unknown: 'not run' } })
})

/** Of at_work, which no JSON line has. */
const TERMINAL_ALONE = ['at_work', 'work', 'what']

test('docs/output.md names every event and every field', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  const source = read('runner/report/events.ts')
  const docs = read('docs/output.md')
  const names = [...source.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name!)
  const events = [...source.matchAll(/event: '(\w+)'/g)].map(([, name]) => name!)
  expect(names.length).toBeGreaterThan(40)
  for (const name of [...names, ...events])
    if (!['report', 'close', ...TERMINAL_ALONE].includes(name)) expect(docs).toContain(`\`${name}\``)
})

test('whole numbers of any size are their digits, and what JSON has no word for is null', async () => {
  const [line] = await lines([result({ result: { id: 9007199254740993n, list: [Number.NaN, 1.5] } })])
  expect(line).toContain('"result":{"id":9007199254740993,"list":[null,1.5]}')
})
