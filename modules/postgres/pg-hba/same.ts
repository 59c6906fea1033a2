import { Refusal } from '../../../contract/errors.ts'
import { matchKey } from '../../../postgres/hba/rule.ts'
import { ruleParams, wantedRules } from './params.ts'

/** Whether two rules, as the module takes them, are about the same connections. False where one of them is none. */
export function isAboutSame(one: unknown, other: unknown, version: number): boolean {
  const [first, second] = [one, other].map((rule) => keyOf(rule, version))
  return first !== null && first === second
}

function keyOf(given: unknown, version: number): string | null {
  const rule = ruleParams.safeParse(given)
  if (!rule.success) return null
  try {
    return matchKey(wantedRules([rule.data], version, false)[0]!)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
