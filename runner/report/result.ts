import type { ChalkInstance } from 'chalk'
import { jsonText } from '../../contract/exact-json.ts'
import { Unknown } from '../../contract/unknown.ts'
import { DiffBudget, diffLines, summarizeChange } from './changes.ts'
import type { TaskResult } from './events.ts'
import { publicResult } from './public-result.ts'
import { visible, visibleLine } from './visible.ts'

export interface ResultOptions {
  chalk: ChalkInstance
  verbosity: number
  diff: boolean
  check: boolean
}

const PAINT = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'cyan',
  failed: 'red',
  unreachable: 'red',
  unknown: 'magenta',
} as const
const INDENT = '    '
/** Lines of a failed command's stream, unless -v asks for all. */
const MOST_LINES = 100
/** Characters of a failed command, unless -v asks for all. */
const MOST_OF_COMMAND = 200

/** A host's line of a task and what belongs under it. */
export function resultLines(event: TaskResult, options: ResultOptions): string[] {
  const result = publicResult(event)
  const { chalk } = options
  const paint = chalk[PAINT[result.status]]
  const isLost = result.status === 'failed' || result.status === 'unreachable'
  // Put together, not pushed one by one as arguments: there may be a million of them.
  return [
    [paint(headline(result, options))],
    changeLines(result, options).map(indented),
    isLost ? failureLines(result, options).map((line) => paint(indented(line))) : [],
    (result.notes ?? []).flatMap((note) => visible(note).split('\n').map(indented)),
    showsResult(result, options) ? fields(result.result!).map((line) => paint(indented(line))) : [],
    result.ignored ? [chalk.cyan('...ignoring')] : [],
  ].flat()
}

function headline(result: TaskResult, options: ResultOptions): string {
  const host = visibleLine(result.delegate ? `${result.host} -> ${result.delegate}` : result.host)
  const item = result.item === null ? '' : ` => (item=${visibleLine(result.item)})`
  const message = result.message === undefined ? '' : visibleLine(result.message)
  switch (result.status) {
    case 'ok':
    case 'changed':
      return `${result.status}: [${host}]${item}`
    case 'skipped':
      return `skipping: [${host}]${item}${options.verbosity > 0 && message ? ` (${message})` : ''}`
    case 'unknown':
      return `unknown: [${host}]${item}${message ? ` (waits for: ${message})` : ''}`
    case 'unreachable':
      return `fatal: [${host}]: UNREACHABLE! =>`
    case 'failed':
      return result.item === null
        ? `fatal: [${host}]: FAILED! =>`
        : `failed: [${host}]${item.replace(' =>', '')} =>`
  }
}

function changeLines({ changes, diff: own }: TaskResult, options: ResultOptions): string[] {
  const { chalk, check, verbosity } = options
  const budget = new DiffBudget()
  if (own ?? options.diff) return changes.flatMap((change) => diffLines(change, chalk, budget))
  return check || verbosity > 0 ? changes.map((change) => summarizeChange(change, chalk, budget)) : []
}

function failureLines({ error, message, command, attempts }: TaskResult, options: ResultOptions): string[] {
  return [
    visible(error?.message ?? message ?? 'no reason was given').split('\n'),
    (error?.details ?? []).flatMap((detail) => visible(detail).split('\n')),
    attempts !== undefined && attempts > 1 ? [`attempts: ${attempts}`] : [],
    command ? [`command: ${shownCommand(command.argv, options)}`, `exit code: ${command.code}`] : [],
    command ? stream('stdout', command.stdout, options) : [],
    command ? stream('stderr', command.stderr, options) : [],
    error?.hint ? [`hint: ${visibleLine(error.hint)}`] : [],
    error?.at ? [`at: ${visibleLine(error.at)}`] : [],
    (error?.excerpt ?? []).map((line) => `  ${visibleLine(line)}`),
  ].flat()
}

/** A script of a module is many lines, and says less than its message: its beginning, unless -v asks for all. */
function shownCommand(argv: string, { verbosity }: ResultOptions): string {
  const words = visibleLine(argv)
  return verbosity > 0 || words.length <= MOST_OF_COMMAND
    ? words
    : `${words.slice(0, MOST_OF_COMMAND)}… (-v shows all of it)`
}

function stream(name: string, text: string, { verbosity }: ResultOptions): string[] {
  if (text.trim() === '') return []
  const lines = visible(text.replace(/\r?\n$/, '')).split('\n')
  const hidden = verbosity > 0 ? 0 : Math.max(0, lines.length - MOST_LINES)
  const note = hidden > 0 ? [`(${hidden} lines before these; -v shows them)`] : []
  return [`${name}:`, ...[...note, ...lines.slice(hidden)].map(indented)]
}

/** What exists to be read; of other tasks -v shows what `register` would hold. */
function showsResult({ shown, result, status }: TaskResult, { verbosity }: ResultOptions): boolean {
  if (!result || status === 'skipped') return false
  return verbosity > 0 || (shown === true && result.msg !== undefined)
}

function fields(result: Record<string, unknown>): string[] {
  return Object.entries(result).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : (jsonText(value, 2, readable) ?? String(value))
    const lines = visible(text.replace(/\n$/, '')).split('\n')
    return lines.length === 1
      ? [`${visibleLine(name)}: ${lines[0]}`]
      : [`${visibleLine(name)}:`, ...lines.map(indented)]
  })
}

function readable(_key: string, value: unknown): unknown {
  return value instanceof Unknown ? `(unknown: ${value.why})` : value
}

const indented = (line: string): string => (line === '' ? '' : INDENT + line)
