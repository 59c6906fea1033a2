import { type Arrangement, otherWay } from '../support/arrangement.ts'
import { edited } from '../support/inventories.ts'
import type { Mistake } from './schedule.ts'

/** What is wrong: an inventory, or an argument; and whether it must be refused before anything is changed. */
export interface Wrong {
  inventory: string
  more: string[]
  refused: boolean
}

/** How a table joins again whose rows are there already. */
export const GROWS = ['-e', 'filled_tables=replace']

/** @param removed the host that a removed one is */
export function mistakeOf(mistake: Mistake, now: Arrangement, removed: string | undefined): Wrong {
  const made = (edit: Parameters<typeof edited>[2]) => edited(now.inventory, `mistake-${mistake}`, edit)
  switch (mistake) {
    case 'exchanged':
      return { inventory: otherWay(now).inventory, more: [], refused: true }
    case 'one-address':
      return {
        inventory: made(({ hosts }) => {
          hosts.vm2!.ansible_host = hosts.vm1!.ansible_host
        }),
        more: [],
        refused: true,
      }
    case 'other-cluster':
      return { inventory: now.inventory, more: ['-e', 'pg_cluster=other'], refused: true }
    // Not forbidden: who says it means it. It grows again with a choice that is said.
    case 'shrinks':
      return {
        inventory: made(({ hosts }) => {
          hosts.vm2!.publishes = []
        }),
        more: [],
        refused: false,
      }
    case 'removed':
      return {
        inventory: made(({ hosts, children }) => {
          delete hosts[removed!]
          for (const group of Object.values(children)) delete group.hosts[removed!]
          for (const host of Object.values(hosts))
            if (host.subscribes_to)
              host.subscribes_to = host.subscribes_to.filter((name: string) => name !== removed)
        }),
        more: [],
        refused: false,
      }
  }
}
