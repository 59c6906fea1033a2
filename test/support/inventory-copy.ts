import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { inventory, labState } from './play.ts'

export interface LabInventory {
  /** Variables of each host, by its name. */
  hosts: Record<string, Record<string, unknown>>
  /** Groups: their hosts. */
  children: Record<string, { hosts: Record<string, null> }>
}

/** A copy of the lab's inventory with something changed, as a user would write it; its path. */
export function inventoryCopy(name: string, change: (all: LabInventory) => void): string {
  const folder = join(labState, `inventory-${name}`)
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  const read = (file: string): string => readFileSync(join(inventory, file), 'utf8')
  writeFileSync(
    join(folder, 'group_vars/all.yaml'),
    read('group_vars/all.yaml').replaceAll('{{ inventory_dir }}', inventory),
  )
  const { all } = parse(read('hosts.yaml')) as { all: LabInventory }
  change(all)
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ all }))
  return folder
}
