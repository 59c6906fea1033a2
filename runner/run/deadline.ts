/** When that many seconds from now are over, as performance.now() tells it. */
export const deadlineOf = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : performance.now() + seconds * 1000
