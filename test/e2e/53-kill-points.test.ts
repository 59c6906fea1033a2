import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { type Beginning, prepare } from '../kill-points/hosts.ts'
import { roleChanges } from '../kill-points/role-changes.ts'
import type { Bench } from '../kill-points/scenario.ts'
import { strike } from '../kill-points/strike.ts'
import { arrangements } from '../support/arrangement.ts'
import { Clients } from '../support/clients.ts'
import { faultsOf } from '../support/converged.ts'
import { Operator } from '../support/operator.ts'
import { command, named, playJson, sqlOn } from '../support/play.ts'
import { SITE } from '../support/tasks.ts'

/** A few of the points that `npm run check-kill-points` goes through one by one. */
const POINTS: [where: string, beginning: Beginning, step: string, what: string][] = [
  ['play is killed in the middle of the base backup', 'bare', 'copying', 'kill'],
  [
    'play is killed when the old cluster is aside and the copy not in its place',
    'fresh',
    '/data to /',
    'kill',
  ],
  ['its host boots, and systemd still starts the server that is replaced', 'fresh', 'copying', 'power vm4'],
  ['its host loses its power before the first start', 'bare', 'the start of cluster', 'power vm4'],
]

describe('a standby whose building was cut short is healthy after the next run, and nothing is left over', () => {
  beforeAll(async () => {
    expect((await playJson(SITE)).code).toBe(0)
    await sqlOn(
      'vm3',
      'create table if not exists bulk as select id, md5(id::text) as note from generate_series(1, 200000) id',
    )
  })

  afterAll(() => sqlOn('vm3', 'drop table if exists bulk'))

  it.each(POINTS)('%s', async (_, beginning, step, what) => {
    await prepare(beginning)
    const cut = await runUntil({ step, what })
    expect(cut.begun).toContain(`${what}!`)
    if (what !== 'kill') expect((await command(['lab/lab', 'up'])).code).toBe(0)
    const again = await playJson(SITE)
    expect(named(again, 'failed')).toEqual([])
    expect(await faultsOf({ ...arrangements.vm3, said: cut.output + again.stdout })).toEqual([])
  })

  it('and then there is nothing more to do', async () => {
    expect(named(await playJson(SITE), 'changed')).toEqual([])
  })
})

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
