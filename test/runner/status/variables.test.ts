import { describe, expect, it } from 'vitest'
import { PlayError, PlayErrors } from '../../../runner/errors.ts'
import { loadInventory } from '../../../runner/load/inventory.ts'
import { topologyVariables } from '../../../runner/status/variables.ts'
import { scratch } from '../load/inventory/scratch.ts'

const read = (text: string) => {
  const inventory = loadInventory([`${scratch({ 'hosts.yaml': text })}/hosts.yaml`])
  return topologyVariables(inventory, (host) => inventory.hosts.get(host)!.vars)
}
const errors = (text: string): string[] => {
  try {
    read(text)
  } catch (error) {
    if (error instanceof PlayErrors) return error.errors.map(({ message }) => message)
    if (error instanceof PlayError) return [error.message]
    throw error
  }
  return []
}

describe('what an inventory says of its clusters', () => {
  it('is that of the hosts with pg_version, with the defaults of the modules', () => {
    const found = read('all: { hosts: { vm1: { pg_version: 15 }, app: {} } }')
    expect([...found]).toEqual([
      [
        'vm1',
        {
          pg_version: '15',
          pg_cluster: 'main',
          replicated_database: 'postgres',
          publishes: [],
          subscribes_to: [],
          standby_of: undefined,
        },
      ],
    ])
  })

  it('is refused where it means nothing, all of it at once', () => {
    expect(
      errors(`all:
  vars: { pg_version: 15 }
  hosts:
    vm1: { publishes: test }
    vm2: { standby_of: vm2 }
    vm3: { subscribes_to: [vm1, vm22] }`),
    ).toEqual([
      'vm1: publishes is no list of names',
      'vm2 is to follow itself',
      'vm3 is to follow vm22, which is no host with pg_version',
    ])
    expect(errors('all: { hosts: { vm1: {} } }')).toEqual([
      'no host of the inventory has pg_version, so there is no cluster to ask',
    ])
  })
})
