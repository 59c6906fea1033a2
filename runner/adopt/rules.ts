import { Refusal } from '../../contract/errors.ts'
import { ruleParams, wantedRules } from '../../modules/postgres/pg-hba/params.ts'
import { ruleArguments } from '../../modules/postgres/pg-info/rules.ts'
import type { HbaLine } from '../../postgres/hba/parse.ts'
import { matchKey, type Rule, ruleKey } from '../../postgres/hba/rule.ts'
import type { ClusterFacts, Variable } from './facts.ts'
import { isSecret, literal } from './words.ts'

/** Who may log in, in the order of the file. */
export function describeRules({ hba: { path, lines }, version }: ClusterFacts): Variable {
  const name = 'pg_hba_rules'
  const strange = lines.filter(({ include, error }) => include || error !== undefined).map(({ line }) => line)
  if (strange.length > 0)
    return {
      name,
      notes: [
        `The rules are left out: ${path} has lines that play does not change around (${strange.join(', ')}): an include, or an error.`,
      ],
    }
  const seen = new Set<string>()
  const value: unknown[] = []
  const notes: string[] = []
  for (const { line, rule } of lines) {
    if (!rule) continue
    const why = seen.has(matchKey(rule))
      ? 'a rule before it is about the same connections'
      : whyNot(rule, version)
    seen.add(matchKey(rule))
    if (why) notes.push(`Line ${line} of ${path} is left out: ${why}. It stays in the file.`)
    else value.push(literal(ruleWords(rule)))
  }
  return { name, value: value.length > 0 ? value : undefined, notes }
}

/** One name stands for a list of it. */
function ruleWords(rule: Rule): Record<string, unknown> {
  const { database, user, ...others } = ruleArguments(rule)
  const { type, ...rest } = others
  return { type, database: word(database), user: word(user), ...rest }
}

const word = (names: unknown): unknown =>
  Array.isArray(names) && names.length === 1 && !/[,"]|^\s|\s$/.test(names[0]) ? names[0] : names

/** Why a rule cannot stand in a variable. */
function whyNot(rule: NonNullable<HbaLine['rule']>, version: string): string | null {
  const secret = rule.options.find(([name, value]) => isSecret(name, value))
  if (secret) return `its option ${secret[0]} is a secret`
  const written = ruleWords(rule)
  const isSame = readBack(written, version) === ruleKey(rule)
  return isSame && literal(written) !== undefined ? null : 'play has no words for it'
}

function readBack(written: unknown, version: string): string | null {
  const given = ruleParams.safeParse(written)
  if (!given.success) return null
  try {
    const [rule] = wantedRules([given.data], Number.parseInt(version, 10), true)
    return ruleKey(rule as Rule)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
