import type { Status, TaskResult } from '../../runner/report/events.ts'

/** What check mode said of one task, host and item, and what the real run did; undefined where it said nothing. */
export interface Miss {
  what: string
  check: Status | undefined
  run: Status | undefined
  /** Why, in the words of either. */
  messages: string[]
}

export interface Comparison {
  /** Statuses that were compared. */
  total: number
  misses: Miss[]
}

/** Compares by play, task, host and item; a task that stands twice in a play by its turn. */
export function compare(check: readonly TaskResult[], run: readonly TaskResult[]): Comparison {
  const said = byPlace(check)
  const done = byPlace(run)
  const places = [...new Set([...said.keys(), ...done.keys()])]
  const misses = places.flatMap((what) => {
    const [before, after] = [said.get(what), done.get(what)]
    if (before?.status === after?.status) return []
    const messages = [before, after].flatMap((result) => result?.error?.message ?? result?.message ?? [])
    return [{ what, check: before?.status, run: after?.status, messages }]
  })
  return { total: places.length, misses }
}

function byPlace(results: readonly TaskResult[]): Map<string, TaskResult> {
  const found = new Map<string, TaskResult>()
  for (const result of results) {
    const { play, task, host, item } = result
    const place = [play, task, host, ...(item === null ? [] : [item])].join(' / ')
    let key = place
    for (let turn = 2; found.has(key); turn += 1) key = `${place} (${turn})`
    found.set(key, result)
  }
  return found
}
