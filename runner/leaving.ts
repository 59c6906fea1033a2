let settle: (code: number) => void

/** Settles where the user leaves before the work is done: main.ts ends the program then, whatever is still open. */
export const left = new Promise<number>((resolve) => {
  settle = resolve
})

/** @param code the program's exit code */
export const leaveWith = (code: number): void => settle(code)
