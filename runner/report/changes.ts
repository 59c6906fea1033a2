import type { ChalkInstance } from 'chalk'
import { structuredPatch } from 'diff'
import { counted } from '../../contract/counted.ts'
import type { Change } from '../../contract/plan.ts'
import { HIDDEN } from './public-result.ts'
import { visible, visibleLine } from './visible.ts'

/** Beyond so many differing lines a diff is neither worked out nor read. */
const MOST_EDITS = 5000
/** Characters of a value in a summary. */
const SHORT = 60

/** One line: `path: before → after`, for texts how many lines come and go. */
export function summarizeChange(change: Change, chalk: ChalkInstance): string {
  return `${visibleLine(change.path)}: ${isText(change) ? textSummary(change) : valueSummary(change, SHORT)}${remarks(change, chalk)}`
}

/** A unified diff for texts, else the whole values. */
export function diffLines(change: Change, chalk: ChalkInstance): string[] {
  const path = visibleLine(change.path)
  if (!isText(change)) return [`${path}: ${valueSummary(change, Infinity)}${remarks(change, chalk)}`]
  const hunks = hunksOf(change)
  const head = [chalk.bold(`--- before: ${path}`), chalk.bold(`+++ after: ${path}`) + remarks(change, chalk)]
  if (!hunks) return [...head, '(the two differ too much to be shown)']
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

function hunksOf({ before, after }: Change) {
  const options = { context: 3, maxEditLength: MOST_EDITS }
  const patch = structuredPatch('', '', (before ?? '') as string, (after ?? '') as string, '', '', options)
  return patch?.hunks
}

function textSummary(change: Change): string {
  const { before, after } = change as { before: string | null; after: string | null }
  if (before === null) return `absent → ${lineCount(after ?? '')}`
  if (after === null) return `${lineCount(before)} → absent`
  const lines = hunksOf(change)?.flatMap((hunk) => hunk.lines)
  if (!lines) return `${lineCount(before)} → ${lineCount(after)}`
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
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const line = visibleLine(text === '' ? '""' : text)
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

function remarks({ reason, destructive }: Change, chalk: ChalkInstance): string {
  const words = [destructive ? chalk.red('destructive') : '', reason ? visibleLine(reason) : ''].filter(
    Boolean,
  )
  return words.length > 0 ? ` (${words.join(': ')})` : ''
}
