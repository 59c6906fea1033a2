import { describe, expect, it } from 'vitest'
import type { Status, TaskResult } from '../../runner/report/events.ts'
import { compare } from './compare.ts'
import { drifts, pairsOf } from './drifts.ts'

const result = (task: string, host: string, status: Status, item: string | null = null): TaskResult => ({
  event: 'task_result',
  play: 'Settings',
  task,
  kind: 'task',
  module: 'ping',
  host,
  item,
  status,
  changes: [],
  duration_ms: 1,
})

describe('compare', () => {
  it('finds no miss where every host and item has the same status, in whatever order they came', () => {
    const check = [result('a', 'vm1', 'ok'), result('a', 'vm2', 'changed', 'x')]
    expect(compare(check, check.toReversed())).toEqual({ total: 2, misses: [] })
  })

  it('names what differs, and why it failed', () => {
    const failed = { ...result('a', 'vm1', 'failed'), error: { code: 'task', message: 'no', details: [] } }
    expect(compare([result('a', 'vm1', 'ok')], [failed])).toEqual({
      total: 1,
      misses: [{ what: 'Settings / a / vm1', check: 'ok', run: 'failed', messages: ['no'] }],
    })
  })

  it('counts a task that only one of the two came to', () => {
    const { misses } = compare(
      [result('a', 'vm1', 'ok'), result('b', 'vm1', 'ok')],
      [result('a', 'vm1', 'ok')],
    )
    expect(misses).toMatchObject([{ what: 'Settings / b / vm1', check: 'ok', run: undefined }])
  })

  it('tells items apart, and tasks of the same name by their turn', () => {
    const check = [result('a', 'vm1', 'ok', 'x'), result('b', 'vm1', 'ok'), result('b', 'vm1', 'changed')]
    const run = [result('a', 'vm1', 'ok', 'y'), result('b', 'vm1', 'ok'), result('b', 'vm1', 'ok')]
    expect(compare(check, run).misses.map(({ what }) => what)).toEqual([
      'Settings / a / vm1 / x',
      'Settings / b / vm1 (2)',
      'Settings / a / vm1 / y',
    ])
  })
})

describe('drifts', () => {
  it('have names of their own', () => {
    expect(new Set(drifts.map(({ name }) => name)).size).toBe(drifts.length)
  })

  it('make the same pairs of the same seed, and never one drift with itself', () => {
    const pairs = pairsOf(drifts, 50, 7)
    expect(pairs).toEqual(pairsOf(drifts, 50, 7))
    expect(pairs).not.toEqual(pairsOf(drifts, 50, 8))
    for (const { name } of pairs) expect(new Set(name.split('+')).size).toBe(2)
  })
})
