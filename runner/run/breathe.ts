import { setImmediate } from 'node:timers/promises'

/** ms of work after which the event loop gets its turn. */
const LONG = 100

let last = performance.now()

/**
 * Lets the event loop turn where it has not for long: tasks that wait for no host follow each other without, and then
 * no signal is heard between them. @returns undefined where it has
 */
export function breathe(): Promise<void> | undefined {
  return performance.now() - last < LONG ? undefined : turn()
}

async function turn(): Promise<void> {
  // The first may come before the loop looks for signals.
  await setImmediate()
  await setImmediate()
  last = performance.now()
}
