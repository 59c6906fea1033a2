import { dirname } from 'node:path'
import { MODULE_HELPERS } from '../../modules/helpers.ts'
import { modules } from '../../modules/registry.ts'
import type { Options } from '../cli.ts'
import { Diagnostics } from '../errors.ts'
import { parseExtraVars } from '../load/extra-vars.ts'
import { addHelpers } from '../load/helpers.ts'
import { limitHosts } from '../load/host-pattern.ts'
import { loadInventory } from '../load/inventory.ts'
import { throwInOrder } from '../load/playbook/order.ts'
import { loadPlaybooks } from '../load/playbook.ts'
import type { Play, Vars } from '../load/types.ts'
import { preflight } from '../preflight/preflight.ts'

/** What the arguments name, read and found to be right. */
export interface Input {
  extraVars: Vars
  inventory: ReturnType<typeof loadInventory>
  plays: Play[]
  /** Hosts of --limit. */
  limit?: string[]
}

/** Everything the arguments name, read and checked. @throws {PlayErrors} all that is wrong with any of it, together */
export function loadInput(options: Options): Input {
  addHelpers(MODULE_HELPERS)
  const diagnostics = new Diagnostics()
  const extraVars = diagnostics.collect(() => parseExtraVars(options.extraVars)) ?? {}
  const folders = [...new Set(options.playbooks.map((path) => dirname(path)))]
  const inventory = diagnostics.collect(() => loadInventory(options.inventory, folders))
  const plays = loadPlaybooks(options.playbooks, { modules, extraVars, diagnostics })
  let limit: string[] | undefined
  if (inventory) {
    if (options.limit !== undefined) limit = diagnostics.collect(() => limitHosts(inventory, options.limit!))
    preflight({ plays, inventory, modules, extraVars, diagnostics })
  }
  throwInOrder(diagnostics)
  return { extraVars, inventory: inventory!, plays, limit }
}
