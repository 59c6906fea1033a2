import { RE2JS } from 're2js'
import { spend } from './budget.ts'

/** A pattern of the user's. */
export interface Regex {
  /** Whether it matches anywhere in a text. */
  test(text: string): boolean
}

/** What is wrong with a pattern, in words. */
export class RegexFault extends Error {
  override name = 'RegexFault'
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message)
  }
}

const compiled = new Map<string, Regex>()

/**
 * A regular expression in RE2's syntax, matched in time linear in the text, whatever the pattern.
 * @throws {RegexFault} where it does not parse, or needs backtracking: lookaround, back references
 */
export function compileRegex(pattern: string, dotAll = false): Regex {
  const key = `${dotAll ? 's' : '-'}${pattern}`
  const known = compiled.get(key)
  if (known) return known
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  const regex = compile(pattern, dotAll)
  compiled.set(key, regex)
  return regex
}

/** Patterns may be made of data: these are kept. */
const MOST_COMPILED = 1000

function compile(pattern: string, dotAll: boolean): Regex {
  spend(pattern.length * 10)
  let matcher: RE2JS
  try {
    matcher = RE2JS.compile(pattern, dotAll ? RE2JS.DOTALL : 0)
  } catch (error) {
    throw faultOf(pattern, error as Error)
  }
  const stepsPerCharacter = Math.ceil(matcher.programSize() / 32)
  return {
    test(text) {
      spend(text.length * stepsPerCharacter)
      return matcher.test(text)
    },
  }
}

function faultOf(pattern: string, error: Error): RegexFault {
  const found = /\(\?<?[=!]|\\[1-9]|\\k[<{']/.exec(pattern.replace(/\\[^1-9k]/g, '  '))?.[0]
  if (found === undefined)
    return new RegexFault(error.message.replace(/^error parsing regexp: /, '').replaceAll('`', "'"))
  const kind = found.startsWith('(') ? 'looking ahead or behind' : 'a reference back to a group'
  return new RegexFault(
    `${found} needs backtracking (${kind}), which could take for ever: patterns are matched in linear time`,
    'write two conditions, or look for more and compare the part',
  )
}
