import type { World } from '../../contract/world.ts'
import type { Connection, Reach } from '../hosts/types.ts'
import type { Layer, Scope } from '../load/scope.ts'
import type { Inventory, InventoryHost, Vars } from '../load/types.ts'
import { saysConnection } from './connection-variables.ts'
import type { SeenVars } from './inherit.ts'

/** What the run knows of one host. */
export class HostState {
  /** ansible_facts and the ansible_* variables made of them; empty until gathered. */
  facts: Vars = {}
  /** What add_host gave it: data, with the precedence of the inventory's variables. */
  added: Vars = {}
  /** What include_vars brought: of files, with templates. */
  included: SeenVars[] = []
  /** Registered results and set_fact: data from hosts, never templates. */
  registered: Vars = {}
  #reads: { since: number; caches: WeakMap<Connection, Map<string, Promise<unknown>>> } | undefined
  /** How the play that runs, or the first one that names it, reaches it. */
  reach: Reach | undefined
  /** A task, or the gathering of facts, has come to it in this run. */
  reached = false
  /** By which its tasks look at it. */
  connection?: Connection
  /** What its tasks know where nobody says it, by role or play. */
  readonly unsaid = new WeakMap<object, Layer>()
  /** Scopes made before, each good for one version of the fleet's variables: by play, then by what tasks add. */
  readonly scopes = new WeakMap<object, Map<unknown, { version: number; scope: Scope }>>()
  constructor(
    public inventory: InventoryHost,
    readonly onVariables: () => void,
    readonly worldNow: () => World,
    /** It stands for the host on this machine, to which the inventory alone does not lead. */
    readonly elsewhere?: string,
  ) {}
  get name(): string {
    return this.inventory.name
  }
  /** What is planned there: that of its machine, whatever other names that has. */
  get world(): World {
    return this.worldNow()
  }
  /** What was read through a connection since the last change on the fleet, which is counted by `change`: each user sees his own. */
  cacheSince(change: number, connection: Connection): Map<string, Promise<unknown>> {
    if (this.#reads?.since !== change) this.#reads = { since: change, caches: new WeakMap() }
    const { caches } = this.#reads
    const cache = caches.get(connection) ?? new Map()
    caches.set(connection, cache)
    return cache
  }
  forgetReads(): void {
    this.#reads = undefined
  }
  /** Whether tasks have set how it is reached. */
  saysConnection(): boolean {
    const set = [this.registered, this.added, ...this.included.map(({ vars }) => vars)]
    return set.some((vars) => saysConnection(vars, this.inventory))
  }
  setFacts(facts: Vars): void {
    this.facts = { ...this.facts, ...facts }
    this.onVariables()
  }
  /** More facts, as `ansible_NAME`; each is under `ansible_facts` too. */
  addFacts(facts: Vars): void {
    const bare = Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_/, ''), value])
    this.setFacts({
      ...facts,
      ansible_facts: { ...(this.facts.ansible_facts as Vars), ...Object.fromEntries(bare) },
    })
  }
  clearFacts(): void {
    this.facts = {}
    this.onVariables()
  }
  include(seen: SeenVars): void {
    this.included = [...this.included, seen]
    this.onVariables()
  }
  register(vars: Vars): void {
    this.registered = { ...this.registered, ...vars }
    this.onVariables()
  }
}

/** The hosts of a run as they are now: what their variables and machines are made of. */
export interface Hosts {
  /** As add_host and group_by have made it. */
  readonly inventory: Inventory
  /** Grows when any host's facts or results do, or a host is lost: what was rendered before may render otherwise. */
  readonly version: number
  /** A host of the inventory, the implicit localhost, or any name a task is delegated to. */
  host(name: string): HostState
  /** Of all hosts that were asked for by now. */
  states(): Iterable<HostState>
}
