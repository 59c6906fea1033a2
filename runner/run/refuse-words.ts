import type { Step } from '../../contract/plan.ts'
import { wholeWord } from '../../contract/quote.ts'

/** Before the first step, and in a check too: words of which the host would be told a part. @throws {Refusal} */
export function refuseWords(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.do === 'guard') refuseWords(step.steps)
    if (step.do === 'exec') for (const word of step.argv) wholeWord(word)
  }
}
