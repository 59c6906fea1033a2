import { CONNECTION_VARIABLES } from '../hosts/variables.ts'
import { containsTemplate, rootsOf } from '../load/template.ts'
import type { InventoryHost, Vars } from '../load/types.ts'

/** Variables that a connection is made of, and which of their sets say one is asked once. */
interface Names {
  all: readonly string[]
  said: WeakMap<Vars, boolean>
}

const namesOf = (all: readonly string[]): Names => ({ all, said: new WeakMap() })

const PLAIN = namesOf(CONNECTION_VARIABLES)
const known = new WeakMap<InventoryHost, Names>()
/** Hosts whose templates ask for the same. */
const alike = new Map<string, Names>()

/** Whether one of these variables has a say in how a host is reached, itself or through what the inventory says of it. */
export function saysConnection(vars: Vars, host: InventoryHost): boolean {
  const names = namesFor(host)
  let says = names.said.get(vars)
  if (says === undefined) {
    says = names.all.some((name) => Object.hasOwn(vars, name))
    names.said.set(vars, says)
  }
  return says
}

/** With those that the inventory's templates of them ask for. */
function namesFor(host: InventoryHost): Names {
  let names = known.get(host)
  if (!names) {
    const all = new Set(CONNECTION_VARIABLES)
    for (const name of all) {
      const value = host.vars[name]
      if (!containsTemplate(value)) continue
      for (const root of rootsOf(value, () => host.where(name))) all.add(root)
    }
    names = all.size === CONNECTION_VARIABLES.length ? PLAIN : interned([...all])
    known.set(host, names)
  }
  return names
}

function interned(all: string[]): Names {
  const key = all.join(' ')
  const names = alike.get(key) ?? namesOf(all)
  alike.set(key, names)
  return names
}
