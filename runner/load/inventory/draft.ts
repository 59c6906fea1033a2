import { Diagnostics, PlayError, type Pos } from '../../errors.ts'
import type { Vars } from '../types.ts'
import { expandHosts } from './ranges.ts'

/** Variables from one place. Hosts of one range share it. */
export interface Layer {
  vars: Vars
  /** Where a variable of this layer was set. */
  at(variable: string): Pos
}

export interface GroupDraft {
  name: string
  layers: Layer[]
  /** Named in it directly, in this order. */
  hosts: Set<string>
  /** Child group → where it was named as one. */
  children: Map<string, () => Pos>
  /** Where it is only used (a child, [x:vars]); it must be declared somewhere. */
  usedAt?: Pos
  /** How it was used, for the error. */
  usedAs?: string
  declared: boolean
}

export interface HostDraft {
  name: string
  layers: Layer[]
  /** Named in these directly. */
  groups: string[]
  /** The source that names it first. */
  file?: string
}

export interface InventoryWarning {
  message: string
  pos?: Pos
}

/** What the sources have said so far, in their order. */
export class Draft {
  readonly groups = new Map<string, GroupDraft>()
  readonly hosts = new Map<string, HostDraft>()
  readonly diagnostics = new Diagnostics()
  readonly warnings: InventoryWarning[] = []
  /** The source that is read: an absolute path, or names with a comma. */
  source?: string

  /** @param extraVars what -e says */
  constructor(readonly extraVars: Vars = {}) {
    this.declare('all')
    this.declare('ungrouped')
  }

  declare(name: string): GroupDraft {
    const group = this.#group(name)
    if (!group.declared) {
      // Groups stand in the order in which they are declared, wherever they were named before.
      this.groups.delete(name)
      this.groups.set(name, group)
    }
    group.declared = true
    return group
  }

  use(name: string, pos: Pos, usedAs: string): GroupDraft {
    const group = this.#group(name)
    group.usedAt ??= pos
    group.usedAs ??= usedAs
    return group
  }

  /** `entry` as an inventory writes it: a name, a range, with or without a port. */
  addHosts(group: GroupDraft, entry: string, pos: () => Pos, layer?: Layer): void {
    const hosts = this.diagnostics.collect(() => expandHosts(entry, pos))
    if (!hosts) return
    const port: Layer | undefined = hosts.port ? { vars: { ansible_port: hosts.port }, at: pos } : undefined
    for (const name of hosts.names) {
      let host = this.hosts.get(name)
      if (!host) {
        host = { name, layers: [], groups: [], file: this.source }
        this.hosts.set(name, host)
      }
      if (!host.groups.includes(group.name)) host.groups.push(group.name)
      group.hosts.add(name)
      if (port) host.layers.push(port)
      if (layer) host.layers.push(layer)
    }
  }

  fail(message: string, pos: Pos | undefined, hint?: string): void {
    this.diagnostics.errors.push(new PlayError('inventory', message, { pos, hint }))
  }

  #group(name: string): GroupDraft {
    let group = this.groups.get(name)
    if (!group) {
      group = { name, layers: [], hosts: new Set(), children: new Map(), declared: false }
      this.groups.set(name, group)
    }
    return group
  }
}

/** Characters that a host pattern gives a meaning to, and blanks, cannot be in a group's name. */
export const isGroupName = (name: string): boolean => /^[^\s:,!&*?~()[\]{}<>|'"`$\\/#;=@]+$/.test(name)
