import type { Addition } from '../../../contract/module.ts'
import { Draft, type GroupDraft } from './draft.ts'

const NOWHERE = () => ({ file: 'add_host', line: 1, col: 1 })

/**
 * The groups and hosts of a draft with more in them; the draft stays as it is. Variables that a task gives a host are no
 * part of it: they are data, and never templates (run/fleet.ts).
 */
export function grownDraft(draft: Draft, additions: readonly Addition[]): Draft {
  const grown = new Draft(draft.extraVars)
  const { groups, hosts } = grown
  for (const [name, group] of draft.groups)
    groups.set(name, { ...group, hosts: new Set(group.hosts), children: new Map(group.children) })
  for (const [name, host] of draft.hosts)
    hosts.set(name, { ...host, layers: [...host.layers], groups: [...host.groups] })
  const groupNamed = (name: string): GroupDraft => {
    const known = groups.get(name) ?? {
      name,
      layers: [],
      hosts: new Set<string>(),
      children: new Map(),
      declared: true,
    }
    groups.set(name, known)
    return known
  }
  for (const { host: name, groups: named, parents = [], leaves = [] } of additions) {
    const host = hosts.get(name) ?? { name, layers: [], groups: [] }
    hosts.set(name, host)
    host.groups = host.groups.filter((group) => !leaves.includes(group))
    for (const group of leaves) groups.get(group)?.hosts.delete(name)
    for (const group of named) {
      groupNamed(group).hosts.add(name)
      if (!host.groups.includes(group)) host.groups.push(group)
      for (const parent of parents)
        if (parent !== 'all' && parent !== group && !isAbove(groups, group, parent))
          groupNamed(parent).children.set(group, NOWHERE)
    }
  }
  return grown
}

/** Whether a group has the other among its descendants: the other way round they would be a circle. */
function isAbove(groups: ReadonlyMap<string, GroupDraft>, name: string, other: string): boolean {
  const below = new Set([name])
  for (const each of below) for (const child of groups.get(each)?.children.keys() ?? []) below.add(child)
  return below.has(other)
}
