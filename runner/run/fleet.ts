import { Refusal } from '../../contract/errors.ts'
import type { Addition, Claim } from '../../contract/module.ts'
import type { Plan } from '../../contract/plan.ts'
import { World } from '../../contract/world.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import { findHost, implicitLocalhost } from '../load/inventory.ts'
import type { Inventory, InventoryHost, Vars } from '../load/types.ts'
import type { Event } from '../report/events.ts'
import { WorkList } from './at-work.ts'
import type { AtTerminal, FetchCache } from './controller.ts'
import { HostState, type Hosts } from './host-state.ts'
import { HostVariables, type VariablesOptions } from './host-variables.ts'
import type { Locks } from './locks.ts'
import { machineOf } from './machine.ts'

/** Which task, on which host, for which item of its loop. */
export interface TaskIdentity {
  play: string
  task: string
  host: string
  item: string | null
}

/** Has the last word before a plan is done or recorded. @throws {Refusal} */
export type Guard = (task: TaskIdentity, plan: Plan) => void

export interface FleetOptions extends VariablesOptions {
  inventory: Inventory
  /** How many -v. */
  verbosity?: number
  guard?: Guard
  /** Bytes that are kept of each stream of a user's command; all when left out. */
  maxOutput?: number
  /** undefined: none are taken, in a check and with --no-lock. */
  locks?: Locks
  /** The user, as far as there is one. */
  interrupted?: AtTerminal['interrupted']
  ask?: AtTerminal['ask']
  connect: (name: string, reach?: Reach) => Promise<Connection>
  /** The next `connect` makes a new connection. */
  renew?: (name: string, reach?: Reach) => Promise<void>
  emit: (event: Event) => void
  /** Reads the inventory's sources again. @throws {PlayErrors} */
  readInventory?: () => Inventory
  /** Adds what follows from an inventory to one that has grown. */
  onGrown?: (inventory: Inventory) => void
}

/** All hosts of a run, and what becomes of them. */
export class Fleet implements Hosts {
  readonly fetched: FetchCache = new Map()
  /** What is being done on the hosts. */
  readonly work: WorkList
  readonly variables: HostVariables
  readonly #states = new Map<string, HostState>()
  inventory: Inventory
  readonly #additions: Addition[] = []
  #epoch = 0
  #changes = 0
  readonly #claims = new Map<string, string>()
  #version = 0
  constructor(readonly options: FleetOptions) {
    this.work = new WorkList(options.emit)
    this.inventory = options.inventory
    this.variables = new HostVariables(options, this)
  }

  /** More hosts, groups and variables, for the plays behind. @throws {PlayErrors} */
  grow(additions: readonly Addition[]): void {
    const { options } = this
    if (!options.inventory.grown) throw new Error('an inventory that was not loaded cannot grow')
    const before = this.#additions.length
    this.#additions.push(...additions)
    try {
      this.#inventoryChanged()
    } catch (error) {
      this.#additions.length = before
      throw error
    }
    for (const { host, vars } of additions) {
      const state = this.host(host)
      state.added = { ...state.added, ...belowHostVars(vars, state.inventory) }
    }
  }

  /** `meta: refresh_inventory`: what hosts said, what tasks set and what they added stay. */
  refreshInventory(): void {
    const { inventory, readInventory } = this.options
    const fresh = readInventory?.()
    if (!fresh) return
    replaceAll(inventory.hosts, fresh.hosts)
    replaceAll(inventory.groups, fresh.groups)
    inventory.grown = fresh.grown
    this.#inventoryChanged()
  }

  #inventoryChanged(): void {
    const { inventory, onGrown } = this.options
    this.inventory = this.#additions.length > 0 ? inventory.grown!(this.#additions) : inventory
    onGrown?.(this.inventory)
    this.variables.inventoryChanged()
    this.#namesOf = undefined
    this.#machines.clear()
    for (const state of this.#states.values()) state.inventory = this.#inventoryOf(state.name)
    this.#version += 1
  }

  #inventoryOf(name: string): InventoryHost {
    return findHost(this.inventory, name) ?? { ...implicitLocalhost(), name, vars: {} }
  }

  host(name: string): HostState {
    let state = this.#states.get(name)
    if (!state) {
      state = new HostState(this.#inventoryOf(name), () => {
        this.#version += 1
      })
      this.#states.set(name, state)
    }
    return state
  }

  readonly #turns = new Map<string, Promise<unknown>>()
  /**
   * What several hosts delegate to one, or several names of one machine do there, is read, planned and done by one after
   * another: each sees what the one before made of it.
   */
  inTurn<T>(host: HostState, work: () => Promise<T>): Promise<T> {
    const machine = host.elsewhere ?? this.#machineOf(host.name)
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
    this.#namesOf ??= [...this.inventory.hosts.keys()].reduce((counts, name) => {
      const machine = this.#machineOf(name)
      return counts.set(machine, (counts.get(machine) ?? 0) + 1)
    }, new Map<string, number>())
    return (this.#namesOf.get(this.#machineOf(host.name)) ?? 0) > 1
  }

  readonly #machines = new Map<string, string>()
  /** As its own variables say it; asked for by every task that may change something, and looked up once. */
  #machineOf(name: string): string {
    const known = this.#machines.get(name)
    if (known !== undefined) return known
    try {
      const found = machineOf(name, this.variables.hostScope(name))
      if (!this.host(name).saysConnection()) this.#machines.set(name, found)
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
    const machine = machineOf(host.name, reach.variables?.() ?? this.variables.hostScope(host.name), reach)
    if (machine === this.#machineOf(host.name)) return host
    const key = `${host.name} ${machine}`
    const found = this.#elsewhere.get(key)
    if (found?.inventory === host.inventory) return found
    const state = new HostState(host.inventory, host.onVariables, this.#worldAt(machine), machine)
    this.#elsewhere.set(key, state)
    return state
  }

  #worldAt(machine: string): World {
    const owner = [...this.inventory.hosts.keys(), 'localhost'].find(
      (name) => this.#machineOf(name) === machine,
    )
    if (owner !== undefined) return this.host(owner).world
    return [...this.#elsewhere.values()].find(({ elsewhere }) => elsewhere === machine)?.world ?? new World()
  }

  /** How a host is reached by who says nothing of it: as the play says, and as tasks have set it. */
  reachOf(name: string): Reach | undefined {
    const host = this.host(name)
    if (host.reach?.variables || !host.saysConnection()) return host.reach
    return { ...host.reach, variables: () => this.variables.hostScope(name) }
  }

  #allStates = (): HostState[] => [...this.#states.values(), ...this.#elsewhere.values()]

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

  /** Grows with every change that is made or planned, and every wait: what was inspected before is not as it was. */
  get epoch(): number {
    return this.#epoch
  }
  get version(): number {
    return this.#version
  }

  /** After a change anywhere nothing read before may be trusted: hosts act on each other. */
  forgetFacts(): void {
    this.#epoch += 1
    this.#changes += 1
  }

  /** What was read on a host and still holds. */
  cacheOf = (host: HostState, connection: Connection): Map<string, Promise<unknown>> =>
    host.cacheSince(this.#changes, connection)

  /** Variables have changed that all hosts see: what was rendered before may render otherwise. */
  changeVariables(): void {
    this.#version += 1
  }

  /** Who takes part has changed, and with it `ansible_play_hosts` of the plays to come. */
  loseHosts(): void {
    this.forgetFacts()
    this.#version += 1
  }

  /**
   * In a check: later tasks read the plan, and what the hosts said stays true. In a run, what a task with check_mode
   * only plans is not going to be there.
   */
  recordPlan(target: HostState, plan: Plan): void {
    if (!this.options.check) return
    this.#epoch += 1
    target.world.record(plan)
  }

  /** @throws {Refusal} where something else in this run has what a task claims for a host */
  claim(host: HostState, claims: readonly Claim[]): void {
    for (const { what, by } of claims) {
      const owner = `${by} on ${host.name}`
      if (what === null) {
        for (const [known, other] of this.#claims) if (other === owner) this.#claims.delete(known)
        continue
      }
      const present = this.#claims.get(what) ?? owner
      if (present !== owner)
        throw new Refusal(`${what} is that of ${present}`, 'Each needs its own: give this one another name.')
      this.#claims.set(what, owner)
    }
  }
}

/** What add_host gives has the precedence of the inventory's file: a file of host_vars stands above it. */
const belowHostVars = (vars: Vars = {}, host: InventoryHost): Vars =>
  Object.fromEntries(
    Object.entries(vars).filter(([name]) => !/(^|\/)host_vars\//.test(host.where(name)?.file ?? '')),
  )

function replaceAll<Value>(map: Map<string, Value>, by: ReadonlyMap<string, Value>): void {
  map.clear()
  for (const [name, value] of by) map.set(name, value)
}
