let settle: (code: number) => void

/** Settles where the user leaves before the work is done: main.ts ends the program then, whatever is still open. */
export const left = new Promise<number>((resolve) => {
  settle = resolve
})

/** @param code the program's exit code */
export const leaveWith = (code: number): void => settle(code)

/**
 * From here on the program has failed until it says how it ended: whatever else ends it, its exit code is no 0. Where
 * nothing is left that could wake it (a promise that nobody settles), it says so instead of ending without a word.
 *
 * @param code the exit code of an end that nobody meant
 */
export function failUntilLeft(code: number): void {
  process.exitCode = code
  process.once('beforeExit', () => {
    process.stderr.write(
      'error[internal]: the run stopped in its middle: nothing is left to wait for\n' +
        '  this is a fault in play itself: what was done until here is done, and the rest was not begun\n',
    )
  })
}
