import { describe, expect, it } from 'vitest'
import { Diagnostics, PlayError, PlayErrors } from '../../../runner/errors.ts'
import { loadInventory } from '../../../runner/load/inventory.ts'
import { checkNames, topologyVariables } from '../../../runner/topology/variables.ts'
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
  it('is that of the hosts with pg_version, with the defaults', () => {
    const found = read('all: { hosts: { vm1: { pg_version: 15 }, app: {} } }')
    expect([...found]).toEqual([
      [
        'vm1',
        {
          pg_version: '15',
          pg_cluster: 'main',
          pg_port: 5432,
          pg_replicated_database: 'postgres',
          pg_replication_user: 'replicator',
          pg_replication: 'managed',
          pg_host_names: 'keep',
        },
      ],
    ])
  })

  it('is refused where it means nothing, all of it at once', () => {
    expect(
      errors(`all:
  vars: { pg_version: 15 }
  hosts:
    vm1: { publishes: { test: 1 } }
    vm2: { standby_of: vm2, pg_port: http }
    vm3: { subscribes_to: [vm1, vm22] }`),
    ).toEqual([
      'vm1: publishes: expected a list, but found a mapping',
      'vm2: pg_port: expected a whole number from 1 to 65535, but found the text "http"',
      'vm3 is to follow vm22, which is no host with pg_version',
    ])
    expect(
      errors(
        'all: { vars: { pg_version: 15 }, hosts: { vm2: { standby_of: vm2 }, vm3: { subscribes_to: [vm1] }, vm1: {} } }',
      ),
    ).toEqual(['vm2 is to follow itself', 'vm3 subscribes to vm1, which does not say what it publishes'])
    expect(errors('all: { vars: { pg_version: 15, pg_port: x }, hosts: { a: {}, b: {}, c: {} } }')).toEqual([
      'a and 2 others: pg_port: expected a whole number from 1 to 65535, but found the text "x"',
    ])
    expect(errors('all: { hosts: { vm1: {} } }')).toEqual([
      'no host of the inventory has pg_version, so there is no cluster to ask',
    ])
  })
})

describe('names of variables', () => {
  it('that begin with pg_ and mean nothing are told, with the nearest that does, unless somebody uses them', () => {
    const text = 'all: { vars: { pg_version: 15, pg_prot: 5433, pg_mine: 1, other: 2 }, hosts: { vm1: {} } }'
    const inventory = loadInventory([`${scratch({ 'hosts.yaml': text })}/hosts.yaml`])
    const diagnostics = new Diagnostics()
    checkNames(inventory, (name) => name === 'pg_mine', diagnostics)
    expect(diagnostics.errors.map(({ message, hint, pos }) => [message, hint, pos?.line])).toEqual([
      ['the variable pg_prot means nothing to the playbooks', 'did you mean pg_port?', 1],
    ])
  })
})

describe('publications and subscriptions with names of their own', () => {
  const two = (one: string, other: string) =>
    `all: { vars: { pg_version: 15 }, hosts: { erp: { ${one} }, bi: { ${other} } } }`
  const PUBLISHED =
    'pg_publications: [{ name: orders, tables: [sales.orders, { name: items, where: id > 0 }] }]'
  const SUBSCRIBED = 'pg_subscriptions: [{ name: erp_orders, publisher: erp, publications: [orders] }]'

  it('are read as they are said', () => {
    const found = read(two(PUBLISHED, SUBSCRIBED))
    expect(found.get('erp')).toMatchObject({ pg_publications: [{ name: 'orders' }] })
    expect(found.get('bi')!.pg_subscriptions).toEqual([
      { name: 'erp_orders', publisher: 'erp', publications: ['orders'] },
    ])
  })

  it.each([
    [two(`publishes: [a], ${PUBLISHED}`, ''), 'erp: pg_publications and publishes say the same'],
    [
      two(PUBLISHED, `subscribes_to: [erp], ${SUBSCRIBED}`),
      'bi: pg_subscriptions and subscribes_to say the same',
    ],
    [two('pg_publications: orders', ''), /^erp: pg_publications.0: expected a mapping/],
    [
      two('pg_publications: [{ name: a, table: [b] }]', ''),
      'erp: pg_publications.0.table: pg_publication has no argument table',
    ],
    [two('pg_publications: [{ name: a, all_tables: true, tables: [b] }]', ''), /all_tables/],
    [two('pg_publications: [{ name: a }, { name: a }]', ''), 'erp: pg_publications names a twice'],
    [
      two(PUBLISHED, SUBSCRIBED.replace('erp,', 'epr,')),
      'bi is to follow epr, which is no host with pg_version',
    ],
    [
      two(PUBLISHED, SUBSCRIBED.replace('[orders]', '[ordres]')),
      'bi: subscription erp_orders takes ordres, which erp does not publish',
    ],
  ])('are refused where they mean nothing: %s', (text, message) => {
    expect(errors(text)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)])
  })
})
