/** ms: a timer of Node's that is longer ends at once (timers, setTimeout). */
const LONGEST = 2 ** 31 - 1
/** ms between two looks at whether somebody wants it to end. */
const LOOK = 100

/** What setTimeout takes for so many seconds: at most 24 days. */
export const timerOf = (seconds: number): number => Math.min(LONGEST, seconds * 1000)

/** Waits so many seconds, or until the user has had enough. */
export async function pause(seconds: number, interrupted: () => boolean): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (let left = seconds * 1000; left > 0 && !interrupted(); left = end - performance.now())
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK, left)))
}

/** Waits for some work, but no longer than so many ms. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
