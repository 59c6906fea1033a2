import { join } from 'node:path'
import type { MAGIC, UNSAID } from '../load/magic.ts'
import type { Layer } from '../load/scope.ts'
import type { InventoryHost, RoleUse, Vars } from '../load/types.ts'

type Magic = Partial<Record<keyof typeof MAGIC, unknown>>

export const magicOfHost = (name: string, { groups }: InventoryHost): Magic => ({
  inventory_hostname: name,
  inventory_hostname_short: name.split('.')[0],
  group_names: groups,
})

/** @param roles those of the play */
export function magicOfRoles(roles: readonly RoleUse[]): Magic {
  const names = roles.map(({ name }) => name)
  const needed = [...new Set(roles.flatMap(({ needs }) => needs.map(({ name }) => name)))]
  return {
    ansible_play_role_names: names,
    ansible_dependent_role_names: needed,
    ansible_role_names: [...new Set([...needed, ...names])],
    role_names: names,
  }
}

export const magicOfRole = ({ name, path, parents, collection }: RoleUse): Magic => ({
  ...(collection === undefined ? {} : { ansible_collection_name: collection }),
  role_name: collection === undefined ? name : name.slice(collection.length + 1),
  role_path: path,
  ansible_role_name: name,
  ...(parents.length === 0
    ? {}
    : {
        ansible_parent_role_names: parents.map((parent) => parent.name).reverse(),
        ansible_parent_role_paths: parents.map((parent) => parent.path).reverse(),
      }),
})

interface Asked {
  /** What the host's own variables say under the other name; else the host's name. */
  address: (other: string) => unknown
  user: () => string | undefined
  role: RoleUse | undefined
  /** Of the playbook. */
  dir: string
}

type Unsaid = keyof typeof UNSAID

const known = new WeakMap<InventoryHost, Layer>()

/** Of a host where nobody says it, for other hosts too. */
export function unsaidOfHost(host: InventoryHost): Layer {
  let layer = known.get(host)
  if (!layer) {
    const { file } = host
    const vars: Partial<Record<Unsaid, unknown>> = {
      ansible_facts: {},
      ...(file === undefined ? {} : { inventory_file: file }),
    }
    layer = { vars, data: true }
    known.set(host, layer)
  }
  return layer
}

/** In its tasks alone; and as in Ansible no list of variables has it. */
export function unsaidInTasks({ address, user, role, dir }: Asked): Vars {
  const found: Partial<Record<Unsaid, () => unknown>> = {
    ansible_host: () => address('ansible_ssh_host'),
    ansible_ssh_host: () => address('ansible_host'),
    ansible_user: user,
    ansible_search_path: () => [...(role ? foldersOf(role) : []), dir],
  }
  const vars: Vars = {}
  for (const [name, get] of Object.entries(found)) Object.defineProperty(vars, name, { get })
  return vars
}

const foldersOf = ({ path, parents }: RoleUse): string[] => [
  path,
  ...parents.map((parent) => parent.path).reverse(),
  join(path, 'tasks'),
]
