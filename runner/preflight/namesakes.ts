import type { TextHelper } from '../../contract/text-helper.ts'
import { MODULE_HELPERS } from '../../modules/helpers.ts'
import type { Diagnostics, Pos } from '../errors.ts'
import type { Inventory } from '../load/types.ts'

/** Helpers that name something after a host. */
const NAMING = Object.entries(MODULE_HELPERS).filter(([, { namedAfterHost }]) => namedAfterHost !== undefined)

/**
 * Hosts after which a helper names the same thing: each would take the other's for its own.
 * @param calls the first place at which each helper is called
 */
export function checkNamesakes(
  calls: ReadonlyMap<string, Pos>,
  { hosts }: Pick<Inventory, 'hosts'>,
  diagnostics: Diagnostics,
): void {
  for (const [name, helper] of NAMING) {
    const pos = calls.get(name)
    if (!pos) continue
    for (const [given, namesakes] of grouped(helper, hosts)) {
      if (namesakes.length < 2) continue
      const { variable, what } = helper.namedAfterHost!
      diagnostics.add('inventory', `${namesakes.join(' and ')} get one name for their ${what}: ${given}`, {
        pos,
        hint: `Give one of them another name for it, as a variable of the host: \`${variable}: ${given}_2\`.`,
      })
    }
  }
}

function grouped({ run, namedAfterHost }: TextHelper, hosts: Inventory['hosts']): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [name, { vars }] of hosts) {
    const own = vars[namedAfterHost!.variable]
    const given = run(typeof own === 'string' ? own : name)
    found.set(given, [...(found.get(given) ?? []), name])
  }
  return found
}
