import { Refusal } from '../../contract/errors.ts'
import { parseHba } from './parse.ts'
import { type Rule, ruleKey } from './rule.ts'
import { DATABASE_KEYWORDS, USER_KEYWORDS, writeOption, writeToken } from './token.ts'

/**
 * A line in the columns that Debian's file uses.
 * @throws {Refusal} where no line says what the rule means: it would let in somebody else
 */
export function writeRule(rule: Rule, comment?: string): string {
  const columns: [string, number][] = [
    [rule.type, 7],
    [rule.databases.map((one) => writeToken(one, DATABASE_KEYWORDS)).join(','), 15],
    [rule.users.map((one) => writeToken(one, USER_KEYWORDS)).join(','), 15],
    [rule.type === 'local' ? '' : (rule.addressText ?? ''), 23],
  ]
  const options = rule.options.map(([name, value]) => ` ${writeOption(name, value)}`)
  const bare = `${columns.map(([text, width]) => text.padEnd(width)).join(' ')} ${rule.method}${options.join('')}`
  const line = comment ? `${bare}  # ${comment}` : bare
  if (!isReadBack(line, rule))
    throw new Refusal(
      'the rule cannot be written so that the server reads it back',
      'a name, an option or a comment holds a line break, a backslash at its end, or what only looks like a word',
    )
  return line
}

/** By every version that play knows, with a line behind it. */
const isReadBack = (line: string, rule: Rule): boolean =>
  [13, 18].every((version) => {
    const found = parseHba(`${line}\nlocal all all peer\n`, version)
    return found.length === 2 && found[0]!.rule !== undefined && ruleKey(found[0]!.rule) === ruleKey(rule)
  })
