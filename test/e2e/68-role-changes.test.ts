import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleChanges } from '../kill-points/role-changes.ts'
import type { Bench } from '../kill-points/scenario.ts'
import { strike } from '../kill-points/strike.ts'
import { Clients } from '../support/clients.ts'
import { failures } from '../support/converged.ts'
import { lab, sqlOnGuest } from '../support/guests.ts'
import { Operator } from '../support/operator.ts'
import { inventory } from '../support/play.ts'

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
