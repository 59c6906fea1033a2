import { describe, expect, it } from 'vitest'
import { PlayError, PlayErrors } from '../../../runner/errors.ts'
import { loadInventory } from '../../../runner/load/inventory.ts'
import type { Inventory } from '../../../runner/load/types.ts'
import { addClusterGroups } from '../../../runner/topology/groups.ts'
import { wantedViews } from '../../../runner/topology/view.ts'
import { scratch } from '../load/inventory/scratch.ts'

const MEMBERS = `
      hosts:
        db1: { ansible_host: 10.0.0.1 }
        db2: { ansible_host: 10.0.0.2 }
        db3: { ansible_host: 10.0.0.3 }`
const load = (group: string, others = '', members = MEMBERS): Inventory =>
  loadInventory([
    `${scratch({
      'hosts.yaml': `all:
  vars: { pg_version: 15, pg_replication_password: s }
  hosts:
    app: {pg_version: null}
    pub: { ansible_host: 10.0.0.8, publishes: [t] }
    out: { ansible_host: 10.0.0.9, ${others} }
  children:
    shop_servers:
      vars: { pg_ha_group: shop, ${group} }${members}
`,
    })}/hosts.yaml`,
  ])
const variablesOf = (inventory: Inventory) => (host: string) => inventory.hosts.get(host)!.vars
const viewsOf = (inventory: Inventory) => Object.fromEntries(wantedViews(inventory, variablesOf(inventory)))
/** As found.yaml leaves it. */
function withPrimary(inventory: Inventory, primary: string): Inventory {
  const groups = (host: string) => (host === primary ? ['pg_primaries', 'pg_publishers'] : ['pg_standbys'])
  const grown = inventory.grown!(['db1', 'db2', 'db3'].map((host) => ({ host, groups: groups(host) })))
  addClusterGroups(grown, variablesOf(grown))
  return grown
}
const hostsIn = (inventory: Inventory, ...names: string[]) =>
  names.map((name) => inventory.groups.get(name)!.hosts)
function errors(group: string, others?: string, members?: string): string[] {
  try {
    viewsOf(load(group, others, members))
    return []
  } catch (error) {
    if (error instanceof PlayErrors) return error.errors.map(({ message }) => message)
    return [error instanceof PlayError ? error.message : String(error)]
  }
}

describe('hosts that stand in for each other', () => {
  it('are as the inventory declares until their roles are found, and in no group that hangs on these', () => {
    const inventory = load('pg_primary: db1, subscribes_to: [pub]', 'standby_of: shop')
    addClusterGroups(inventory, variablesOf(inventory))
    expect(hostsIn(inventory, 'pg_primaries', 'pg_standbys', 'pg_publishers', 'pg_ha_members')).toEqual([
      ['pub'],
      ['out'],
      ['pub'],
      ['db1', 'db2', 'db3'],
    ])
    expect(inventory.undecided).toEqual(['pub', 'out', 'db1', 'db2', 'db3'])
    const { db1, db2, out, pub } = viewsOf(inventory)
    expect(db1).toMatchObject({
      role: 'primary',
      ha_group: 'shop',
      subscriptions: [{ slot: 'db1_from_pub' }],
    })
    expect(db2).toMatchObject({ role: 'standby', upstream: 'db1', slot: 'db2', subscriptions: [] })
    expect(out).toMatchObject({ upstream: 'db1', ha_group: null })
    expect(pub!.subscribers).toMatchObject([{ host: 'db1', slot: 'db1_from_pub' }])
  })

  it('are what was found, and everything that names their group follows', () => {
    const before = load(
      'pg_primary: db1, publishes: [u], subscribes_to: [pub], backup_of: shop',
      'subscribes_to: [shop, pub], backup_of: shop',
    )
    const inventory = withPrimary(before, 'db3')
    expect(
      hostsIn(inventory, 'pg_primaries', 'pg_standbys', 'pg_publishers', 'pg_cascading', 'pg_servers'),
    ).toEqual([
      ['pub', 'out', 'db3'],
      ['db1', 'db2'],
      ['pub', 'db3'],
      [],
      ['pub', 'out', 'db1', 'db2', 'db3'],
    ])
    const { db1, db3, out, pub } = viewsOf(inventory)
    expect(db3).toMatchObject({
      role: 'primary',
      standbys: [
        { host: 'db1', slot: 'db1' },
        { host: 'db2', slot: 'db2' },
      ],
      publications: [{ name: 'test_pub' }],
      backup_of: null,
    })
    expect(db1).toMatchObject({
      role: 'standby',
      upstream: 'db3',
      upstreams: ['db3'],
      publications: [],
      backup_of: { host: 'db3', name: 'shop' },
    })
    expect(out!.subscriptions).toMatchObject([
      { name: 'from_shop', publisher: 'db3', slot: 'out_from_shop', publications: ['test_pub'] },
      { name: 'from_pub', publisher: 'pub', slot: 'out_from_pub' },
    ])
    expect(out!.backup_of).toEqual({ host: 'db3', name: 'shop' })
    expect(pub!.subscribers.map(({ slot }) => slot)).toEqual(['out_from_pub', 'db3_from_pub'])
    // The files say what they said.
    addClusterGroups(before, variablesOf(before))
    expect(viewsOf(before).db1!.role).toBe('primary')
  })

  it('are in the groups of their last role alone, where a run finds them twice', () => {
    const inventory = load('pg_primary: db1, subscribes_to: [pub]')
    const found = (primary: string) =>
      ['db1', 'db2', 'db3'].map((host) => ({
        host,
        groups: [host === primary ? 'pg_primaries' : 'pg_standbys'],
        leaves: [host === primary ? 'pg_standbys' : 'pg_primaries'],
      }))
    const grown = inventory.grown!([...found('db1'), ...found('db3')])
    expect(hostsIn(grown, 'pg_primaries', 'pg_standbys')).toEqual([['db3'], ['db2', 'db1']])
    expect(grown.hosts.get('db1')!.groups).not.toContain('pg_primaries')
  })

  it('say the same of what follows the role', () => {
    const other = MEMBERS.replace('10.0.0.2 ', '10.0.0.2, publishes: [x], pg_primary: db2 ')
    expect(errors('pg_primary: db1, publishes: [t]', '', other)).toEqual([
      'db2: it says another pg_primary than db1, and both are of pg_ha_group shop',
      'db2: it says another publishes than db1, and both are of pg_ha_group shop',
    ])
    expect(errors('pg_primary: db1', '', MEMBERS.replace('10.0.0.3 ', '10.0.0.3, pg_port: 5433 '))).toEqual(
      [],
    )
  })

  it('declare who is the first primary, and no role', () => {
    expect(errors('pg_port: 5432')).toEqual(['db1: pg_primary is missing'])
    expect(errors('pg_primary: db9')).toEqual(['db1: pg_primary is db9, which is not of pg_ha_group shop'])
    const says = (text: string) => MEMBERS.replace('10.0.0.2 ', `10.0.0.2, ${text} `)
    expect(errors('pg_primary: db1', '', says('standby_of: db1'))).toEqual([
      'db2: standby_of is not for a member of pg_ha_group shop',
      'db2: standby_of names db1, which is of pg_ha_group shop',
    ])
    expect(errors('pg_primary: db1', '', says('pg_replication: keep'))).toEqual([
      'db2: pg_replication: keep is not for a member of pg_ha_group shop',
    ])
    expect(
      errors(
        'pg_primary: db1, pg_subscriptions: [{ name: s, publisher: pub, publications: [test_pub], slot: s }]',
      ),
    ).toContain('db1: subscription s names its slot, and db1 is of pg_ha_group shop')
    expect(errors('pg_primary: db1, subscribes_to: [shop], publishes: [t]')).toContain(
      'db1: subscribes_to names shop, of which db1 is itself',
    )
  })

  it('are named by their group', () => {
    expect(errors('pg_primary: db1', 'standby_of: db2')).toEqual([
      'out: standby_of names db2, which is of pg_ha_group shop',
    ])
    expect(errors('pg_primary: db1', 'backup_of: shap')).toEqual([
      'out is to keep the backups of shap, which is no host with pg_version',
    ])
    expect(errors('pg_primary: db1', 'pg_primary: out')).toEqual([
      'out: pg_primary is for members of a pg_ha_group',
    ])
  })
})

it('a group that one host is in is not said of another in the same groups', () => {
  const inventory = load('pg_primary: db1', 'standby_of: pub')
  addClusterGroups(inventory, variablesOf(inventory))
  expect(inventory.hosts.get('pub')!.groups).not.toContain('pg_standbys')
  expect(inventory.hosts.get('app')!.groups).not.toContain('pg_servers')
})
