import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleChanges } from '../kill-points/role-changes.ts'
import type { Bench } from '../kill-points/scenario.ts'
import { strike } from '../kill-points/strike.ts'
import { Clients } from '../support/clients.ts'
import { failures } from '../support/converged.ts'
import { lab, onGuest, sqlOnGuest } from '../support/guests.ts'
import { edited } from '../support/inventories.ts'
import { Operator } from '../support/operator.ts'
import { eventually, inventory } from '../support/play.ts'

/** A few of the points of role changes, by the names of their steps. */
const ROLE_CHANGES: [where: string, scenario: string, step: string][] = [
  ['a switchover before the promotion, its old primary stopped', 'switchover', 'the promotion'],
  ['a switchover before the slots on the publishers change hands', 'switchover', '_from_vm1'],
  ['a failover before the slots on the publishers change hands', 'failover', '_from_vm1'],
  ['a rejoin before the rewind', 'rejoin', 'pg_rewind'],
]

describe('a switchover where nothing tells how far the subscriptions are', () => {
  const operator = new Operator()
  const switched = () => operator.run('switchover', inventory, '-e', 'new_primary=vm4')

  beforeAll(async () => {
    await lab('up')
    await lab('reset')
    await operator.mustRun('site', inventory, '-e', 'initial_copy=false')
  })

  it('is refused before anything stops, and goes on when a row of each publisher has come', async () => {
    const early = await switched()
    expect(early.code).toBe(2)
    expect(early.results.filter(({ status }) => status === 'changed')).toEqual([])
    expect(failures(early).join('\n')).toMatch(/Write a row into a table that vm1 publishes/)

    for (const [host, table] of [
      ['vm1', 'test'],
      ['vm2', 'test2'],
    ] as const)
      await sqlOnGuest(host, `insert into ${table} values (52000000)`)
    const late = await switched()
    expect(failures(late)).toEqual([])
    expect(late.code).toBe(0)
    for (const table of ['test', 'test2'])
      expect(await sqlOnGuest('vm4', `select id from ${table} where id = 52000000`)).toBe('52000000')
  })
})

describe('a role change that was cut short, and is given again, loses no row, and nothing is left over', () => {
  const bench: Bench = { operator: new Operator(), clients: new Clients(50, 53_000_000) }

  beforeAll(async () => {
    await bench.operator.beginWell()
    bench.clients.start()
  })
  afterAll(async () => {
    await bench.operator.endWell()
    await bench.clients.end()
  })

  it.each(ROLE_CHANGES)('%s', async (_, name, step) => {
    const scenario = roleChanges.find((one) => one.name === name)!
    const struck = await strike(scenario, { step, what: 'kill' }, bench)
    expect(struck.step).toContain(step)
    expect(struck.problems).toEqual([])
  })
})

describe('a subscriber that has more of a publisher than the standby that was promoted by hand', () => {
  const operator = new Operator()
  const vars = { subscribes_to: undefined, publishes: undefined, standby_of: undefined, backup_of: undefined }
  /** vm2 subscribes to vm1, of which vm4 is the standby; or after its promotion to vm4. */
  const arranged = (publisher: 'vm1' | 'vm4') =>
    edited(inventory, `by-hand-${publisher}`, (all) => {
      const { vm1, vm2, vm4 } = all.hosts
      delete all.hosts.vm3
      all.children = {}
      Object.assign(vm1!, vars)
      Object.assign(vm2!, vars, {
        pg_subscriptions: [{ name: 'from_vm1', publisher, publications: ['test_pub'], slot: 'vm2_from_vm1' }],
      })
      Object.assign(vm4!, vars)
      if (publisher === 'vm1') Object.assign(vm4!, { standby_of: 'vm1' })
      if (publisher === 'vm1') Object.assign(vm1!, { publishes: ['test'] })
      else Object.assign(vm4!, { publishes: ['test'] })
      if (publisher === 'vm4') delete all.hosts.vm1
    })

  beforeAll(async () => {
    await lab('reset')
    await operator.mustRun('site', arranged('vm1'))
  })
  afterAll(async () => {
    await lab('net', 'vm4', 'heal')
  })

  it('is not moved there: what the new one writes meanwhile would be left out', async () => {
    await lab('net', 'vm4', 'cut', 'vm1')
    await sqlOnGuest('vm1', 'insert into test select generate_series(54000001, 54000500)')
    await eventually('vm2 to have them', () =>
      sqlOnGuest('vm2', 'select count(*) = 500 from test where id > 54000000').then((is) => is === 't' || is),
    )
    await onGuest('vm1', 'pg_ctlcluster 15 main stop -m fast')
    await onGuest('vm4', 'pg_ctlcluster 15 main promote')
    await eventually('vm4 to be a primary', () =>
      sqlOnGuest('vm4', 'select pg_is_in_recovery()').then((is) => is === 'f' || is),
    )
    await sqlOnGuest('vm4', "select pg_create_logical_replication_slot('vm2_from_vm1', 'pgoutput')")
    await sqlOnGuest('vm4', 'insert into test values (54000501)')
    const moved = await operator.run('site', arranged('vm4'))
    expect(moved.code).toBe(2)
    expect(failures(moved).join('\n')).toMatch(/has applied up to .* took over at/)
  })
})
