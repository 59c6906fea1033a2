import { isComputed } from './computed.ts'

/**
 * What one condition, template or value may cost, with all that it reads: steps of some 100 ns. Generous for honest use,
 * and met in less than a second: nothing else happens meanwhile, so that Ctrl-C is not heard either.
 */
export const MOST_STEPS = 5_000_000

/** UTF-16 units of text that a template may make. */
export const MOST_TEXT = 64 * 1024 * 1024

/** Thrown where a budget is used up; whoever knows the place makes an error for the user of it. */
export class OverBudget extends Error {
  override name = 'OverBudget'
}

let left = 0
let running = false

/** Runs what is evaluated in one go. What it evaluates in its turn (variables with templates) shares its budget. */
export function withBudget<T>(work: () => T): T {
  if (running) return work()
  running = true
  left = MOST_STEPS
  try {
    return work()
  } finally {
    running = false
  }
}

/** Counts steps; outside of withBudget nothing is counted. @throws {OverBudget} */
export function spend(steps: number): void {
  if (!running) return
  left -= steps
  if (left < 0) throw new OverBudget(`more than ${MOST_STEPS.toLocaleString('en')} steps`)
}

/** @throws {OverBudget} where a text is longer than a template may make one */
export function requireLength(length: number): void {
  if (length > MOST_TEXT) throw new OverBudget(`more than ${MOST_TEXT / 1024 ** 2} MiB of text`)
}

/** Steps for going through a value once, to the bottom. What it holds twice is counted twice: so it is read. */
export function spendOn(value: unknown, around: object[] = []): void {
  spend(PART + (typeof value === 'string' ? value.length >> 6 : 0))
  if (typeof value !== 'object' || value === null || around.includes(value)) return
  around.push(value)
  for (const part of partsOf(value)) spendOn(part, around)
  around.pop()
}

/** A part of a value is looked at by several functions, and compared or made text. */
const PART = 20

/** What is computed on access is left out: it is counted when it is read. */
export const partsOf = (value: object): unknown[] =>
  Array.isArray(value)
    ? value
    : isComputed(value)
      ? []
      : Object.keys(value).map((key): unknown => Object.getOwnPropertyDescriptor(value, key)?.value)
