import { Refusal } from '../../contract/errors.ts'
import type { Addition, Claim } from '../../contract/module.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import { findHost, implicitLocalhost } from '../load/inventory.ts'
import type { Inventory, InventoryHost, Vars } from '../load/types.ts'
import type { Event } from '../report/events.ts'
import { WorkList } from './at-work.ts'
import type { AtTerminal, FetchCache } from './controller.ts'
import type { Doing } from './doing.ts'
import { HostState, type Hosts } from './host-state.ts'
import { HostVariables, type VariablesOptions } from './host-variables.ts'
import type { Locks } from './locks.ts'
import { Machines, type Otherwise } from './machines.ts'

/** Which task, on which host, for which item of its loop. */
export interface TaskIdentity {
  play: string
  task: string
  host: string
  item: string | null
}

/** Has the last word before a plan is done or recorded. Of one task that is tried again `task` is the same object. @throws {Refusal} */
export type Guard = (task: TaskIdentity, plan: Plan, doing: Doing) => void | Promise<void>

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
  /** How hosts are reached where neither variables nor keywords say it: -c, and what is configured. */
  otherwise?: Otherwise
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
  readonly machines: Machines
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
    this.machines = new Machines(this, this.variables, options.otherwise)
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
    this.machines.inventoryChanged()
    for (const state of this.#states.values()) state.inventory = this.#inventoryOf(state.name)
    this.#version += 1
  }

  #inventoryOf(name: string): InventoryHost {
    return findHost(this.inventory, name) ?? { ...implicitLocalhost(), name, vars: {} }
  }

  host(name: string): HostState {
    let state = this.#states.get(name)
    if (!state) {
      state = new HostState(
        this.#inventoryOf(name),
        () => {
          this.#version += 1
        },
        () => this.machines.worldAt(this.machines.machineOf(name)),
      )
      this.#states.set(name, state)
    }
    return state
  }

  states(): Iterable<HostState> {
    return this.#states.values()
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
