import { describe, expect, it } from 'vitest'
import { pgTimelineModule } from '../../../modules/postgres/pg-timeline/index.ts'
import type { Stand } from '../../../modules/postgres/pg-timeline/inspect.ts'
import { fenceText } from '../../../postgres/standby/fence.ts'
import type { FakeHostOptions } from '../../support/fake-host.ts'
import { DATA, primary, running, standby, stopped } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const SIGNAL = `${DATA}/standby.signal`
const ID = primary.system_identifier
const down = (timeline: number, files: FakeHostOptions['files'] = {}): FakeHostOptions => ({
  ...stopped(files),
  name: 'vm3',
  reads: {
    '/usr/lib/postgresql/15/bin/pg_controldata*': `Database system identifier: ${ID}
Database cluster state: shut down
Latest checkpoint's TimeLineID: ${timeline}\n`,
  },
})
const up = async (probe: object, files: FakeHostOptions['files'] = {}) => ({
  ...(await running({ probe: { ...primary, timeline: 1, ...probe }, files })),
  name: 'vm3',
})
const readOf = async (host: FakeHostOptions) =>
  (await planWith(pgTimelineModule, host, { version: 15 })).result
const other = (more: Partial<Stand> = {}): Stand => ({
  host: 'vm4',
  role: 'primary',
  running: true,
  system_identifier: ID,
  timeline: 2,
  left: { 1: '0/3000100' },
  fenced: null,
  knows: null,
  unused: false,
  ...more,
})
const asPrimary = (host: FakeHostOptions, others: unknown[], more = {}) =>
  planWith(pgTimelineModule, host, { version: 15, primary: true, others, ...more })

describe('pg_timeline', () => {
  it('tells a primary, a standby and a fenced one, running and stopped, and that there is none', async () => {
    const fence = { [SIGNAL]: fenceText({ successor: 'vm4', startConf: 'auto' }) }
    expect(await readOf(await up({}))).toMatchObject({ role: 'primary', running: true, timeline: 1 })
    expect(await readOf(await up(standby, { [SIGNAL]: '' }))).toMatchObject({ role: 'standby' })
    expect(await readOf(await up(standby, fence))).toMatchObject({ role: 'fenced', fenced: 'vm4' })
    expect(await readOf(down(3, { [`${DATA}/pg_wal/00000003.history`]: '2\t0/5000000\tno\n' }))).toEqual({
      host: 'vm3',
      role: 'primary',
      running: false,
      system_identifier: ID,
      timeline: 3,
      left: { 2: '0/5000000' },
      fenced: null,
      knows: null,
      unused: false,
    })
    expect(await readOf(down(1, { [SIGNAL]: '' }))).toMatchObject({ role: 'standby', running: false })
    expect(await readOf(down(1, fence))).toMatchObject({ role: 'fenced', running: false, fenced: 'vm4' })
    expect(await readOf({ name: 'vm3' })).toMatchObject({ role: 'none', system_identifier: null })
  })

  it('tells of a later timeline of which it has only heard, where it is asked for its group', async () => {
    const heard = { [SIGNAL]: '', [`${DATA}/pg_wal/0000000A.history`]: '1\t0/3000100\tno\n' }
    const read = async (more: object) =>
      (await planWith(pgTimelineModule, down(1, heard), { version: 15, ...more })).result
    expect(await read({ in_group: true })).toMatchObject({ role: 'standby', timeline: 1, knows: 10 })
    expect(await read({})).toMatchObject({ knows: null })
  })

  it('refuses a primary from which another took over, running or stopped, with the numbers', async () => {
    for (const host of [await up({}), down(1)])
      await expect(asPrimary(host, [[{ msg: 'unreachable' }, other()]])).rejects.toMatchObject({
        message: expect.stringMatching(/vm3 is to be a primary, and vm4 took over from it at 0\/3000100/),
        hint: expect.stringContaining('rejoin.yaml -i INVENTORY -e host=vm3'),
        details: [
          expect.stringContaining('vm3: primary'),
          expect.stringContaining('vm4: primary, running, timeline 2'),
        ],
      })
    await expect(asPrimary(down(1), [other({ role: 'standby', host: 'vm5' })])).rejects.toThrow(
      /another took over from it at 0\/3000100, whom vm5 follows/,
    )
  })

  it('takes standbys, restored copies and other servers for what they are', async () => {
    const others = [
      other({ timeline: 1, left: {}, role: 'standby' }),
      other({ host: 'vm5', timeline: 1, left: {} }),
      other({ host: 'vm2', system_identifier: '7000000000000000002' }),
      other({ host: 'vm6', role: 'none', system_identifier: null, timeline: null }),
    ]
    expect((await asPrimary(await up({}), [others])).plan).toEqual({ changes: [], steps: [] })
    expect((await asPrimary({ name: 'vm3' }, [others])).plan).toEqual({ changes: [], steps: [] })
  })

  it('refuses a primary that is fenced, with what to type, unless the fence is about to be lifted', async () => {
    const fenced = down(1, { [SIGNAL]: fenceText({ successor: 'vm4', startConf: 'auto' }) })
    const others = [other({ timeline: 1, left: {}, role: 'standby' })]
    await expect(asPrimary(fenced, others)).rejects.toMatchObject({
      message: expect.stringMatching(/is fenced: vm4 takes over from it/),
      hint: expect.stringContaining('switchover.yaml -i INVENTORY -e new_primary=vm4'),
    })
    expect((await asPrimary(fenced, others, { fence: 'ignore' })).plan.steps).toEqual([])
    await expect(asPrimary(fenced, [other()], { fence: 'ignore' })).rejects.toThrow(/vm4 took over/)
  })
})
