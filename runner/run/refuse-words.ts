import type { Step } from '../../contract/plan.ts'
import { wholeWord } from '../../contract/quote.ts'

/** A check refuses what the host would be told in part. @throws {Refusal} */
export function refuseWords(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.do === 'guard') refuseWords(step.steps)
    if (step.do === 'exec') for (const word of step.argv) wholeWord(word)
  }
}
