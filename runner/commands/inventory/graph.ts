import type { LoadedInventory } from '../../load/inventory.ts'
import type { Vars } from '../../load/types.ts'
import { VaultValue } from '../../load/vault/vault-value.ts'
import type { Masker } from '../../report/mask.ts'
import { MASK } from '../../report/secret-texts.ts'

/** What --graph prints: a line for each group below a group, each host, and with `withVars` each variable. */
export function graph(
  { groups, hosts }: LoadedInventory,
  from: string,
  withVars: boolean,
  masker: Masker,
): string {
  const lines: string[] = []
  const line = (text: string, depth: number) =>
    lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`)
  const variables = (vars: Vars, depth: number) => {
    if (!withVars) return
    for (const [name, value] of Object.entries(vars).sort(([a], [b]) => (a < b ? -1 : 1)))
      line(`{${name} = ${masker.mask(written(value))}}`, depth)
  }
  const group = (name: string, depth: number) => {
    const { children, direct, ownVars } = groups.get(name)!
    line(`@${name}:`, depth)
    for (const child of children) group(child, depth + 1)
    if (name !== 'all')
      for (const host of direct) {
        line(host, depth + 1)
        variables(hosts.get(host)!.vars, depth + 2)
      }
    variables(ownVars, depth + 1)
  }
  group(from, 0)
  return `${lines.join('\n')}\n`
}

/** As ansible-inventory writes values here: Python's words, and lists without blanks. */
function written(value: unknown): string {
  if (value instanceof VaultValue) return MASK
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}:${written(inner)}`)
    .join(',')}}`
}
