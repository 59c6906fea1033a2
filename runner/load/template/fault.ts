import type { ErrorCode, ErrorFields } from '../../errors.ts'

/** What is wrong with a template, at an offset of its text; becomes a PlayError once the place of the text is known. */
export class Fault extends Error {
  override name = 'Fault'
  constructor(
    message: string,
    readonly start: number,
    readonly length: number,
    readonly hint?: ErrorFields['hint'],
    readonly code: ErrorCode = 'template',
  ) {
    super(message)
  }
}
