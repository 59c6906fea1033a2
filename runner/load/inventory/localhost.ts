import { isLocalhost } from '../../localhost.ts'
import type { Inventory, InventoryHost } from '../types.ts'

/**
 * The controller as a host, where the inventory has no `localhost` of its own: a local connection, the variables of
 * `all`, host_vars/localhost, and no groups; `all` does not match it (Ansible, "Implicit localhost").
 *
 * @param inventory as `loadInventory` made it; without one only ansible_connection is set
 */
export function implicitLocalhost(inventory?: Inventory & { localhost?: InventoryHost }): InventoryHost {
  return inventory?.localhost ?? ALONE
}

const ALONE: InventoryHost = {
  name: 'localhost',
  groups: [],
  vars: { ansible_connection: 'local' },
  where: () => undefined,
}

/** A host by name, or implicit localhost. */
export function findHost(inventory: Inventory, name: string): InventoryHost | undefined {
  return inventory.hosts.get(name) ?? (isLocalhost(name) ? implicitLocalhost(inventory) : undefined)
}
