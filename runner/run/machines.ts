import { World } from '../../contract/world.ts'
import { connectionKind } from '../hosts/connection-kind.ts'
import type { Reach } from '../hosts/types.ts'
import { firstOf } from '../hosts/variables.ts'
import type { Vars } from '../load/types.ts'
import { HostState, type Hosts } from './host-state.ts'
import type { HostVariables } from './host-variables.ts'

/** What counts where neither variables nor keywords say how a host is reached. */
export type Otherwise = Pick<Reach, 'connection' | 'port'>

const THIS_MACHINE = 'this machine'

/** The machines behind the hosts' names: several names may be one, and one may be reached elsewhere. */
export class Machines {
  constructor(
    readonly hosts: Hosts,
    readonly variables: HostVariables,
    readonly otherwise: Otherwise = {},
  ) {}

  /** Hosts and groups are others than before. */
  inventoryChanged(): void {
    this.#namesOf = undefined
    this.#machines.clear()
  }

  readonly #turns = new Map<string, Promise<unknown>>()
  /**
   * What several hosts delegate to one, or several names of one machine do there, is read, planned and done by one after
   * another: each sees what the one before made of it.
   */
  inTurn<T>(host: HostState, work: () => Promise<T>): Promise<T> {
    const machine = host.elsewhere ?? this.machineOf(host.name)
    const mine = (this.#turns.get(machine) ?? Promise.resolve()).then(work, work)
    this.#turns.set(
      machine,
      mine.catch(() => {}),
    )
    return mine
  }

  #namesOf: Map<string, number> | undefined
  /** Whether the host's machine is, or may be, reached under another name too. */
  hasOtherNames(host: HostState): boolean {
    if (host.elsewhere !== undefined) return true
    this.#namesOf ??= [...this.hosts.inventory.hosts.keys()].reduce((counts, name) => {
      const machine = this.machineOf(name)
      return counts.set(machine, (counts.get(machine) ?? 0) + 1)
    }, new Map<string, number>())
    return (this.#namesOf.get(this.machineOf(host.name)) ?? 0) > 1
  }

  readonly #machines = new Map<string, string>()
  /** As its own variables say it; asked for by every task that may change something, and looked up once. */
  machineOf(name: string): string {
    const known = this.#machines.get(name)
    if (known !== undefined) return known
    try {
      const found = this.#reachedAt(name, this.variables.hostScope(name))
      if (!this.hosts.host(name).saysConnection()) this.#machines.set(name, found)
      return found
    } catch {
      // What is wrong with another host's variables is told where that host is reached.
      return name
    }
  }

  readonly #elsewhere = new Map<string, HostState>()
  /** A host as it is reached like this: itself, or another machine in its place. @throws {PlayError} {UnknownError} */
  at(host: HostState, reach: Reach): HostState {
    if (!reach.variables && reach.connection === undefined && reach.port === undefined) return host
    const machine = this.#reachedAt(
      host.name,
      reach.variables?.() ?? this.variables.hostScope(host.name),
      reach,
    )
    if (machine === this.machineOf(host.name)) return host
    const key = `${host.name} ${machine}`
    const found = this.#elsewhere.get(key)
    if (found?.inventory === host.inventory) return found
    const state = new HostState(host.inventory, host.onVariables, () => this.worldAt(machine), machine)
    this.#elsewhere.set(key, state)
    return state
  }

  readonly #worlds = new Map<string, World>()
  /** What is planned on a machine. */
  worldAt(machine: string): World {
    let world = this.#worlds.get(machine)
    if (!world) {
      world = new World()
      this.#worlds.set(machine, world)
    }
    return world
  }

  /** The machine that these lead to: its address and port. @throws {UnknownError} where only the run will know it */
  #reachedAt(name: string, vars: Vars, reach: Reach = {}): string {
    const said = (...names: string[]) => firstOf(name, vars, names)?.value
    const host = said('ansible_ssh_host', 'ansible_host')
    const connection = said('ansible_connection') ?? reach.connection ?? this.otherwise.connection
    if (connectionKind(name, connection, host) === 'local') return THIS_MACHINE
    const port = said('ansible_ssh_port', 'ansible_port') ?? reach.port ?? this.otherwise.port ?? 22
    return `${host ?? name}:${port}`
  }

  /** How a host is reached by who says nothing of it: as the play says, and as tasks have set it. */
  reachOf(name: string): Reach | undefined {
    const host = this.hosts.host(name)
    if (host.reach?.variables || !host.saysConnection()) return host.reach
    return { ...host.reach, variables: () => this.variables.hostScope(name) }
  }

  #allStates = (): HostState[] => [...this.hosts.states(), ...this.#elsewhere.values()]

  plannedAnywhere = (): boolean => this.#allStates().some((state) => state.world.planned)

  /** The planned changes of a host that a task names by its name or its address; undefined where none is planned. */
  worldOf = (nameOrAddress: string): World | undefined => {
    for (const { world, name, elsewhere } of this.#allStates()) {
      if (!world.planned) continue
      const isIt =
        elsewhere === undefined
          ? name === nameOrAddress || this.variables.hostScope(name).ansible_host === nameOrAddress
          : elsewhere.slice(0, elsewhere.lastIndexOf(':')) === nameOrAddress
      if (isIt) return world
    }
    return undefined
  }
}
