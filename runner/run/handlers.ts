import type { Task } from '../load/types.ts'

/** Which handlers each host was told to run. */
export class Handlers {
  readonly #notified = new Map<Task, Set<string>>()
  constructor(readonly handlers: readonly Task[]) {}

  /**
   * @param nameOf a handler's name on that host
   * @returns false where no handler has that name, nor listens to it
   */
  notify(name: string, host: string, nameOf: (handler: Task) => string): boolean {
    const heard = this.handlers.filter(
      (handler) => handler.name === name || handler.listen.includes(name) || nameOf(handler) === name,
    )
    for (const handler of heard) {
      const hosts = this.#notified.get(handler) ?? new Set()
      this.#notified.set(handler, hosts.add(host))
    }
    return heard.length > 0
  }

  isNotified = (handler: Task, host: string): boolean => this.#notified.get(handler)?.has(host) ?? false

  clear(handler: Task, hosts: readonly string[]): void {
    for (const host of hosts) this.#notified.get(handler)?.delete(host)
  }
}
