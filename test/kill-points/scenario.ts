import type { Clients } from '../support/clients.ts'
import type { Expected } from '../support/leftovers.ts'
import type { Operator } from '../support/operator.ts'

/** A run that is to be cut short, and who must be the primary once it has been done in the end. */
export interface Run {
  playbook: string
  /** With its inventory. */
  args: string[]
  primary: string
}

/** What a scenario works with. */
export interface Bench {
  operator: Operator
  clients: Clients
}

/** One playbook, from a beginning that can be had again and again. */
export interface Scenario {
  name: string
  /** Each how-manieth step is struck where nobody says otherwise. */
  every: number
  /** It makes a base backup, which can be cut in its middle. */
  copies?: boolean
  /** Once, before the first point and after the last. */
  begin?(bench: Bench): Promise<void>
  end?(bench: Bench): Promise<void>
  /** The beginning. */
  prepare(bench: Bench): Promise<Run>
  /** What an operator does by the book once the run has been done in the end. @returns what went wrong */
  after?(bench: Bench, run: Run): Promise<string[]>
  /** What is there besides, afterwards. */
  expected?(): Partial<Expected>
}
