import { PlayError } from '../errors.ts'
import type { Inventory, Vars } from '../load/types.ts'
import type { HostState, Hosts } from './host-state.ts'

/** What a variable is on each host that has it, made of the variables of all. @throws {PlayErrors} */
export type Derive = (
  variablesOf: (host: string) => Vars,
  inventory: Inventory,
) => ReadonlyMap<string, unknown>

/** Variables that are made of those of all hosts, as they are now. */
export class Derived {
  readonly #known = new Map<string, { version: number; values: ReadonlyMap<string, unknown> | null }>()
  /** @param from how each is made, by name */
  constructor(
    readonly from: Readonly<Record<string, Derive>>,
    readonly hosts: Hosts,
    readonly variablesOf: (host: string) => Vars,
  ) {}

  /** Who lists all variables gets none of these: nothing need be there to make them of. */
  onto(host: HostState, vars: Vars): Vars {
    for (const [name, derive] of Object.entries(this.from))
      Object.defineProperty(vars, name, {
        get: () => this.#valuesOf(name, derive).get(host.name),
      })
    return vars
  }

  #valuesOf(name: string, derive: Derive): ReadonlyMap<string, unknown> {
    const known = this.#known.get(name)
    if (known?.version === this.hosts.version) {
      if (known.values) return known.values
      throw new PlayError('variable', `${name} is made of variables that refer to it`)
    }
    this.#known.set(name, { version: this.hosts.version, values: null })
    try {
      const values = derive(this.variablesOf, this.hosts.inventory)
      this.#known.set(name, { version: this.hosts.version, values })
      return values
    } catch (error) {
      this.#known.delete(name)
      throw error
    }
  }
}
