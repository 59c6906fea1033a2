import { edited } from './inventories.ts'
import { inventory } from './play.ts'

/** The lab's inventory with the roles of two hosts exchanged, as a user writes it after a switchover; its path. */
export function exchanged(one: string, other: string): string {
  const swap = (name: string): string => (name === one ? other : name === other ? one : name)
  return edited(inventory, `${one}-${other}`, (all) => {
    const before = all.hosts
    all.hosts = {}
    for (const name of Object.keys(before)) {
      const { ansible_host: _, ...roles } = before[swap(name)]!
      for (const whose of ['standby_of', 'backup_of']) if (roles[whose]) roles[whose] = swap(roles[whose])
      all.hosts[name] = { ansible_host: before[name]!.ansible_host, ...roles }
    }
    for (const group of Object.values(all.children))
      group.hosts = Object.fromEntries(Object.keys(group.hosts).map((name) => [swap(name), null]))
  })
}
