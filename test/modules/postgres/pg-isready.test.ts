import { describe, expect, it } from 'vitest'
import { pgControldataModule } from '../../../modules/postgres/pg-controldata.ts'
import { pgIsreadyModule } from '../../../modules/postgres/pg-isready.ts'
import { plannedCluster } from '../../support/facts.ts'
import { DATA, primary, running, standby, stopped } from './clusters.ts'
import { planWith } from './fold-plan.ts'

const PROGRAM = '/usr/lib/postgresql/15/bin/pg_isready'
const answering = (code: number) => ({ reads: { [`${PROGRAM} -t 5 -h vm3 -p 5432`]: { code } } })

describe('pg_isready', () => {
  it.each([
    [0, 'accepting'],
    [1, 'rejecting'],
    [2, 'no response'],
  ])('calls exit code %i "%s"', async (code, answer) => {
    const { result, plan } = await planWith(pgIsreadyModule, answering(code), { version: 15, host: 'vm3' })
    expect(result).toEqual({ answer })
    expect(plan).toEqual({ changes: [], steps: [] })
  })

  it('fails with another answer than the one expected, and says what to do', async () => {
    const asked = { version: 15, host: 'vm3', expect: 'no response', hint: 'Stop it first.' }
    await expect(planWith(pgIsreadyModule, answering(0), asked)).rejects.toMatchObject({
      message: 'vm3:5432 answers "accepting"; it should be "no response"',
      hint: 'Stop it first.',
    })
    await expect(planWith(pgIsreadyModule, answering(3), asked)).rejects.toThrow(/could not ask vm3:5432/)
  })

  it('answers what a planned stop will bring', async () => {
    const planned = { elsewhere: { vm3: [plannedCluster({ running: false })] } }
    const { result } = await planWith(pgIsreadyModule, planned, { version: 15, host: 'vm3' })
    expect(result).toEqual({ answer: 'no response' })
  })
})

describe('pg_controldata', () => {
  const reads = {
    [`/usr/lib/postgresql/15/bin/pg_controldata ${DATA}`]: `Database system identifier:           7000000000000000001
Database cluster state:               shut down
pg_control last modified:             Wed Nov 25 15:12:40 2026
Latest checkpoint location:           0/33AE048
Latest checkpoint's TimeLineID:       2\n`,
  }

  it.each([
    ['stopped', async () => stopped()],
    ['primary', async () => running({ probe: primary })],
    ['standby', async () => running({ probe: standby })],
  ])(
    'gives the last checkpoint, the timeline and the identifier of a server that is %s',
    async (server, host) => {
      const { result } = await planWith(pgControldataModule, { ...(await host()), reads }, { version: 15 })
      expect(result).toEqual({
        server,
        system_identifier: '7000000000000000001',
        state: 'shut down',
        timeline: 2,
        checkpoint: '0/33AE048',
        modified: 'Wed Nov 25 15:12:40 2026',
        fenced: null,
      })
    },
  )

  it('refuses what is no data directory', async () => {
    const broken = { ...stopped(), reads: { '/usr/lib/postgresql/15/bin/pg_controldata*': { code: 1 } } }
    await expect(planWith(pgControldataModule, broken, { version: 15 })).rejects.toThrow(/no readable global/)
  })
})
