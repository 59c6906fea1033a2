import type { InventoryCase } from './inventories.ts'

/** What Ansible answered. */
export interface Recorded {
  version: string
  /** JSON as --list and --host print it, or a graph as text; null where it refused. */
  inventories: { name: string; answer: unknown }[]
  /** Names in order; null where it refused. */
  patterns: { pattern: string; hosts: string[] | null }[]
}

/** Of ansible-inventory and of `play inventory`. */
export function inventoryArgs({ sources = ['hosts'], args = [] }: InventoryCase): string[] {
  const action = args.some((word) => ['--host', '--graph'].includes(word)) ? [] : ['--list']
  return [...sources.flatMap((source) => ['-i', source]), ...action, ...args]
}
