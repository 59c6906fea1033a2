import type { LoadedInventory } from '../../load/inventory.ts'
import type { Vars } from '../../load/types.ts'

/**
 * What --list prints: groups with their own hosts and children, and the variables of each host, as an executable inventory
 * says them. What is empty is left out.
 * @param shown those that --limit leaves
 */
export function listing(
  inventory: LoadedInventory,
  shown: ReadonlySet<string>,
  { extraVars, exported }: { extraVars: Vars; exported: boolean },
): Vars {
  const groups: Vars = {}
  const seen = new Set<string>()
  const add = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    const group = inventory.groups.get(name)!
    const entry = withoutEmpty({
      hosts: name === 'all' ? [] : group.direct.filter((host) => shown.has(host)),
      children: group.children,
      vars: exported ? group.ownVars : {},
    })
    if (Object.keys(entry).length > 0) groups[name] = entry
    for (const child of group.children) add(child)
  }
  add('all')
  const hostvars: Vars = {}
  for (const [name, host] of inventory.hosts) {
    if (!shown.has(name)) continue
    const vars = { ...(exported ? host.ownVars : host.vars), ...extraVars }
    if (Object.keys(vars).length > 0) hostvars[name] = vars
  }
  return { ...groups, _meta: { hostvars } }
}

const withoutEmpty = (entry: Record<string, unknown[] | Vars>): Vars =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => Object.keys(value).length > 0))
