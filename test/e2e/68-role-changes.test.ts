import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleChanges } from '../kill-points/role-changes.ts'
import type { Bench } from '../kill-points/scenario.ts'
import { strike } from '../kill-points/strike.ts'
import { Clients } from '../support/clients.ts'
import { Operator } from '../support/operator.ts'

/** A few of the points of role changes, by the names of their steps. */
const ROLE_CHANGES: [where: string, scenario: string, step: string][] = [
  ['a switchover before the promotion, its old primary stopped', 'switchover', 'the promotion'],
  ['a switchover before the slots on the publishers change hands', 'switchover', '_from_vm1'],
  ['a failover before the slots on the publishers change hands', 'failover', '_from_vm1'],
  ['a rejoin before the rewind', 'rejoin', 'pg_rewind'],
]

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
