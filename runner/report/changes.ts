import type { ChalkInstance } from 'chalk'
import { structuredPatch } from 'diff'
import { counted } from '../../contract/counted.ts'
import { jsonText } from '../../contract/exact-json.ts'
import type { Change } from '../../contract/plan.ts'
import { HIDDEN } from './public-result.ts'
import { visible, visibleLine } from './visible.ts'

/**
 * Beyond so many lines that come and go a diff is neither worked out nor read: it takes their square of steps, 0.1 s for these,
 * in which no signal is heard.
 */
const MOST_EDITS = 1000

/** What the diffs of one result may take together, in steps. */
export class DiffBudget {
  #left = 3 * MOST_EDITS ** 2
  most = (): number => Math.min(MOST_EDITS, Math.floor(Math.sqrt(this.#left)))
  spend(edits: number): void {
    this.#left = Math.max(0, this.#left - edits ** 2)
  }
}
/** Characters of a value in a summary. */
const SHORT = 60

/** One line: `path: before → after`, for texts how many lines come and go. */
export function summarizeChange(change: Change, chalk: ChalkInstance, budget = new DiffBudget()): string {
  return `${visibleLine(change.path)}: ${isText(change) ? textSummary(change, budget) : valueSummary(change, SHORT)}${remarks(change, chalk)}`
}

/** A unified diff for texts, else the whole values. */
export function diffLines(change: Change, chalk: ChalkInstance, budget = new DiffBudget()): string[] {
  const path = visibleLine(change.path)
  if (!isText(change)) return [`${path}: ${valueSummary(change, Infinity)}${remarks(change, chalk)}`]
  const hunks = hunksOf(change, budget)
  const head = [chalk.bold(`--- before: ${path}`), chalk.bold(`+++ after: ${path}`) + remarks(change, chalk)]
  if (!hunks) return [...head, `(too different to be shown line by line: ${bothCounts(change)})`]
  const body = hunks.flatMap((hunk) => [
    chalk.cyan(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
    ...hunk.lines.map((line) => paintLine(visible(line).replaceAll('\n', '\\n'), chalk)),
  ])
  return [...head, ...body]
}

const paintLine = (line: string, chalk: ChalkInstance): string =>
  line.startsWith('+') ? chalk.green(line) : line.startsWith('-') ? chalk.red(line) : line

function isText({ text, sensitive, before, after }: Change): boolean {
  const isTextOrNull = (value: unknown) => value === null || typeof value === 'string'
  if (sensitive || !isTextOrNull(before) || !isTextOrNull(after)) return false
  return text === true || [before, after].some((value) => typeof value === 'string' && value.includes('\n'))
}

/** undefined: they differ too much. */
function hunksOf(change: Change, budget: DiffBudget) {
  const [before, after] = textsOf(change)
  const maxEditLength = budget.most()
  if (maxEditLength === 0) return undefined
  const hunks = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength })?.hunks
  const edits = hunks?.reduce((sum, { lines }) => sum + lines.filter((line) => /^[+-]/.test(line)).length, 0)
  budget.spend(edits ?? maxEditLength)
  return hunks
}

const textsOf = ({ before, after }: Change) => [(before ?? '') as string, (after ?? '') as string] as const
const bothCounts = (change: Change): string => textsOf(change).map(lineCount).join(' → ')

function textSummary(change: Change, budget: DiffBudget): string {
  const { before, after } = change as { before: string | null; after: string | null }
  if (before === null) return `absent → ${lineCount(after ?? '')}`
  if (after === null) return `${lineCount(before)} → absent`
  const lines = hunksOf(change, budget)?.flatMap((hunk) => hunk.lines)
  if (!lines) return bothCounts(change)
  const starting = (sign: string) => lines.filter((line) => line.startsWith(sign)).length
  return `+${starting('+')} -${starting('-')} lines`
}

function lineCount(text: string): string {
  return counted(text === '' ? 0 : text.replace(/\n$/, '').split('\n').length, 'line')
}

function valueSummary({ before, after, sensitive }: Change, longest: number): string {
  const show = (value: unknown) => (value === null ? 'absent' : sensitive ? HIDDEN : shown(value, longest))
  return `${show(before)} → ${show(after)}`
}

function shown(value: unknown, longest: number): string {
  const text = typeof value === 'string' ? value : (jsonText(value) ?? String(value))
  const line = visibleLine(text === '' ? '""' : text)
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

function remarks({ reason, destructive }: Change, chalk: ChalkInstance): string {
  const words = [destructive ? chalk.red('destructive') : '', reason ? visibleLine(reason) : ''].filter(
    Boolean,
  )
  return words.length > 0 ? ` (${words.join(': ')})` : ''
}
