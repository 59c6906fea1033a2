import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { inventory, labState } from './play.ts'

/** The lab's inventory with the roles of two hosts exchanged, as a user writes it after a switchover; its path. */
export function exchanged(one: string, other: string): string {
  const folder = join(labState, `inventory-${one}-${other}`)
  mkdirSync(join(folder, 'group_vars'), { recursive: true })
  const read = (name: string) => readFileSync(join(inventory, name), 'utf8')
  writeFileSync(
    join(folder, 'group_vars/all.yaml'),
    read('group_vars/all.yaml').replaceAll('{{ inventory_dir }}', inventory),
  )
  const { all } = parse(read('hosts.yaml'))
  const swap = (name: string): string => (name === one ? other : name === other ? one : name)
  const roles = ({ ansible_host: _, standby_of, backup_of, ...rest }: Record<string, any>) => ({
    ...rest,
    ...(standby_of === undefined ? {} : { standby_of: swap(standby_of) }),
    ...(backup_of === undefined ? {} : { backup_of: swap(backup_of) }),
  })
  const hosts = Object.fromEntries(
    Object.keys(all.hosts).map((name) => [
      name,
      { ansible_host: all.hosts[name].ansible_host, ...roles(all.hosts[swap(name)]) },
    ]),
  )
  const children = Object.fromEntries(
    Object.entries<{ hosts: object }>(all.children).map(([group, { hosts: members }]) => [
      group,
      { hosts: Object.fromEntries(Object.keys(members).map((name) => [swap(name), null])) },
    ]),
  )
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ all: { hosts, children } }))
  return folder
}
