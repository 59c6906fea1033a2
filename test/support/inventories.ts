import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { inventory, labState } from './play.ts'

/** `all` of an inventory's hosts.yaml. */
export interface All {
  hosts: Record<string, Record<string, any>>
  children: Record<string, { hosts: Record<string, unknown> }>
}

/** Another inventory, made of one that is there, as a user edits it; its path. */
export function edited(from: string, name: string, edit: (all: All) => void): string {
  const folder = join(labState, `inventory-${name}`)
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  const read = (file: string) => readFileSync(join(from, file), 'utf8')
  writeFileSync(
    join(folder, 'group_vars/all.yaml'),
    read('group_vars/all.yaml').replaceAll('{{ inventory_dir }}', inventory),
  )
  const { all } = parse(read('hosts.yaml'))
  edit(all)
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ all }))
  return folder
}
