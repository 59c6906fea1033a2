import type { Pos } from '../../errors.ts'
import type { InventoryHost, Vars } from '../types.ts'
import type { Draft, HostDraft, Layer } from './draft.ts'
import type { GroupNode } from './graph.ts'
import { type Members, membersOf } from './members.ts'
import type { VarsFolder } from './vars-folder.ts'

/** Variables folders, in order of the sources. */
export interface VarsFolders {
  groups: VarsFolder[]
  hosts: VarsFolder[]
}

/** The finished hosts, implicit localhost, and groups. */
export function buildHosts(
  draft: Draft,
  nodes: Map<string, GroupNode>,
  folders: VarsFolders,
): { hosts: Map<string, LoadedHost>; groups: Map<string, LoadedGroup>; localhost: InventoryHost } {
  const bases = new BaseVars(nodes.get('all')!, folders.groups)
  const paths = new GroupPaths(nodes)
  const hosts = new Map<string, LoadedHost>()
  const members = membersOf(draft)
  for (const name of members.get('all')!.hosts) {
    const host = draft.hosts.get(name)!
    const path = paths.of(host)
    hosts.set(name, new Host(name, path.names, bases.of(path), ownLayers(host, folders), host.file))
  }
  const groups = new Map<string, LoadedGroup>()
  for (const [name, { layers, priority }] of nodes)
    groups.set(
      name,
      new Group(
        name,
        members.get(name)!,
        [...layers, ...folders.groups.flatMap((folder) => folder.layersOf(name))],
        priority,
      ),
    )
  const implicit: HostDraft = { name: 'localhost', groups: [], layers: [LOCAL] }
  const localhost = new Host(
    'localhost',
    [],
    bases.of({ nodes: [], names: [] }),
    ownLayers(implicit, folders),
  )
  return { hosts, groups, localhost }
}

/** With what it has of its own. */
export interface LoadedHost extends InventoryHost {
  /** Without what its groups give it. */
  readonly ownVars: Vars
}
export interface LoadedGroup extends Members {
  name: string
  /** What the group itself gives its hosts. */
  readonly ownVars: Vars
}

class Group implements LoadedGroup {
  constructor(
    readonly name: string,
    readonly members: Members,
    readonly layers: Layer[],
    readonly priority: number,
  ) {}

  get hosts(): string[] {
    return this.members.hosts
  }

  get direct(): string[] {
    return this.members.direct
  }

  get children(): string[] {
    return this.members.children
  }

  get ownVars(): Vars {
    const vars = merge({}, this.layers)
    return this.priority === 1 ? vars : { ...vars, ansible_group_priority: this.priority }
  }
}

/** Ansible, "Implicit localhost". */
const LOCAL: Layer = {
  vars: { ansible_connection: 'local' },
  at: () => ({ file: 'implicit localhost', line: 1, col: 1 }),
}

const ownLayers = (host: HostDraft, folders: VarsFolders): Layer[] => [
  ...host.layers,
  ...folders.hosts.flatMap((folder) => folder.layersOf(host.name)),
]

/** The groups of a host, from the outside in. */
interface GroupPath {
  nodes: GroupNode[]
  names: string[]
}

/** Hosts named in the same groups share one path. */
class GroupPaths {
  readonly #paths = new Map<string, GroupPath>()
  constructor(readonly nodes: Map<string, GroupNode>) {}

  of(host: HostDraft): GroupPath {
    const direct = host.groups.filter((name) => name !== 'all' && name !== 'ungrouped')
    if (direct.length === 0) direct.push('ungrouped')
    const key = direct.join(' ')
    let path = this.#paths.get(key)
    if (!path) {
      const nodes = new Set<GroupNode>()
      for (const name of direct) {
        const node = this.nodes.get(name)!
        for (const each of [node, ...node.ancestors]) nodes.add(each)
      }
      const sorted = [...nodes].sort(byPrecedence)
      path = { nodes: sorted, names: sorted.map((node) => node.draft.name) }
      this.#paths.set(key, path)
    }
    return path
  }
}

/** Later wins: deeper, then the higher ansible_group_priority, then the name (Ansible, "How variables are merged"). */
function byPrecedence(a: GroupNode, b: GroupNode): number {
  if (a.depth !== b.depth) return a.depth - b.depth
  if (a.priority !== b.priority) return a.priority - b.priority
  return a.draft.name < b.draft.name ? -1 : 1
}

/** What groups give, merged once for each path: groups in inventory files, group_vars/all, other group_vars. */
class BaseVars {
  readonly #bases = new Map<GroupPath, Base>()

  constructor(
    readonly all: GroupNode,
    readonly folders: VarsFolder[],
  ) {}

  of(path: GroupPath): Base {
    let base = this.#bases.get(path)
    if (!base) {
      base = new Base(this.#layers(path))
      this.#bases.set(path, base)
    }
    return base
  }

  #layers({ nodes, names }: GroupPath): Layer[] {
    return [
      ...this.all.layers,
      ...nodes.flatMap((node) => node.layers),
      ...this.folders.flatMap((folder) => folder.layersOf('all')),
      ...this.folders.flatMap((folder) => names.flatMap((name) => folder.layersOf(name))),
    ]
  }
}

class Base {
  #vars?: Vars
  constructor(readonly layers: Layer[]) {}
  get vars(): Vars {
    this.#vars ??= merge({}, this.layers)
    return this.#vars
  }
}

class Host implements LoadedHost {
  #vars?: Vars
  constructor(
    readonly name: string,
    public groups: string[],
    readonly base: Base,
    readonly own: Layer[],
    readonly file?: string,
  ) {}

  get vars(): Vars {
    this.#vars ??= merge(this.base.vars, this.own)
    return this.#vars
  }

  get ownVars(): Vars {
    return merge({}, this.own)
  }

  where(variable: string): Pos | undefined {
    const sets = ({ vars }: Layer) => Object.hasOwn(vars, variable)
    return (this.own.findLast(sets) ?? this.base.layers.findLast(sets))?.at(variable)
  }
}

/** A copy; spread and not Object.assign, which would take a key `__proto__` for the prototype. */
function merge(base: Vars, layers: Layer[]): Vars {
  let merged = { ...base }
  for (const { vars } of layers) merged = { ...merged, ...vars }
  return merged
}
