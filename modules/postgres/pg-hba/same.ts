import { Refusal } from '../../../contract/errors.ts'
import { matchKey, type Rule, shadows, treatsAlike } from '../../../postgres/hba/rule.ts'
import { ruleParams, wantedRules } from './params.ts'

/** Whether two rules, as the module takes them, are about the same connections. False where one of them is none. */
export function isAboutSame(one: unknown, other: unknown, version: number): boolean {
  const [first, second] = [one, other].map((rule) => keyOf(rule, version))
  return first !== null && first === second
}

const keyOf = (given: unknown, version: number): string | null => {
  const rule = ruleOf(given, version)
  return rule && matchKey(rule)
}

/** Rules with others among them: each before the first that would catch its connections, else behind all. */
export function placedAmong<T, U>(rules: readonly T[], others: readonly U[], version: number): (T | U)[] {
  const placed: (T | U)[] = [...rules]
  for (const other of others) {
    const rule = ruleOf(other, version)
    const at = placed.findIndex((one) => {
      const before = rules.includes(one as T) ? ruleOf(one, version) : null
      return rule && before && shadows(before, rule) && !treatsAlike(before, rule)
    })
    placed.splice(at < 0 ? placed.length : at, 0, other)
  }
  return placed
}

function ruleOf(given: unknown, version: number): Rule | null {
  const rule = ruleParams.safeParse(given)
  if (!rule.success) return null
  try {
    return wantedRules([rule.data], version, false)[0]!
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
