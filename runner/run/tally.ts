import type { HostRecap, Status } from '../report/events.ts'

const ZERO: HostRecap = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  unknown: 0,
}

/** Counts a line of the recap for each host, and knows which hosts are out of the run. */
export class Tally {
  readonly hosts: Record<string, HostRecap> = {}
  readonly #failed = new Set<string>()
  readonly #unreachable = new Set<string>()

  /** Those that were taken out over what others did. */
  readonly #taken = new Set<string>()

  /** As Ansible counts: a changed task is also ok, and so is one that changed something, failed, and is ignored. */
  count(host: string, status: Status, ignored = false, changed = false): void {
    const recap = this.of(host)
    if (ignored) {
      recap.ignored += 1
      recap.ok += 1
      if (changed) recap.changed += 1
      return
    }
    recap[status] += 1
    if (status === 'changed') recap.ok += 1
    if (status === 'failed') this.#failed.add(host)
    if (status === 'unreachable') this.#unreachable.add(host)
  }

  /** A rescue took the failure: the host goes on. */
  rescue(host: string): void {
    const recap = this.of(host)
    // It had no failure of its own that could be rescued.
    if (this.#taken.delete(host)) {
      this.#failed.delete(host)
      return
    }
    recap.rescued += 1
    recap.failed -= 1
    this.#failed.delete(host)
  }

  /** any_errors_fatal and a failed run_once take hosts out that did not fail themselves. */
  lose(host: string): void {
    if (!this.isLost(host)) this.#taken.add(host)
    this.#failed.add(host)
  }

  /** `meta: clear_host_errors`: it takes part again in the plays to come. */
  forgive(host: string): void {
    this.#failed.delete(host)
    this.#unreachable.delete(host)
  }

  of(host: string): HostRecap {
    this.hosts[host] ??= { ...ZERO }
    return this.hosts[host]
  }

  /** In the order in which they were lost. */
  get lost(): string[] {
    return [...new Set([...this.#failed, ...this.#unreachable])]
  }

  isLost = (host: string): boolean => this.#failed.has(host) || this.#unreachable.has(host)
  isUnreachable = (host: string): boolean => this.#unreachable.has(host)

  /** Ansible's exit codes: 2 a host failed, 4 one was unreachable, 6 both. */
  get exitCode(): number {
    return (this.#failed.size > 0 ? 2 : 0) | (this.#unreachable.size > 0 ? 4 : 0)
  }
}
