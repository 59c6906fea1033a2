import type { ChalkInstance } from 'chalk'
import { counted } from '../../contract/counted.ts'
import type { HostRecap, Recap } from './events.ts'
import { visibleLine } from './visible.ts'

/** What a run planned, for the closing line of a check. */
export interface Planned {
  changes: number
  destructive: number
  hosts: ReadonlySet<string>
}

const COLUMNS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const
const PAINT: Partial<Record<keyof HostRecap, 'green' | 'yellow' | 'red' | 'cyan' | 'magenta' | 'blue'>> = {
  ok: 'green',
  changed: 'yellow',
  unreachable: 'red',
  failed: 'red',
  skipped: 'cyan',
  ignored: 'blue',
  unknown: 'magenta',
}

/** A line for each host, sorted as Ansible does, and one that closes the run. */
export function recapLines(recap: Recap, planned: Planned, chalk: ChalkInstance): string[] {
  const names = Object.keys(recap.hosts).sort()
  const width = Math.max(26, ...names.map((name) => name.length))
  const lines = names.map((name) => hostLine(name, recap.hosts[name]!, width, recap.check, chalk))
  const done = `done in ${seconds(recap.duration_ms)}${recap.no_lock ? ', without a lock on any host (--no-lock)' : ''}`
  return [...lines, '', recap.check ? checkLine(recap, planned) : done]
}

function hostLine(
  name: string,
  counts: HostRecap,
  width: number,
  check: boolean,
  chalk: ChalkInstance,
): string {
  const paint =
    counts.failed + counts.unreachable > 0 ? chalk.red : counts.changed > 0 ? chalk.yellow : chalk.green
  const columns: (keyof HostRecap)[] = check ? [...COLUMNS, 'unknown'] : [...COLUMNS]
  const cells = columns.map((column) => {
    const cell = `${column}=${String(counts[column]).padEnd(4)}`
    const color = PAINT[column]
    return counts[column] > 0 && color ? chalk[color](cell) : cell
  })
  return `${paint(visibleLine(name).padEnd(width))} : ${cells.join(' ').trimEnd()}`
}

function checkLine({ duration_ms }: Recap, { changes, destructive, hosts }: Planned): string {
  const plan = `${counted(changes, 'change')} planned on ${counted(hosts.size, 'host')} (${destructive} destructive)`
  return `check: ${plan}; nothing was touched, ${seconds(duration_ms)}`
}

function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
