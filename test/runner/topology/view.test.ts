import { expect, it } from 'vitest'
import { PlayError, PlayErrors } from '../../../runner/errors.ts'
import { loadInventory } from '../../../runner/load/inventory.ts'
import { addClusterGroups } from '../../../runner/topology/groups.ts'
import { wantedViews } from '../../../runner/topology/view.ts'
import type { WantedView } from '../../../runner/topology/wanted-view.ts'
import { scratch } from '../load/inventory/scratch.ts'

const PASSWORD = 'pg_replication_password: s'
const load = (hosts: string, vars?: string) =>
  loadInventory([
    `${scratch({
      'hosts.yaml': `all:\n  vars: { pg_version: 15, ${vars ?? PASSWORD} }\n  hosts:\n${hosts
        .trim()
        .replace(/^ */gm, '    ')}\n`,
    })}/hosts.yaml`,
  ])
const views = (hosts: string, vars?: string): Record<string, WantedView> => {
  const inventory = load(hosts, vars)
  return Object.fromEntries(wantedViews(inventory, (host) => inventory.hosts.get(host)!.vars))
}
const errors = (hosts: string, vars?: string): string[] => {
  try {
    views(hosts, vars)
    return []
  } catch (error) {
    if (error instanceof PlayErrors) return error.errors.map(({ message }) => message)
    return [error instanceof PlayError ? error.message : String(error)]
  }
}

const PAIR = `db1: { ansible_host: 10.0.0.1 }
  db2: { ansible_host: 10.0.0.2, standby_of: db1 }`

it('a primary and its standby need no more than that is said', () => {
  const { db1, db2 } = views(PAIR)
  expect(db1).toMatchObject({ role: 'primary', standbys: [{ host: 'db2', slot: 'db2' }], publications: [] })
  expect(db1!.settings).toMatchObject({
    settings: { ssl: true },
    at_least: { wal_level: 'replica', max_wal_senders: 3, max_replication_slots: 1 },
    defaults: { listen_addresses: '*' },
  })
  expect(db1!.hba_rules).toEqual([
    {
      type: 'hostssl',
      database: 'postgres',
      user: 'replicator',
      address: '10.0.0.2/32',
      method: 'scram-sha-256',
    },
    {
      type: 'hostssl',
      database: 'replication',
      user: 'replicator',
      address: '10.0.0.2/32',
      method: 'scram-sha-256',
    },
  ])
  expect(db1!.hba_exclusive).toBe(false)
  expect(db2).toMatchObject({
    role: 'standby',
    upstream: 'db1',
    slot: 'db2',
    upstream_connection: { host: '10.0.0.1', user: 'replicator', sslmode: 'verify-full' },
  })
  expect(db2!.settings.settings).toMatchObject({ max_logical_replication_workers: 0 })
})

it('preferences are the user’s: nothing of a server by itself is set, and nobody is let in', () => {
  const { db } = views('db: { ansible_host: 10.0.0.1, pg_tls: keep }')
  expect(db!.settings).toEqual({ settings: {}, at_least: {}, defaults: {} })
  expect([db!.hba_rules, db!.tables, db!.has_peers]).toEqual([[], [], false])
})

it('settings of all, of a group and of a host are one', () => {
  const { db } = views(
    'db: { pg_tls: keep, pg_group_settings: { a: 2, b: 2 }, pg_host_settings: { b: 3 } }',
    'pg_settings: { a: 1, b: 1, c: 1 }',
  )
  expect(db!.settings.settings).toEqual({ a: 2, b: 3, c: 1 })
  expect(db!.own_settings).toEqual(['a', 'b', 'c'])
})

it('a standby allows what its primary must allow, and a port, an address and a database are those of the server', () => {
  const { erp, bi, standby } = views(`
    erp: { ansible_host: 10.0.0.1, pg_port: 5433, pg_address: 192.168.0.1, pg_replicated_database: shop, pg_tls: keep, pg_publications: [{ name: orders, tables: [sales.orders, { name: items, where: id > 0 }] }] }
    bi: { ansible_host: 10.0.0.2, pg_subscriptions: [{ name: erp_orders, publisher: erp, publications: [orders] }] }
    standby: { ansible_host: 10.0.0.3, standby_of: erp }`)
  expect(bi!.subscriptions).toEqual([
    {
      name: 'erp_orders',
      publisher: 'erp',
      publications: ['orders'],
      slot: 'bi_erp_orders',
      tables: ['public.items', 'sales.orders'],
      brings: true,
      copy_data: true,
      connection: {
        host: '192.168.0.1',
        port: 5433,
        dbname: 'shop',
        user: 'replicator',
        passfile: '/var/lib/postgresql/play.pgpass',
        sslmode: 'prefer',
      },
    },
  ])
  expect(erp!.subscribers).toEqual([
    {
      host: 'bi',
      slot: 'bi_erp_orders',
      name: 'erp_orders',
      publications: ['orders'],
      database: 'postgres',
    },
  ])
  expect(standby!.settings.at_least).toEqual(erp!.settings.at_least)
  expect(erp!.settings.at_least.wal_level).toBe('logical')
  expect(erp!.readable).toEqual([
    { type: 'schema', objects: ['public', 'sales'], privileges: ['USAGE'] },
    { type: 'table', objects: ['public.items', 'sales.orders'], privileges: ['SELECT'] },
  ])
})

it('what initial copies read is named so that it can be read back, dots and quotes too', () => {
  const { a } = views(`
    a: { ansible_host: 10.0.0.1, pg_publications: [{ name: p, tables: ['"o.d""d"."ta.b"', { name: t, where: 'id > 0' }] }] }
    b: { ansible_host: 10.0.0.2, pg_subscriptions: [{ name: s, publisher: a, publications: [p] }] }`)
  expect(a!.readable).toEqual([
    { type: 'schema', objects: ['o.d"d', 'public'], privileges: ['USAGE'] },
    { type: 'table', objects: ['"o.d""d"."ta.b"', 'public.t'], privileges: ['SELECT'] },
  ])
})

it('a rule that is said already is not made a second time', () => {
  const rule =
    '{ type: host, database: [replication], user: [replicator], address: 10.0.0.2/32, method: md5 }'
  const { db1 } = views(`
    db1: { ansible_host: 10.0.0.1, pg_tls: keep, pg_hba_rules: [${rule}] }
    db2: { ansible_host: 10.0.0.2, standby_of: db1 }`)
  expect(db1!.hba_rules.map(({ database, method }) => [database, method])).toEqual([
    [['replication'], 'md5'],
    ['postgres', 'scram-sha-256'],
  ])
})

it('rules for the other servers stand before one of the user that would catch them, and behind all others', () => {
  const rules = [
    '{ type: host, database: shop, user: shop, address: 0.0.0.0/0, method: md5 }',
    '{ type: host, address: 0.0.0.0/0, method: reject }',
    '{ type: host, database: replication, address: 0.0.0.0/0, method: reject }',
  ]
  const { db1 } = views(`
    db1: { ansible_host: 10.0.0.1, pg_tls: keep, pg_hba_rules: [${rules.join(', ')}] }
    db2: { ansible_host: 10.0.0.2, standby_of: db1 }`)
  expect(db1!.hba_rules.map((rule) => `${rule.database ?? 'all'} ${rule.address} ${rule.method}`)).toEqual([
    'shop 0.0.0.0/0 md5',
    'postgres 10.0.0.2/32 scram-sha-256',
    'all 0.0.0.0/0 reject',
    'replication 10.0.0.2/32 scram-sha-256',
    'replication 0.0.0.0/0 reject',
  ])
})

it('who follows as somebody else made it needs no password, and nothing is made for it', () => {
  const { a, s, m } = views(
    `
    a: { pg_publications: [{ name: p, all_tables: true }] }
    s: { standby_of: a, pg_replication: keep, pg_settings: { work_mem: 8MB } }
    m: { pg_replication: keep, pg_subscriptions: [{ name: n, publisher: a, publications: [p] }] }`,
    'pg_tls: keep',
  )
  for (const one of [a, s, m]) expect(one).toMatchObject({ has_peers: false, hba_rules: [] })
  expect(a!.settings).toEqual({ settings: {}, at_least: { wal_level: 'logical' }, defaults: {} })
  expect(s).toMatchObject({ replication: 'keep', upstream: 'a', slot: null })
  expect(s!.settings).toEqual({ settings: { work_mem: '8MB' }, at_least: {}, defaults: {} })
  expect(m!.settings).toEqual({ settings: {}, at_least: {}, defaults: {} })
})

it('a managed standby beside it gets what it needs', () => {
  const { a } = views(`
    a: { ansible_host: 10.0.0.1 }
    kept: { ansible_host: 10.0.0.2, standby_of: a, pg_replication: keep, pg_slot_host: by_hand }
    ours: { ansible_host: 10.0.0.3, standby_of: a }`)
  expect(a!.standbys).toEqual([
    { host: 'kept', slot: 'by_hand' },
    { host: 'ours', slot: 'ours' },
  ])
  expect(a!.hba_rules.map(({ address }) => address)).toEqual(['10.0.0.3/32', '10.0.0.3/32'])
  expect(a!.settings.at_least).toMatchObject({ max_wal_senders: 3, max_replication_slots: 1 })
})

it('two topologies of one inventory know nothing of each other', () => {
  const { a1, b1 } = views(`
    a1: { ansible_host: 10.0.0.1 }
    a2: { ansible_host: 10.0.0.2, standby_of: a1 }
    b1: { ansible_host: 10.0.1.1, publishes: [orders] }
    b2: { ansible_host: 10.0.1.2, subscribes_to: [b1] }`)
  expect(JSON.stringify(a1)).not.toContain('10.0.1')
  expect(JSON.stringify(b1!.hba_rules)).not.toContain('10.0.0')
})

it('what two write that subscribe to each other is told', () => {
  const two = (table: string) => `
    a: { ansible_host: 10.0.0.1, publishes: [t], subscribes_to: [b] }
    b: { ansible_host: 10.0.0.2, publishes: [${table}], subscribes_to: [a] }`
  expect(errors(two('t'))).toEqual([
    'public.t: a table is published by two hosts that subscribe to each other, a and b',
  ])
  expect(errors(two('u'))).toEqual([])
})

it('names that pg_hba.conf cannot let in, and a password that nobody gave, are told before anything is done', () => {
  const named = 'a: { publishes: [t] }\n b: { ansible_host: 10.0.0.2, subscribes_to: [a] }'
  expect(errors(named)).toEqual(['b: a of a is no address, by which pg_hba.conf could let it in'])
  expect(errors(named, `${PASSWORD}, pg_allowed_network: 10.0.0.0/24`)).toEqual([])
  expect(errors(PAIR, '')).toEqual([
    'db1: pg_replication_password is missing',
    'db2: pg_replication_password is missing',
  ])
})

it('the servers are in groups of their parts', () => {
  const inventory = load(`
    a: { publishes: [t] }
    s: { standby_of: a }
    s2: { standby_of: s }
    other: { pg_version: null }`)
  addClusterGroups(inventory, (host) => inventory.hosts.get(host)!.vars)
  const hosts = (name: string) => inventory.groups.get(name)?.hosts
  expect(hosts('pg_servers')).toEqual(['a', 's', 's2'])
  expect(hosts('pg_primaries')).toEqual(['a'])
  expect(hosts('pg_standbys')).toEqual(['s', 's2'])
  expect(hosts('pg_cascading')).toEqual(['s2'])
  expect(hosts('pg_publishers')).toEqual(['a'])
  expect(inventory.hosts.get('s2')!.groups).toContain('pg_cascading')
})
