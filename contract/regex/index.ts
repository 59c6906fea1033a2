import { type Marks, Matcher } from './matcher.ts'
import { parsePattern } from './parse.ts'
import { compilePattern, type Program } from './program.ts'
import { expand, groupOf, parseReplacement } from './replacement.ts'

export { PatternFault } from './node.ts'

export interface RegexOptions {
  ignoreCase?: boolean
  multiline?: boolean
}

export interface Match {
  text: string
  /** By number, 0 being all of it; undefined where a group had no part in the match. */
  groups: (string | undefined)[]
  index: number
  end: number
}

type Spend = (steps: number) => void

/**
 * A pattern of Python's `re`, with its meaning: the same matches, groups and errors, for texts of Unicode characters.
 * A text is gone through by trying (matcher.ts); the steps that this takes are counted, so that it ends in any case.
 */
export class PythonRegex {
  private constructor(readonly program: Program) {}

  /** @throws {PatternFault} with its place in the pattern */
  static compile(pattern: string, options: RegexOptions = {}, spend: Spend = () => undefined): PythonRegex {
    const key = `${options.ignoreCase ? 'i' : '-'}${options.multiline ? 'm' : '-'}${pattern}`
    const known = compiled.get(key)
    if (known) return known
    spend(pattern.length * 10)
    if (compiled.size >= MOST_COMPILED) compiled.clear()
    const regex = new PythonRegex(compilePattern(parsePattern(pattern, options)))
    compiled.set(key, regex)
    return regex
  }

  get names(): ReadonlyMap<string, number> {
    return this.program.names
  }
  get groups(): number {
    return this.program.groups
  }

  /** The first match anywhere. */
  search(text: string, spend: Spend): Match | undefined {
    const marks = new Matcher(this.program, text, spend).search(0)
    return marks && this.#matchOf(text, marks)
  }

  /** A match at the start. */
  match(text: string, spend: Spend): Match | undefined {
    const marks = new Matcher(this.program, text, spend).match(0)
    return marks && this.#matchOf(text, marks)
  }

  /** A match of all of the text. */
  fullMatch(text: string, spend: Spend): Match | undefined {
    const marks = new Matcher(this.program, text, spend).match(0, false, true)
    return marks && this.#matchOf(text, marks)
  }

  /** Each match after the one before. */
  all(text: string, spend: Spend): Match[] {
    return [...this.#each(text, spend)].map((marks) => this.#matchOf(text, marks))
  }

  /**
   * @param count of replacements at most; 0 means all
   * @throws {PatternFault} for the replacement
   */
  replace(
    text: string,
    replacement: string,
    count: number,
    spend: Spend,
  ): { text: string; replaced: number } {
    const parts = parseReplacement(replacement, this.program)
    let made = ''
    let from = 0
    let replaced = 0
    for (const marks of this.#each(text, spend)) {
      made += text.slice(from, marks[0]) + expand(parts, text, marks)
      from = marks[1]!
      spend(1 + (made.length >> 10))
      if (++replaced === count) break
    }
    return { text: made + text.slice(from), replaced }
  }

  *#each(text: string, spend: Spend): Generator<Marks> {
    const matcher = new Matcher(this.program, text, spend)
    let from = 0
    let notEmpty = false
    for (;;) {
      const marks = matcher.search(from, notEmpty)
      if (!marks) return
      yield marks
      from = marks[1]!
      notEmpty = marks[0] === marks[1]
    }
  }

  #matchOf(text: string, marks: Marks): Match {
    const groups = Array.from({ length: this.groups + 1 }, (_, group) => groupOf(text, marks, group))
    return { text: groups[0]!, groups, index: marks[0]!, end: marks[1]! }
  }
}

const compiled = new Map<string, PythonRegex>()

/** Patterns may be made of data: these are kept. */
const MOST_COMPILED = 1000
