import { type HbaLine, textOfLines } from '../../../postgres/hba/parse.ts'
import { matchKey, type Rule, ruleKey, shadows } from '../../../postgres/hba/rule.ts'
import { writeRule } from '../../../postgres/hba/write.ts'
import type { WantedRule } from './params.ts'

export type Position = 'first' | 'last' | { before: Rule } | { after: Rule }

export interface Merged {
  text: string
  /** One line for each rule that is added, changed or removed. */
  notes: string[]
}

interface Row extends Pick<HbaLine, 'raw' | 'rule' | 'comment' | 'error'> {}

const isRow = (row: Row): boolean => row.rule !== undefined || row.error !== undefined
const written = (rule: WantedRule, comment = rule.comment): string => writeRule(rule, comment)
const tidy = (raw: string): string => raw.trim().replace(/\s+/g, ' ')

/** The rules are there, each in its place if it was; the other rules stay. */
export function mergePresent(
  lines: readonly HbaLine[],
  wanted: readonly WantedRule[],
  position?: Position,
): Merged {
  const rows: Row[] = [...lines]
  const notes: string[] = []
  let previous = -1
  for (const rule of wanted) {
    const same = rows.findIndex((row) => row.rule && matchKey(row.rule) === matchKey(rule))
    if (same >= 0) {
      const old = rows[same]!
      if (ruleKey(old.rule!) !== ruleKey(rule)) {
        rows[same] = { raw: written(rule, rule.comment ?? plainComment(old.comment)), rule }
        notes.push(`changed: ${tidy(old.raw)} → ${tidy(written(rule))}`)
      }
      previous = Math.max(previous, same)
      continue
    }
    const at = placeFor(rows, rule, previous, position)
    rows.splice(at, 0, { raw: written(rule), rule })
    notes.push(`added: ${tidy(written(rule))}`)
    previous = at
  }
  return { text: textOfLines(rows), notes: [...notes, ...shadowed(rows, wanted)] }
}

/** Without the rules. A wanted rule without a method means any. */
export function mergeAbsent(lines: readonly HbaLine[], wanted: readonly WantedRule[]): Merged {
  const gone = (line: HbaLine): boolean =>
    line.rule !== undefined &&
    wanted.some((rule) =>
      rule.method === '' ? matchKey(rule) === matchKey(line.rule!) : ruleKey(rule) === ruleKey(line.rule!),
    )
  return {
    text: textOfLines(lines.filter((line) => !gone(line))),
    notes: lines.filter(gone).map(({ raw }) => `removed: ${tidy(raw)}`),
  }
}

/** These rules in this order and no other. Comments, and the lines of rules that stay, are kept as they are. */
export function mergeExclusive(lines: readonly HbaLine[], wanted: readonly WantedRule[]): Merged {
  const kept = commonRules(lines, wanted)
  const notes: string[] = []
  const rows: { raw: string }[] = []
  let next = 0
  const addUntil = (end: number): void => {
    for (; next < end; next += 1) {
      rows.push({ raw: written(wanted[next]!) })
      notes.push(`added: ${tidy(written(wanted[next]!))}`)
    }
  }
  lines.forEach((line, index) => {
    const match = kept.get(index)
    if (match !== undefined) {
      addUntil(match)
      rows.push(line)
      next = match + 1
    } else if (!isRow(line)) rows.push(line)
    else {
      notes.push(`removed: ${tidy(line.raw)}${line.error ? ` (${line.error})` : ''}`)
      // What takes the place of a rule that goes stands where that stood.
      addUntil(Math.min(wanted.length, ...[...kept.values()].filter((at) => at >= next)))
    }
  })
  addUntil(wanted.length)
  return { text: textOfLines(rows), notes }
}

/** Index of line → index of the wanted rule it already is: the longest common order of both. */
function commonRules(lines: readonly HbaLine[], wanted: readonly WantedRule[]): Map<number, number> {
  const rules = lines.flatMap(({ rule, error }, index) =>
    rule && !error ? [{ index, key: ruleKey(rule) }] : [],
  )
  const keys = wanted.map(ruleKey)
  const length = Array.from({ length: rules.length + 1 }, () => Array<number>(keys.length + 1).fill(0))
  for (let i = rules.length - 1; i >= 0; i -= 1)
    for (let j = keys.length - 1; j >= 0; j -= 1)
      length[i]![j] =
        rules[i]!.key === keys[j]
          ? length[i + 1]![j + 1]! + 1
          : Math.max(length[i + 1]![j]!, length[i]![j + 1]!)
  const common = new Map<number, number>()
  for (let i = 0, j = 0; i < rules.length && j < keys.length; ) {
    if (rules[i]!.key === keys[j]) common.set(rules[i++]!.index, j++)
    else if (length[i + 1]![j]! >= length[i]![j + 1]!) i += 1
    else j += 1
  }
  return common
}

function placeFor(rows: readonly Row[], rule: WantedRule, previous: number, position?: Position): number {
  const firstRule = rows.findIndex(isRow)
  const end = rows.length
  if (previous >= 0) return previous + 1
  if (position === 'last') return end
  if (position === 'first') return firstRule < 0 ? end : firstRule
  if (position) {
    const anchor = 'before' in position ? position.before : position.after
    const at = rows.findIndex((row) => row.rule && matchKey(row.rule) === matchKey(anchor))
    return 'before' in position ? at : at + 1
  }
  const shadow = rows.findIndex((row) => row.rule && shadows(row.rule, rule))
  return shadow < 0 ? end : shadow
}

/** Rules of the task that can never match, because one before them catches all they are about. */
function shadowed(rows: readonly Row[], wanted: readonly WantedRule[]): string[] {
  return wanted.flatMap((rule) => {
    const own = rows.findIndex((row) => row.rule && ruleKey(row.rule) === ruleKey(rule))
    const before = rows.slice(0, own).find((row) => row.rule && shadows(row.rule, rule))
    return before
      ? [`never matched: "${tidy(written(rule))}", because "${tidy(before.raw)}" stands before it`]
      : []
  })
}

const plainComment = (comment: string | undefined): string | undefined => comment?.replace(/^#\s*/, '')
