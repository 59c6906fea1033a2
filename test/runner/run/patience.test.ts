import { expect, test, vi } from 'vitest'
import { deadlineOf, inTime } from '../../../runner/run/deadline.ts'

// Alone in its file: the end of a run before it would set timers of its own while they are counted.
test('a look that nobody ever answers leaves no timer behind once it is given up', async () => {
  vi.useFakeTimers()
  try {
    const never = () => new Promise<never>(() => {})
    const given = expect(
      inTime(never, { deadline: deadlineOf(3), seconds: 3, interrupted: () => false }),
    ).rejects.toThrow('the 3 s of its timeout')
    await vi.advanceTimersByTimeAsync(4000)
    await given
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
