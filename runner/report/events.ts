import type { Change } from '../../contract/plan.ts'

/**
 * Everything that happens in a run, in order. `--output jsonl` prints these as they are, one a line, with
 * `event` first; their names are stable and documented in docs/output.md.
 */
export type Event =
  | RunStart
  | PlayStart
  | NoHosts
  | TaskStart
  | TaskResult
  | Progress
  | Working
  | Retry
  | Warning
  | Recap

export type Status = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'unknown'

export interface RunStart {
  event: 'run_start'
  playbooks: string[]
  check: boolean
  hosts: string[]
  version: string
}
export interface PlayStart {
  event: 'play_start'
  play: string
  hosts: string[]
  /** The batch of `serial`, from 1, and how many there are. */
  batch?: [number, number]
}
export interface NoHosts {
  event: 'no_hosts'
  play: string
  reason: string
}
export interface TaskStart {
  event: 'task_start'
  play: string
  task: string
  /** 'handler' for RUNNING HANDLER headings. */
  kind: 'task' | 'handler' | 'facts'
  /** path:line */
  at: string
}
export interface TaskResult {
  event: 'task_result'
  play: string
  task: string
  kind: 'task' | 'handler' | 'facts'
  module: string
  host: string
  /** Where it was delegated to. */
  delegate?: string
  /** The loop item's label, `(hidden)` under `no_log`; null outside loops. */
  item: string | null
  status: Status
  /** A failure that `ignore_errors` or a rescue took. */
  ignored?: boolean
  changes: Change[]
  /** What the task's own `diff` says, whatever --diff does. */
  diff?: boolean
  duration_ms: number
  /** Why it failed, was skipped, or is unknown. */
  message?: string
  error?: {
    code: string
    message: string
    hint?: string
    details: readonly string[]
    at?: string
    /** The line of a template or condition that is wrong, and one of carets under it. */
    excerpt?: readonly string[]
  }
  /** The failing command: words joined, exit code and both streams. */
  command?: { argv: string; code: number; stdout: string; stderr: string }
  /** What `register` would hold, for -v; masked. `shown`: also without -v, since the task exists to be read. */
  shown?: boolean
  result?: Record<string, unknown>
  notes?: string[]
  /** True where `no_log` hides result, changes and message. */
  no_log?: boolean
  attempts?: number
}
export interface Progress {
  event: 'progress'
  task: string
  host: string
  line: string
  /** It has taken so long, and is told for that. */
  seconds?: number
}
/** What is under way, every second; for a terminal alone. */
export interface Working {
  event: 'at_work'
  work: { host: string; task: string; what: string; line?: string; seconds: number }[]
}
export interface Retry {
  event: 'retry'
  task: string
  host: string
  item: string | null
  attempt: number
  left: number
  message?: string
}
export interface Warning {
  event: 'warning'
  message: string
  host?: string
}
export interface HostRecap {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
  unknown: number
}
export interface Recap {
  event: 'recap'
  hosts: Record<string, HostRecap>
  check: boolean
  /** ms of the whole run */
  duration_ms: number
  exit_code: number
  /** With --no-lock, where there was something to lock. */
  no_lock?: true
}

/** Receives events as they happen. `close` resolves once all is written. */
export interface Reporter {
  report(event: Event): void
  close(): Promise<void>
}
