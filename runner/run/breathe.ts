import { setImmediate } from 'node:timers/promises'

/** ms of work after which the event loop gets its turn. */
const LONG = 100

let last = performance.now()

/**
 * Lets the event loop turn where it has not for long: tasks that wait for no host follow each other without, and then
 * no signal is heard between them.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - last < LONG) return
  // The first may come before the loop looks for signals.
  await setImmediate()
  await setImmediate()
  last = performance.now()
}
