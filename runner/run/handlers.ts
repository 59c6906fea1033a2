import { jsonText } from '../../contract/exact-json.ts'
import type { Handler } from '../load/types.ts'

/** Which handlers each host was told to run. */
export class Handlers {
  readonly #notified = new Map<Handler, Set<string>>()
  /** By whom, where nobody knows yet whether he changes anything. */
  readonly #unsure = new Map<Handler, Map<string, string>>()
  readonly all: Handler[]
  constructor(handlers: readonly Handler[]) {
    this.all = [...handlers]
  }

  /** Those of a role that is included while the play runs. One that is there already, with the same variables, is not there twice. */
  add(handlers: readonly Handler[]): void {
    const known = new Set(this.all.map(identityOf))
    this.all.push(...handlers.filter((handler) => !known.has(identityOf(handler))))
  }

  /**
   * Of several handlers of one name the last counts, as in Ansible, of those that listen too.
   * @param nameOf a handler's name on that host
   * @param unsure why nobody knows whether it is told; left out: it is
   * @returns false where no handler has that name, nor listens to it
   */
  notify(name: string, host: string, nameOf: (handler: Handler) => string, unsure?: string): boolean {
    const named = this.all.findLast((handler) => isCalled(handler, name, nameOf))
    const listening = this.all.filter((handler) => handler.listen?.includes(name))
    const isLast = (handler: Handler, index: number) =>
      !handler.named ||
      !listening.some((other, at) => at > index && other.named && other.name === handler.name)
    const lasts = new Set(listening.filter(isLast))
    const heard = this.all.filter((handler) => handler === named || lasts.has(handler))
    for (const handler of heard) {
      if (unsure !== undefined) {
        this.#unsure.set(handler, new Map(this.#unsure.get(handler)).set(host, unsure))
        continue
      }
      const hosts = this.#notified.get(handler) ?? new Set()
      this.#notified.set(handler, hosts.add(host))
    }
    return heard.length > 0
  }

  isNotified = (handler: Handler, host: string): boolean => this.#notified.get(handler)?.has(host) ?? false

  /** Why nobody knows whether it was; undefined where it was, or was not. */
  unsure = (handler: Handler, host: string): string | undefined =>
    this.isNotified(handler, host) ? undefined : this.#unsure.get(handler)?.get(host)

  clear(handler: Handler, hosts: readonly string[]): void {
    for (const host of hosts) {
      this.#notified.get(handler)?.delete(host)
      this.#unsure.get(handler)?.delete(host)
    }
  }
}

const identityOf = ({ file, pos, vars }: Handler): string => jsonText([file, pos.line, pos.col, vars])

/** By its name, or by its role's and its own. */
const isCalled = (handler: Handler, name: string, nameOf: (handler: Handler) => string): boolean =>
  [handler.name, nameOf(handler)].some((own) => own === name || `${handler.role?.name} : ${own}` === name)
