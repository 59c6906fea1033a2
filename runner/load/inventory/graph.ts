import { didYouMean } from '../nearest.ts'
import type { Draft, GroupDraft, Layer } from './draft.ts'

/** A group, with its place among the others. */
export interface GroupNode {
  draft: GroupDraft
  /** What inventory files say of its variables. */
  layers: readonly Layer[]
  /** 0 for `all`, then one more than the deepest parent. */
  depth: number
  /** ansible_group_priority: later wins among groups of one depth. */
  priority: number
  /** Every group above it, without `all`. */
  ancestors: Set<GroupNode>
}

/**
 * Orders groups from `all` downward. Says which groups are used but never declared, and which form a cycle; those are
 * left out.
 */
export function groupNodes(draft: Draft): Map<string, GroupNode> {
  reportUndeclared(draft)
  reportAllAsChild(draft)
  const waiting = new Map<string, number>()
  for (const group of draft.groups.values()) {
    for (const child of group.children.keys()) waiting.set(child, (waiting.get(child) ?? 0) + 1)
  }
  const nodes = new Map<string, GroupNode>()
  const parents = new Map<string, GroupNode[]>()
  const ready = [...draft.groups.keys()].filter((name) => !waiting.has(name))
  for (const name of ready) {
    const node = makeNode(draft, draft.groups.get(name)!, parents.get(name) ?? [])
    nodes.set(name, node)
    for (const child of node.draft.children.keys()) {
      if (!parents.has(child)) parents.set(child, [])
      parents.get(child)!.push(node)
      waiting.set(child, waiting.get(child)! - 1)
      if (waiting.get(child) === 0) ready.push(child)
    }
  }
  reportCycles(draft, nodes)
  return nodes
}

function makeNode(draft: Draft, group: GroupDraft, parents: GroupNode[]): GroupNode {
  const ancestors = new Set<GroupNode>()
  for (const parent of parents) {
    if (parent.draft.name !== 'all') ancestors.add(parent)
    for (const above of parent.ancestors) ancestors.add(above)
  }
  const depth = group.name === 'all' ? 0 : 1 + Math.max(0, ...parents.map((parent) => parent.depth))
  return {
    draft: group,
    layers: withoutPriority(group.layers),
    depth,
    priority: priorityOf(draft, group),
    ancestors,
  }
}

/** The priority of a group is no variable, where an inventory file says it. */
function withoutPriority(layers: readonly Layer[]): Layer[] {
  return layers.map((layer) => {
    if (!Object.hasOwn(layer.vars, 'ansible_group_priority')) return layer
    const { ansible_group_priority: _, ...vars } = layer.vars
    return { vars, at: (variable) => layer.at(variable) }
  })
}

function priorityOf(draft: Draft, group: GroupDraft): number {
  const layer = group.layers.findLast(({ vars }) => Object.hasOwn(vars, 'ansible_group_priority'))
  if (!layer) return 1
  const value = layer.vars.ansible_group_priority
  const priority = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof priority === 'number' && Number.isInteger(priority)) return priority
  draft.fail(
    `ansible_group_priority is a whole number, not ${JSON.stringify(value)}`,
    layer.at('ansible_group_priority'),
  )
  return 1
}

function reportUndeclared(draft: Draft): void {
  const declared = [...draft.groups.values()].filter((group) => group.declared).map((group) => group.name)
  for (const group of draft.groups.values()) {
    if (group.declared) continue
    const hint = didYouMean(group.name, declared) ?? `add a section [${group.name}] with its hosts`
    draft.fail(`${group.usedAs}: there is no group ${group.name}`, group.usedAt, hint)
  }
}

function reportAllAsChild(draft: Draft): void {
  for (const group of draft.groups.values()) {
    const pos = group.children.get('all')
    if (!pos) continue
    draft.fail(`all holds every group, so it cannot be a child of ${group.name}`, pos(), 'remove it here')
    group.children.delete('all')
  }
}

/** What could not be ordered is in a cycle or below one. Each cycle is told once. */
function reportCycles(draft: Draft, nodes: Map<string, GroupNode>): void {
  const parents = new Map<string, string>()
  for (const [name, group] of draft.groups) {
    if (!nodes.has(name)) for (const child of group.children.keys()) parents.set(child, name)
  }
  const done = new Set<string>()
  for (const start of draft.groups.keys()) {
    if (nodes.has(start) || done.has(start)) continue
    const cycle = findCycle(start, parents)
    if (cycle.some((name) => done.has(name))) continue
    for (const name of cycle) done.add(name)
    const edges = cycle.map((name, index) => {
      const child = cycle[(index + 1) % cycle.length]!
      return { name, child, pos: draft.groups.get(name)!.children.get(child)!() }
    })
    draft.diagnostics.add('inventory', `groups form a cycle: ${[...cycle, cycle[0]].join(' → ')}`, {
      pos: edges.at(-1)!.pos,
      hint: 'remove one of these children',
      details: edges.map(
        ({ name, child, pos }) => `${child} is a child of ${name} at ${pos.file}:${pos.line}:${pos.col}`,
      ),
    })
  }
}

/** Upward from `start`: a group that is left has a parent that is left, so the walk comes to where it has been. */
function findCycle(start: string, parents: Map<string, string>): string[] {
  const walk = new Set<string>()
  let at = start
  for (; !walk.has(at); at = parents.get(at)!) walk.add(at)
  const names = [...walk]
  return names.slice(names.indexOf(at)).reverse()
}
