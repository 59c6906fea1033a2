import { expect, test, vi } from 'vitest'
import { deadlineOf, inTime } from '../../../runner/run/deadline.ts'

// Other tests share the process, and what they have left may set timers meanwhile: those of the deadline alone are counted.
test('a look that nobody ever answers leaves no timer behind once it is given up', async () => {
  const open = new Set<unknown>()
  let begun = 0
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout]
  const spies = [
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void, ms?: number) => {
      const isOurs = new Error('where').stack!.includes('run/deadline.ts')
      const timer = set(() => {
        open.delete(timer)
        work()
      }, ms)
      if (isOurs) {
        begun += 1
        open.add(timer)
      }
      return timer
    }),
    vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
      open.delete(timer)
      clear(timer)
    }),
  ]
  try {
    const never = () => new Promise<never>(() => {})
    await expect(
      inTime(never, { deadline: deadlineOf(0.3), seconds: 0.3, interrupted: () => false }),
    ).rejects.toThrow('the 0.3 s of its timeout')
    await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 10_000 })
    expect(begun).toBeGreaterThan(0)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
})
