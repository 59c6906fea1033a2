import { Fault } from '../template/fault.ts'

/** Brackets and statements in each other; Python gives up earlier. */
export const DEEPEST = 120

export class TooDeep extends Fault {
  override name = 'TooDeep'
  constructor(start: number, length: number) {
    super('this is nested too deep', start, length, 'make variables of parts')
  }
}
