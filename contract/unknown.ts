/** A value that only the real run will know. It spreads through conditions and templates and is never guessed. */
export class Unknown {
  constructor(readonly why: string) {}
}

export const unknown = (why: string): Unknown => new Unknown(why)

/** Thrown by `inspect` where what it needs is unknown: the task is reported as unknown. */
export class UnknownError extends Error {
  override name = 'UnknownError'
}
