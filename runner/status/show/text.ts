import { Chalk, type ChalkInstance } from 'chalk'
import stringWidth from 'string-width'
import { counted } from '../../../contract/counted.ts'
import type { Output } from '../../report/output.ts'
import { visibleLine } from '../../report/visible.ts'
import { KINDS } from '../compare/compare.ts'
import { columns } from './columns.ts'
import type { StatusReport } from './report.ts'
import { type Cell, HEADINGS, rowsOf } from './rows.ts'

export interface StatusTextOptions {
  color: boolean
  /** Seconds between two looks; undefined: there is one. */
  watch?: number
  /** What a watch draws over again; undefined: tables follow one another. */
  terminal?: { rows: number; columns: number }
}

/** A table, then each finding, then one line that counts them. */
export function statusText(
  output: Output,
  { color, watch, terminal }: StatusTextOptions,
): (report: StatusReport) => void {
  const chalk = new Chalk({ level: color ? 1 : 0 })
  let looks = 0
  return (report) => {
    const lines = statusLines(report, chalk)
    // First, so that a small terminal shows it.
    if (watch !== undefined)
      lines.unshift(`every ${watch} s: ${report.at.replace(/\.\d+/, '')}: ${lines.pop()}`, '')
    looks += 1
    if (watch !== undefined && terminal) output.write(redrawn(lines, terminal, looks === 1))
    else output.write(`${looks > 1 ? '\n' : ''}${lines.join('\n')}\n`)
  }
}

export function statusLines({ clusters }: StatusReport, chalk: ChalkInstance): string[] {
  const heading = HEADINGS.map((text) => ({ text, heading: true }))
  const rows: (Cell & { heading?: boolean })[][] = clusters
    .flatMap(rowsOf)
    .map((row) => row.map((cell) => ({ ...cell, text: visibleLine(cell.text) })))
  const paint = (text: string, cell: Cell & { heading?: boolean }): string =>
    cell.heading ? chalk.bold(text) : cell.differs ? chalk.red(text) : text
  const words = {
    danger: chalk.red.bold('danger '),
    difference: chalk.red('differs'),
    warning: chalk.yellow('warning'),
  }
  const all = clusters.flatMap(({ wanted, findings }) =>
    findings.map((one) => ({ host: wanted.host, ...one })),
  )
  // Dangers first, of whatever host.
  const isDanger = ({ kind }: { kind: string }): boolean => kind === 'danger'
  const findings = [...all.filter(isDanger), ...all.filter((one) => !isDanger(one))].flatMap(
    ({ host, kind, what, hint }) => {
      const line = visibleLine(`${host}: ${what}`)
      return [
        `${words[kind]}  ${kind === 'danger' ? chalk.red(line) : line}`,
        ...(hint ? [`         ${chalk.cyan('hint:')} ${visibleLine(hint)}`] : []),
      ]
    },
  )
  return [
    ...columns([heading, ...rows], paint),
    '',
    ...findings,
    ...(findings.length > 0 ? [''] : []),
    summary(clusters, chalk),
  ]
}

function summary(clusters: StatusReport['clusters'], chalk: ChalkInstance): string {
  const all = counted(clusters.length, 'cluster')
  const findings = clusters.flatMap((cluster) => cluster.findings)
  if (findings.length === 0)
    return chalk.green(`${all}, as the inventory wants ${clusters.length === 1 ? 'it' : 'them'}`)
  const counts = KINDS.flatMap((kind) => {
    const many = findings.filter((one) => one.kind === kind).length
    return many > 0 ? [counted(many, kind)] : []
  })
  const touched = clusters.filter((cluster) => cluster.findings.length > 0).length
  return chalk.red(`${new Intl.ListFormat('en-GB').format(counts)} on ${touched} of ${all}; found → wanted`)
}

/** Over the last table, without a flicker: each line clears what is left of the old one, the last all below. */
function redrawn(
  lines: string[],
  { rows, columns: width }: { rows: number; columns: number },
  first: boolean,
): string {
  let room = rows - 1
  const shown = lines.filter((line) => {
    room -= Math.max(1, Math.ceil(stringWidth(line) / width))
    return room >= 0
  })
  const left = lines.length - shown.length
  const kept = left > 0 ? [...shown.slice(0, -1), `… ${left + 1} more lines`] : shown
  return `${first ? '\u001b[2J' : ''}\u001b[H${kept.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`
}
