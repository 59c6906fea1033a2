import { Refusal } from '../../contract/errors.ts'
import type { Addition, Claim } from '../../contract/module.ts'
import type { Plan } from '../../contract/plan.ts'
import { World } from '../../contract/world.ts'
import { PlayError } from '../errors.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import { findHost, implicitLocalhost } from '../load/inventory.ts'
import { type Layer, makeScope, type Scope } from '../load/scope.ts'
import { hasTemplate } from '../load/template.ts'
import type { Inventory, InventoryHost, RoleUse, Task, Vars } from '../load/types.ts'
import type { Event } from '../report/events.ts'
import type { Masker } from '../report/mask.ts'
import { WorkList } from './at-work.ts'
import type { AtTerminal, FetchCache } from './controller.ts'
import { HostState } from './host-state.ts'
import type { Inherited, SeenVars } from './inherit.ts'
import { textOf } from './keyword-value.ts'
import type { Locks } from './locks.ts'
import { machineOf } from './machine.ts'
import { magicOfHost, magicOfRole, magicOfRoles, unsaidInTasks, unsaidOfHost } from './magic.ts'

/** Which task, on which host, for which item of its loop. */
export interface TaskIdentity {
  play: string
  task: string
  host: string
  item: string | null
}

/** Has the last word before a plan is done or recorded. @throws {Refusal} */
export type Guard = (task: TaskIdentity, plan: Plan) => void

/** What a variable is on each host that has it, made of the variables of all. @throws {PlayErrors} */
export type Derive = (
  variablesOf: (host: string) => Vars,
  inventory: Inventory,
) => ReadonlyMap<string, unknown>

export interface FleetOptions {
  inventory: Inventory
  extraVars: Vars
  check: boolean
  /** How many -v. */
  verbosity?: number
  /** Magic variables that are the same for all hosts. */
  ofRun?: Vars
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
  masker: Masker
  emit: (event: Event) => void
  playbookDir: string
  /** -u, where neither variables nor keywords say whom to log in as. */
  loginUser?: string
  /** Reads the inventory's sources again. @throws {PlayErrors} */
  readInventory?: () => Inventory
  /** Variables that are made of the inventory's, by name. */
  derived?: Readonly<Record<string, Derive>>
  /** Adds what follows from an inventory to one that has grown. */
  onGrown?: (inventory: Inventory) => void
  /** Hosts that failed or could not be reached; none where nothing is run. */
  lost?: () => string[]
}

/** All hosts of a run and the variables each sees. */
export class Fleet {
  readonly fetched: FetchCache = new Map()
  /** What is being done on the hosts. */
  readonly work: WorkList
  readonly #states = new Map<string, HostState>()
  /** As add_host and group_by have made it. */
  inventory: Inventory
  readonly #additions: Addition[] = []
  #groups: Record<string, string[]>
  #ofHost = new WeakMap<HostState, Layer>()
  #hostvars: Vars | undefined
  readonly #derived = new Map<string, { version: number; values: ReadonlyMap<string, unknown> | null }>()
  #epoch = 0
  #changes = 0
  readonly #claims = new Map<string, string>()
  #version = 0
  constructor(readonly options: FleetOptions) {
    this.work = new WorkList(options.emit)
    this.inventory = options.inventory
    this.#groups = groupsOf(options.inventory)
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
    this.#groups = groupsOf(this.inventory)
    this.#hostvars = undefined
    this.#namesOf = undefined
    this.#machines.clear()
    this.#ofHost = new WeakMap()
    for (const state of this.#states.values()) state.inventory = this.#inventoryOf(state.name)
    this.#version += 1
  }

  #inventoryOf(name: string): InventoryHost {
    return findHost(this.inventory, name) ?? { ...implicitLocalhost(), name, vars: {} }
  }

  /** A host of the inventory, the implicit localhost, or any name a task is delegated to. */
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
      const found = machineOf(name, this.hostScope(name))
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
    const machine = machineOf(host.name, reach.variables?.() ?? this.hostScope(host.name), reach)
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
    return { ...host.reach, variables: () => this.hostScope(name) }
  }

  #allStates = (): HostState[] => [...this.#states.values(), ...this.#elsewhere.values()]

  plannedAnywhere = (): boolean => this.#allStates().some((state) => state.world.planned)

  /** The planned changes of a host that a task names by its name or its address; undefined where none is planned. */
  worldOf = (nameOrAddress: string): World | undefined => {
    for (const { world, name, elsewhere } of this.#allStates()) {
      if (!world.planned) continue
      const isIt =
        elsewhere === undefined
          ? name === nameOrAddress || this.hostScope(name).ansible_host === nameOrAddress
          : elsewhere.slice(0, elsewhere.lastIndexOf(':')) === nameOrAddress
      if (isIt) return world
    }
    return undefined
  }

  /** Grows with every change that is made or planned, and every wait: what was inspected before is not as it was. */
  get epoch(): number {
    return this.#epoch
  }
  /** Grows when any host's facts or results do, or a host is lost: what was rendered before may render otherwise. */
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

  /** A task's name for its heading, rendered for the first host; as written where that host cannot render it. */
  heading(
    { name, pos }: Pick<Task, 'name' | 'pos'>,
    host: string,
    play: PlayVars,
    inherited: Inherited,
  ): string {
    if (!hasTemplate(name)) return name
    try {
      return textOf('name', name, this.scope(this.host(host), play, inherited), pos)
    } catch {
      return name
    }
  }

  /** The variables of a host under a task, by Ansible's precedence. */
  scope(host: HostState, play: PlayVars, inherited: Inherited): Scope {
    return this.#scope(host, play, inherited.sees, () => this.#layers(host, play, inherited))
  }

  readonly #said = new WeakMap<object, object>()
  /** The same without what counts where nobody says it. */
  saidScope(host: HostState, play: PlayVars, inherited: Inherited): Scope {
    const key = this.#said.get(inherited.sees) ?? {}
    this.#said.set(inherited.sees, key)
    return this.#scope(host, play, key, () => this.#layers(host, play, inherited).slice(1))
  }

  /** One scope for each (play, key), made anew when a variable of any host has changed since: they see each other. */
  #scope(host: HostState, play: object, key: unknown, layers: () => Layer[]): Scope {
    let known = host.scopes.get(play)
    if (!known) {
      known = new Map()
      host.scopes.set(play, known)
    }
    const cached = known.get(key)
    if (cached?.version === this.#version) return cached.scope
    for (const [old, { version }] of known) if (version !== this.#version) known.delete(old)
    const made = layers()
    for (const { vars, data } of made) if (!data) this.options.masker.learn(vars)
    const scope = makeScope(made, this.#learn)
    known.set(key, { version: this.#version, scope })
    return scope
  }

  #learn = (name: string, value: unknown): void => this.options.masker.learn({ [name]: value })

  #layers(host: HostState, play: PlayVars, inherited: Inherited): Layer[] {
    const { role } = inherited
    return [
      this.#unsaid(host, role, play),
      unsaidOfHost(host.inventory),
      ...play.below,
      ...(role?.defaults ?? []).map(layerOf),
      { vars: host.inventory.vars, data: false, locate: (name) => host.inventory.where(name) },
      { vars: host.added, data: true },
      { vars: host.facts, data: true },
      ...play.layers,
      ...(role?.vars ?? []).map(layerOf),
      ...inherited.vars.map(layerOf),
      ...host.included.map(layerOf),
      { vars: host.registered, data: true },
      ...(role?.params ?? []).map(layerOf),
      ...inherited.params.map(layerOf),
      { vars: this.options.extraVars, data: false },
      this.#magicOfHost(host),
      { vars: this.#magic(host, play, role), data: true },
    ]
  }

  /** Below all others: what counts where nobody says it. Made once: it is asked for with every scope. */
  #unsaid(host: HostState, role: RoleUse | undefined, play: PlayVars): Layer {
    const of = role ?? play
    let layer = host.unsaid.get(of)
    if (!layer) {
      const { loginUser } = this.options
      const address = (other: string) => this.hostScope(host.name)[other] ?? host.name
      const user = () => host.reach?.user ?? loginUser
      layer = { vars: unsaidInTasks({ address, user, role, dir: play.dir }), data: true }
      host.unsaid.set(of, layer)
    }
    return layer
  }

  #magic(host: HostState, play: PlayVars, role: RoleUse | undefined): Vars {
    const inventoryVars = () => this.#inventoryVars(host)
    return this.#withDerived(host, {
      hostvars: this.#allHostvars(),
      play_hosts: play.hosts,
      ansible_play_hosts: play.hosts,
      ansible_play_hosts_all: play.all,
      ansible_play_batch: play.hosts,
      get inventory_vars() {
        return inventoryVars()
      },
      failed_hosts: this.options.lost?.() ?? [],
      playbook_dir: play.dir,
      ansible_play_name: play.name,
      ...magicOfRoles(play.roles),
      ...(role ? magicOfRole(role) : {}),
    })
  }

  /** What others see of a host too. Made once for each inventory: it is asked for with every scope. */
  #magicOfHost(host: HostState): Layer {
    let layer = this.#ofHost.get(host)
    if (!layer) {
      const vars = {
        ...this.options.ofRun,
        ...magicOfHost(host.name, host.inventory),
        groups: this.#groups,
        ansible_check_mode: this.options.check,
        inventory_dir: this.inventory.dir,
      }
      layer = { vars, data: true }
      this.#ofHost.set(host, layer)
    }
    return layer
  }

  /** Who lists all variables gets none of these: nothing need be there to make them of. */
  #withDerived(host: HostState, vars: Vars): Vars {
    for (const [name, derive] of Object.entries(this.options.derived ?? {}))
      Object.defineProperty(vars, name, {
        get: () => this.#derivedOf(name, derive).get(host.name),
      })
    return vars
  }

  #derivedOf(name: string, derive: Derive): ReadonlyMap<string, unknown> {
    const known = this.#derived.get(name)
    if (known?.version === this.#version) {
      if (known.values) return known.values
      throw new PlayError('variable', `${name} is made of variables that refer to it`)
    }
    this.#derived.set(name, { version: this.#version, values: null })
    try {
      const values = derive((host) => this.hostScope(host), this.inventory)
      this.#derived.set(name, { version: this.#version, values })
      return values
    } catch (error) {
      this.#derived.delete(name)
      throw error
    }
  }

  /** What the inventory's files say of a host. They may use -e; they are not overridden by it. */
  #inventoryVars(host: HostState): Scope {
    return this.#scope(host, this, 'inventory', () => [
      { vars: this.options.extraVars, data: false },
      { vars: host.inventory.vars, data: false, locate: (name) => host.inventory.where(name) },
      {
        vars: {
          inventory_hostname: host.name,
          ansible_check_mode: this.options.check,
          inventory_dir: this.inventory.dir,
        },
        data: true,
      },
    ])
  }

  #allHostvars(): Vars {
    if (this.#hostvars) return this.#hostvars
    const hostvars = Object.create(null) as Vars
    for (const name of this.inventory.hosts.keys())
      Object.defineProperty(hostvars, name, { enumerable: true, get: () => this.hostScope(name) })
    this.#hostvars = hostvars
    return hostvars
  }

  /** What others see of a host: its inventory variables, facts and results, without plays' and tasks' variables. */
  hostScope(name: string): Scope {
    const host = this.host(name)
    return this.#scope(host, this, 'hostvars', () => [
      unsaidOfHost(host.inventory),
      { vars: host.inventory.vars, data: false, locate: (variable) => host.inventory.where(variable) },
      { vars: host.added, data: true },
      { vars: host.facts, data: true },
      { vars: host.registered, data: true },
      { vars: this.options.extraVars, data: false },
      this.#magicOfHost(host),
      {
        vars: this.#withDerived(host, {
          playbook_dir: this.options.playbookDir,
        }),
        data: true,
      },
    ])
  }
}

/** What add_host gives has the precedence of the inventory's file: a file of host_vars stands above it. */
const belowHostVars = (vars: Vars = {}, host: InventoryHost): Vars =>
  Object.fromEntries(
    Object.entries(vars).filter(([name]) => !/(^|\/)host_vars\//.test(host.where(name)?.file ?? '')),
  )

export const layerOf = ({ vars, at, data = false }: SeenVars): Layer => ({
  vars,
  data,
  locate: (name) => at?.locate([name]),
})

/** A play's own variables: its `vars` and `vars_files` and what its roles bring, one object for the whole batch. */
export interface PlayVars {
  name: string
  /** Below the inventory's: the defaults of its roles. */
  below: Layer[]
  layers: Layer[]
  /** Those that it names, imports, and has included so far. */
  roles: RoleUse[]
  hosts: string[]
  /** With those that are out of the run already. */
  all: string[]
  dir: string
}

const groupsOf = ({ groups }: Inventory): Record<string, string[]> =>
  Object.fromEntries([...groups].map(([name, group]) => [name, group.hosts]))

function replaceAll<Value>(map: Map<string, Value>, by: ReadonlyMap<string, Value>): void {
  map.clear()
  for (const [name, value] of by) map.set(name, value)
}
