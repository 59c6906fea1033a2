/** The server's own words for a failed statement. */
export class SqlError extends Error {
  override name = 'SqlError'
  constructor(
    message: string,
    /** SQLSTATE, five characters; '08006' where there is no connection. */
    readonly code: string,
    readonly detail?: string,
    readonly hint?: string,
    /** The statement, unless it was sensitive. */
    readonly statement?: string,
    /** 1-based character in the statement. */
    readonly position?: number,
  ) {
    super(message)
  }
}

/** A module's "no": the task fails with this message, and nothing was done. */
export class Refusal extends Error {
  override name = 'Refusal'
  constructor(
    message: string,
    /** What to do about it. */
    readonly hint?: string,
    /** Lines of evidence: the numbers, the output. */
    readonly details: readonly string[] = [],
  ) {
    super(message)
  }
}
