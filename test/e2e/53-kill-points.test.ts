import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUntil } from '../kill-points/cut.ts'
import { type Beginning, prepare } from '../kill-points/hosts.ts'
import { arrangements } from '../support/arrangement.ts'
import { faultsOf } from '../support/converged.ts'
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
