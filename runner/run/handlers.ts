import type { Task } from '../load/types.ts'

/** Which handlers each host was told to run. */
export class Handlers {
  readonly #notified = new Map<Task, Set<string>>()
  readonly all: Task[]
  constructor(handlers: readonly Task[]) {
    this.all = [...handlers]
  }

  /** Those of a role that is included while the play runs. One that is there already is not there twice. */
  add(handlers: readonly Task[]): void {
    const places = new Set(this.all.map(placeOf))
    this.all.push(...handlers.filter((handler) => !places.has(placeOf(handler))))
  }

  /**
   * Of several handlers of one name the last counts, as in Ansible; all that listen to it do.
   * @param nameOf a handler's name on that host
   * @returns false where no handler has that name, nor listens to it
   */
  notify(name: string, host: string, nameOf: (handler: Task) => string): boolean {
    const named = this.all.findLast((handler) => isCalled(handler, name, nameOf))
    const heard = this.all.filter((handler) => handler === named || handler.listen.includes(name))
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

const placeOf = ({ file, pos }: Task): string => `${file}:${pos.line}:${pos.col}`

/** By its name, or by its role's and its own. */
const isCalled = (handler: Task, name: string, nameOf: (handler: Task) => string): boolean =>
  [handler.name, nameOf(handler)].some((own) => own === name || `${handler.role?.name} : ${own}` === name)
