import type { HbaLine } from '../../../postgres/hba/parse.ts'
import { matchKey, type Rule, ruleKey, shadows } from '../../../postgres/hba/rule.ts'

/**
 * Rules that let somebody in and do so no longer, as they were written: they are gone, ask for something else, or stand
 * behind a rule that is new there, and catches their connections and rejects them, or asks for something else.
 */
export function lockedOut(before: readonly HbaLine[], after: readonly HbaLine[]): string[] {
  const rules = rulesOf(after)
  const old = rulesOf(before).map(ruleKey)
  const lost: string[] = []
  const seen = new Set<string>()
  for (const { rule, error, raw } of before) {
    if (!rule || error !== undefined) continue
    // The first of two for the same connections decides.
    const isDead = seen.has(matchKey(rule))
    seen.add(matchKey(rule))
    if (isDead || rule.method === 'reject') continue
    const at = rules.findIndex((one) => ruleKey(one) === ruleKey(rule))
    const stood = new Set(old.slice(0, old.indexOf(ruleKey(rule))))
    const isCaught = rules.slice(0, at).some((one) => !stood.has(ruleKey(one)) && catches(one, rule))
    if (at < 0 || isCaught) lost.push(raw.trim().replace(/\s+/g, ' '))
  }
  return lost
}

const rulesOf = (lines: readonly HbaLine[]): Rule[] =>
  lines.flatMap(({ rule, error }) => (rule && error === undefined ? [rule] : []))

const catches = (first: Rule, rule: Rule): boolean => first.method !== rule.method && shadows(first, rule)
