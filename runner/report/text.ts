import type { Writable } from 'node:stream'
import { Chalk } from 'chalk'
import type {
  Event,
  PlayStart,
  Progress,
  Reporter,
  Retry,
  Status,
  TaskResult,
  TaskStart,
  Warning,
} from './events.ts'
import { Output } from './output.ts'
import { recapLines } from './recap.ts'
import { type ResultOptions, resultLines } from './result.ts'
import { visibleLine } from './visible.ts'

export interface TextOptions {
  out: Writable
  color: boolean
  verbosity: number
  diff: boolean
  check: boolean
  /** Columns; those of the terminal, else 80, when left out. */
  width?: number
  /** What hosts are left out of the text. */
  hides?: readonly Status[]
}

const HEADINGS = { task: 'TASK', facts: 'TASK', handler: 'RUNNING HANDLER' }
const INDENT = '    '
const CLEAR_LINE = '\r\u001b[2K'

/** What users of Ansible read: headings, a line for each host, a recap. */
export function textReporter({ out, color, width, hides = [], ...rest }: TextOptions): Reporter {
  const output = new Output(out)
  const chalk = new Chalk({ level: color ? 1 : 0 })
  const terminal = out as Writable & { isTTY?: boolean; columns?: number }
  const options: ResultOptions = { chalk, ...rest }
  const planned = { changes: 0, destructive: 0, hosts: new Set<string>() }
  let transient = false
  /** Of the present task: what is the same on many hosts is read once. */
  const noted = new Set<string>()
  /** Of a task of which no host has been shown yet, where some are left out. */
  let headed: string[] = []

  const columns = (): number => width ?? terminal.columns ?? 80
  const heading = (text: string): string =>
    `\n${text} ${'*'.repeat(Math.max(3, columns() - 1 - text.length))}`

  function report(event: Event): void {
    const last = terminal.isTTY ? lastLineOf(event) : undefined
    if (last !== undefined) {
      if (transient || last !== '') output.write(`${CLEAR_LINE}${last.slice(0, columns() - 1)}`)
      transient = last !== ''
      return
    }
    const lines = underHeading(event, linesOf(event))
    if (lines.length === 0) return
    output.write(`${transient ? CLEAR_LINE : ''}${lines.join('\n')}\n`)
    transient = false
  }

  function underHeading(event: Event, lines: string[]): string[] {
    if (event.event === 'play_start' || event.event === 'recap') headed = []
    if (lines.length === 0) return lines
    const waits = event.event === 'task_start' && hides.length > 0
    const shown = event.event === 'task_start' ? lines : [...headed, ...lines]
    headed = waits ? lines : []
    return waits ? [] : shown
  }

  function linesOf(event: Event): string[] {
    switch (event.event) {
      case 'run_start':
        return []
      case 'play_start':
        return event.hosts.length === 0 ? [] : [heading(playTitle(event))]
      case 'no_hosts':
        return [chalk.cyan(`PLAY [${visibleLine(event.play)}]: ${visibleLine(event.reason)}`)]
      case 'task_start':
        noted.clear()
        return [heading(taskTitle(event)), ...(options.verbosity > 1 ? [`task path: ${event.at}`] : [])]
      case 'task_result':
        if (event.status === 'changed') count(event)
        if (hides.includes(event.status) && !event.notes?.length) return []
        return resultLines(options.verbosity > 0 ? event : withNewNotes(event), options)
      case 'progress':
        return options.verbosity > 0 || event.seconds !== undefined ? [progressLine(event)] : []
      case 'at_work':
        return []
      case 'retry':
        return [chalk.red(retryLine(event, options.verbosity))]
      case 'warning':
        return [chalk.magenta(warningLine(event))]
      case 'recap':
        return [heading('PLAY RECAP'), ...recapLines(event, planned, chalk)]
    }
  }

  function withNewNotes(event: TaskResult): TaskResult {
    const notes = event.notes?.filter((note) => !noted.has(note))
    for (const note of notes ?? []) noted.add(note)
    return notes === undefined ? event : { ...event, notes }
  }

  function count({ changes, host }: TaskResult): void {
    planned.changes += Math.max(1, changes.length)
    planned.destructive += changes.filter((change) => change.destructive).length
    planned.hosts.add(host)
  }

  return {
    report,
    close() {
      if (transient) output.write(CLEAR_LINE)
      return output.close()
    },
  }
}

function playTitle({ play, batch }: PlayStart): string {
  const which = batch && batch[1] > 1 ? ` (batch ${batch[0]} of ${batch[1]})` : ''
  return `PLAY [${visibleLine(play)}]${which}`
}

/** What the last line of a terminal shows until the next event; '' clears it, undefined: it is no such event. */
function lastLineOf(event: Event): string | undefined {
  if (event.event === 'progress') return progressLine(event)
  if (event.event !== 'at_work') return undefined
  return event.work
    .map(({ host, what, line, seconds }) => {
      const far = line === undefined ? '' : `: ${visibleLine(line).trim()}`
      return `[${visibleLine(host)}] ${lasting(seconds)} ${visibleLine(what)}${far}`
    })
    .map((piece, at) => (at === 0 ? INDENT : '  ') + piece)
    .join('')
}

const progressLine = ({ host, line, seconds }: Progress): string =>
  `${INDENT}[${visibleLine(host)}] ${seconds === undefined ? '' : `${lasting(seconds)} `}${visibleLine(line)}`

/** 75 → 1 min 15 s */
const lasting = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

const taskTitle = ({ kind, task }: TaskStart): string => `${HEADINGS[kind]} [${visibleLine(task)}]`

const warningLine = ({ host, message }: Warning): string =>
  `[WARNING]: ${host === undefined ? '' : `[${visibleLine(host)}] `}${visibleLine(message)}`

function retryLine({ host, item, task, left, message }: Retry, verbosity: number): string {
  const what = `${visibleLine(task)}${item === null ? '' : ` (item=${visibleLine(item)})`}`
  const why = verbosity > 0 && message ? ` ${visibleLine(message)}` : ''
  return `FAILED - RETRYING: [${visibleLine(host)}]: ${what} (${left} ${left === 1 ? 'retry' : 'retries'} left).${why}`
}
