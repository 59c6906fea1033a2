import { expect, it } from 'vitest'
import { loadInventory } from '../../../runner/load/inventory.ts'
import { wantedViews } from '../../../runner/topology/view.ts'
import type { WantedView } from '../../../runner/topology/wanted-view.ts'
import { scratch } from '../load/inventory/scratch.ts'

/** What is worked out of a publisher, its standbys, and a subscriber. */
function views(more: { version?: number; reports?: string; shop1?: string; hosts?: string } = {}) {
  const { version = 17, reports = '', shop1 = '', hosts = '' } = more
  const inventory = loadInventory([
    `${scratch({
      'hosts.yaml': `all:
  vars: { pg_version: ${version}, pg_replication_password: s }
  hosts:
    shop1: { ansible_host: 10.0.0.1, pg_publications: [{ name: shop, tables: [orders] }]${shop1} }
    shop2: { ansible_host: 10.0.0.2, standby_of: shop1 }
    reports: { ansible_host: 10.0.0.3, pg_subscriptions: [{ name: shop, publisher: shop1, publications: [shop] }]${reports} }
${hosts}`,
    })}/hosts.yaml`,
  ])
  const found = Object.fromEntries(wantedViews(inventory, (host) => inventory.hosts.get(host)!.vars))
  return found as Record<'shop1' | 'shop2' | 'shop3' | 'reports', WantedView>
}
const kept = (found: ReturnType<typeof views>) => [
  found.shop1.failover_slots,
  found.shop2.failover_slots,
  found.reports.subscriptions[0]!.failover ?? false,
]

it('from 17 on the standby of a publisher keeps the slots of its subscribers', () => {
  expect(kept(views())).toEqual([true, true, true])
  expect(kept(views({ version: 16 }))).toEqual([false, false, false])
  expect(kept(views({ reports: ', pg_version: 16' }))).toEqual([false, false, false])
})

it('a standby whose replication is somebody else’s does not, nor one behind a standby', () => {
  const { shop3 } = views({ hosts: '    shop3: { ansible_host: 10.0.0.4, standby_of: shop2 }' })
  expect(shop3.failover_slots).toBe(false)
  const other = views({
    hosts: '    shop3: { ansible_host: 10.0.0.4, standby_of: shop1, pg_replication: keep }',
  })
  expect([other.shop3.failover_slots, other.shop1.awaited_slots]).toEqual([false, 'shop2'])
})

it('a publisher waits for its standbys, and one that has taken over for those that follow it then', () => {
  const { shop1, shop2, shop3 } = views({
    hosts: '    shop3: { ansible_host: 10.0.0.4, standby_of: shop1 }',
  })
  expect([shop1.awaited_slots, shop2.awaited_slots, shop3.awaited_slots]).toEqual([
    'shop2, shop3',
    'shop1, shop3',
    'shop1, shop2',
  ])
})

it('what the user says of that setting stays', () => {
  const { shop1 } = views({ shop1: ', pg_settings: { synchronized_standby_slots: "" }' })
  expect([shop1.failover_slots, shop1.awaited_slots]).toEqual([true, null])
})

it('its settings as a standby do not stay with one that takes over, nor the other way round', () => {
  const { shop2 } = views()
  expect(shop2.no_standby).toMatchObject({ sync_replication_slots: null, hot_standby_feedback: null })
  expect(shop2.as_primary).toMatchObject({ synchronized_standby_slots: null })
  expect(shop2.as_standby).toEqual({ max_logical_replication_workers: 0, synchronized_standby_slots: null })
  const before = views({ version: 15 }).shop2
  expect(Object.keys({ ...before.no_standby, ...before.as_primary, ...before.as_standby })).toEqual([
    'primary_conninfo',
    'primary_slot_name',
    'max_logical_replication_workers',
    'default_transaction_read_only',
  ])
})
