import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Event } from '../../../runner/report/events.ts'
import { WorkList } from '../../../runner/run/at-work.ts'
import { nameOf, progressIn, withoutProgress } from '../../../runner/run/step-progress.ts'

let events: Event[]
let list: WorkList

beforeEach(() => {
  vi.useFakeTimers()
  events = []
  list = new WorkList((event) => events.push(event))
})
afterEach(() => vi.useRealTimers())

test('what is soon done is not told', () => {
  const work = list.begin('vm1', 'Package', 'apt-get install x')
  vi.advanceTimersByTime(1500)
  work.end()
  vi.advanceTimersByTime(60_000)
  expect(events).toEqual([])
})

test('each host at work is shown with what it does, since when, and how far it is, until it has ended', () => {
  const one = list.begin('vm1', 'Package', 'apt-get install x')
  vi.advanceTimersByTime(1000)
  const two = list.begin('vm2', 'Package', 'apt-get install x')
  one.tell('40 % unpacking')
  vi.advanceTimersByTime(2000)
  const [piece, other] = [
    { host: 'vm1', task: 'Package', what: 'apt-get install x', line: '40 % unpacking', seconds: 3 },
    { host: 'vm2', task: 'Package', what: 'apt-get install x', line: undefined, seconds: 2 },
  ]
  expect(events.at(-1)).toEqual({ event: 'at_work', work: [piece, other] })
  one.end()
  two.end()
  expect(events.at(-1)).toEqual({ event: 'at_work', work: [] })
  const count = events.length
  vi.advanceTimersByTime(60_000)
  expect(events).toHaveLength(count)
})

test('a log has a line after ten seconds, and then one a minute', () => {
  const work = list.begin('vm1', 'Package', 'apt-get install x')
  vi.advanceTimersByTime(20_000)
  work.tell('40 % unpacking')
  vi.advanceTimersByTime(120_000)
  work.end()
  const told = events.filter(({ event }) => event === 'progress')
  expect(told).toEqual([
    { event: 'progress', task: 'Package', host: 'vm1', line: 'apt-get install x', seconds: 10 },
    {
      event: 'progress',
      task: 'Package',
      host: 'vm1',
      line: 'apt-get install x: 40 % unpacking',
      seconds: 60,
    },
    {
      event: 'progress',
      task: 'Package',
      host: 'vm1',
      line: 'apt-get install x: 40 % unpacking',
      seconds: 120,
    },
  ])
})

test('what waits is asked for what it waits for when that is told', () => {
  let asked: string | undefined = 'waits for the server'
  const work = list.begin('vm1', 'Role', 'pg_role', () => asked)
  vi.advanceTimersByTime(10_000)
  expect(events.filter(({ event }) => event === 'progress')).toEqual([
    { event: 'progress', task: 'Role', host: 'vm1', line: 'pg_role: waits for the server', seconds: 10 },
  ])
  asked = undefined
  vi.advanceTimersByTime(50_000)
  expect(events.findLast(({ event }) => event === 'progress')).toMatchObject({ line: 'pg_role', seconds: 60 })
  work.end()
})

test('a step has a name, with a title or without', () => {
  expect(nameOf({ do: 'exec', argv: ['sleep', '3'] })).toBe('sleep')
  expect(nameOf({ do: 'exec', argv: ['sleep', '3'], title: 'a nap' })).toBe('a nap')
  expect(nameOf({ do: 'write_file', path: '/etc/x', content: '' })).toBe('write file /etc/x')
})

test('lines that only tell how far a step is are no part of its output', () => {
  const step = { do: 'exec', argv: [], progress: /^at:(?<percent>[\d.]+):(?<what>.*)$/ } as const
  expect(progressIn(step, 'at:12.7:unpacking')).toBe('12 % unpacking')
  expect(progressIn(step, 'Setting up x')).toBeUndefined()
  expect(withoutProgress(step, 'Get:1\nat:12.7:unpacking\nSetting up x\n')).toBe('Get:1\nSetting up x\n')
  expect(withoutProgress({ ...step, progress: true }, 'at:1:x\n')).toBe('at:1:x\n')
})
