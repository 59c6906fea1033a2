import { type Layer, makeScope, type Scope } from '../load/scope.ts'
import { hasTemplate } from '../load/template.ts'
import type { Inventory, RoleUse, Task, Vars } from '../load/types.ts'
import type { Masker } from '../report/mask.ts'
import { type Derive, Derived } from './derived.ts'
import type { HostState, Hosts } from './host-state.ts'
import type { Inherited, SeenVars } from './inherit.ts'
import { textOf } from './keyword-value.ts'
import { magicOfHost, magicOfRole, magicOfRoles, unsaidInTasks, unsaidOfHost } from './magic.ts'

export interface VariablesOptions {
  extraVars: Vars
  check: boolean
  /** Magic variables that are the same for all hosts. */
  ofRun?: Vars
  masker: Masker
  playbookDir: string
  /** -u, where neither variables nor keywords say whom to log in as. */
  loginUser?: string
  /** Variables that are made of the inventory's, by name. */
  derived?: Readonly<Record<string, Derive>>
  /** Hosts that failed or could not be reached; none where nothing is run. */
  lost?: () => string[]
}

/** The variables that each host sees. */
export class HostVariables {
  #groups: Record<string, string[]>
  #ofHost = new WeakMap<HostState, Layer>()
  #hostvars: Vars | undefined
  readonly #derived: Derived
  constructor(
    readonly options: VariablesOptions,
    readonly hosts: Hosts,
  ) {
    this.#groups = groupsOf(hosts.inventory)
    this.#derived = new Derived(options.derived ?? {}, hosts, (host) => this.hostScope(host))
  }

  /** Hosts and groups are others than before. */
  inventoryChanged(): void {
    this.#groups = groupsOf(this.hosts.inventory)
    this.#hostvars = undefined
    this.#ofHost = new WeakMap()
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
      return textOf('name', name, this.scope(this.hosts.host(host), play, inherited), pos)
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
    if (cached?.version === this.hosts.version) return cached.scope
    for (const [old, { version }] of known) if (version !== this.hosts.version) known.delete(old)
    const made = layers()
    for (const { vars, data } of made) if (!data) this.options.masker.learn(vars)
    const scope = makeScope(made, this.#learn)
    known.set(key, { version: this.hosts.version, scope })
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
    return this.#derived.onto(host, {
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
        inventory_dir: this.hosts.inventory.dir,
      }
      layer = { vars, data: true }
      this.#ofHost.set(host, layer)
    }
    return layer
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
          inventory_dir: this.hosts.inventory.dir,
        },
        data: true,
      },
    ])
  }

  #allHostvars(): Vars {
    if (this.#hostvars) return this.#hostvars
    const hostvars = Object.create(null) as Vars
    for (const name of this.hosts.inventory.hosts.keys())
      Object.defineProperty(hostvars, name, { enumerable: true, get: () => this.hostScope(name) })
    this.#hostvars = hostvars
    return hostvars
  }

  /** What others see of a host: its inventory variables, facts and results, without plays' and tasks' variables. */
  hostScope(name: string): Scope {
    const host = this.hosts.host(name)
    return this.#scope(host, this, 'hostvars', () => [
      unsaidOfHost(host.inventory),
      { vars: host.inventory.vars, data: false, locate: (variable) => host.inventory.where(variable) },
      { vars: host.added, data: true },
      { vars: host.facts, data: true },
      { vars: host.registered, data: true },
      { vars: this.options.extraVars, data: false },
      this.#magicOfHost(host),
      {
        vars: this.#derived.onto(host, {
          playbook_dir: this.options.playbookDir,
        }),
        data: true,
      },
    ])
  }
}

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
