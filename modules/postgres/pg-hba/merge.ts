import { textOfLines } from '../../../postgres/hba/lines.ts'
import type { HbaLine } from '../../../postgres/hba/parse.ts'
import { matchKey, meets, type Rule, ruleKey, shadows, treatsAlike } from '../../../postgres/hba/rule.ts'
import { writeRule } from '../../../postgres/hba/write.ts'
import type { WantedRule } from './params.ts'

export type Position = 'first' | 'last' | { before: Rule } | { after: Rule }

export interface Merged {
  text: string
  /** One line for each rule that is added, changed or removed. */
  notes: string[]
  /** Rules of the task that are there, and never matched. */
  warnings?: string[]
}

interface Row extends Pick<HbaLine, 'raw' | 'open' | 'rule' | 'comment' | 'error'> {}

const isRow = (row: Row): boolean => row.rule !== undefined || row.error !== undefined
const written = (rule: WantedRule, comment = rule.comment): string => writeRule(rule, comment)
const tidy = (raw: string): string => raw.trim().replace(/\s+/g, ' ')

/**
 * The rules are there, each in its place if it was, unless it stands behind one that catches it and is listed after it;
 * the other rules stay.
 */
export function mergePresent(
  lines: readonly HbaLine[],
  wanted: readonly WantedRule[],
  position?: Position,
): Merged {
  const rows: Row[] = [...lines]
  const notes: string[] = []
  let previous = -1
  for (const [index, rule] of wanted.entries()) {
    const listed = wanted.slice(0, index)
    const at = rows.findIndex((row) => row.rule && matchKey(row.rule) === matchKey(rule))
    const old = at < 0 ? undefined : rows[at]!
    const isSame = old !== undefined && ruleKey(old.rule!) === ruleKey(rule)
    const row = isSame ? old : { raw: written(rule, rule.comment ?? plainComment(old?.comment)), rule }
    const isLate = position === undefined && isBehind(rows.slice(0, at), rule, wanted.slice(index + 1))
    if (old && !isLate) {
      rows[at] = row
      if (!isSame) notes.push(`changed: ${tidy(old.raw)} → ${tidy(written(rule))}`)
      previous = Math.max(previous, at)
      continue
    }
    if (old) rows.splice(at, 1)
    if (old && at <= previous) previous -= 1
    previous = placeFor(rows, rule, previous, listed, position)
    rows.splice(previous, 0, row)
    notes.push(`${old ? 'moved' : 'added'}: ${tidy(row.raw)}`)
  }
  return { text: textOfLines(rows), notes, warnings: shadowed(rows, wanted) }
}

const isOneOf = (rules: readonly Rule[], rule: Rule): boolean =>
  rules.some((one) => matchKey(one) === matchKey(rule))

/** It stands first, and gives their connections something else. */
const takes = (first: Rule, rule: Rule): boolean => shadows(first, rule) && !treatsAlike(first, rule)

/** It never counts, because of one that the task wants behind it. */
const isBehind = (before: readonly Row[], rule: Rule, later: readonly Rule[]): boolean =>
  before.some((row) => row.rule && takes(row.rule, rule) && isOneOf(later, row.rule))

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
  const rows: Pick<HbaLine, 'raw' | 'open'>[] = []
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

function placeFor(
  rows: readonly Row[],
  rule: WantedRule,
  previous: number,
  listed: readonly Rule[],
  position?: Position,
): number {
  const firstRule = rows.findIndex(isRow)
  const end = rows.length
  if (previous >= 0) return position ? previous + 1 : behind(rows, rule, previous, listed)
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

/** Behind the rule that is listed before it; before one of others that would take its connections, where no order is said. */
function behind(rows: readonly Row[], rule: Rule, previous: number, listed: readonly Rule[]): number {
  const end = previous + 1
  const catcher = rows
    .slice(0, end)
    .findIndex((row) => row.rule && takes(row.rule, rule) && !isOneOf(listed, row.rule))
  if (catcher < 0) return end
  const isOrdered = rows
    .slice(catcher, end)
    .some((row) => row.rule && isOneOf(listed, row.rule) && meets(row.rule, rule))
  return isOrdered ? end : catcher
}

/** Rules of the task that never count, because one before them takes all they are about. */
function shadowed(rows: readonly Row[], wanted: readonly WantedRule[]): string[] {
  return wanted.flatMap((rule) => {
    const own = rows.findIndex((row) => row.rule && ruleKey(row.rule) === ruleKey(rule))
    const before = rows.slice(0, own).find((row) => row.rule && takes(row.rule, rule))
    return before
      ? [`never matched: "${tidy(written(rule))}", because "${tidy(before.raw)}" stands before it`]
      : []
  })
}

const plainComment = (comment: string | undefined): string | undefined => comment?.replace(/^#\s*/, '')
