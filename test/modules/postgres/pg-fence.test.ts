import { describe, expect, it } from 'vitest'
import { pgFenceModule } from '../../../modules/postgres/pg-fence.ts'
import { parseFence } from '../../../postgres/standby/fence.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'
import { DATA, ETC, running, standby, stopped } from './clusters.ts'
import { foldPlan, planAgain, planWith } from './fold-plan.ts'

const SIGNAL = `${DATA}/standby.signal`
const present = { version: 15, successor: 'vm4' }
const absent = { version: 15, state: 'absent' }
const written = async (host: FakeHostOptions, args: Record<string, unknown>) => {
  const { plan } = await planWith(pgFenceModule, host, args)
  const steps = plan.steps.filter((step) => step.do !== 'exec' || step.title !== undefined)
  return steps.map((step) => ('path' in step ? `${step.do} ${step.path}` : step.title))
}
const fenced = async (host = stopped()): Promise<FakeHostOptions> =>
  foldPlan(host, (await planWith(pgFenceModule, host, present)).plan)

const signal = async (host: FakeHostOptions) => (await fakeHost(host).readFile(SIGNAL))!.toString()

describe('pg_fence', () => {
  it('writes a signal file that says what it is, then takes the cluster out of the boot', async () => {
    expect(await written(stopped(), present)).toEqual([
      `write_file ${SIGNAL}`,
      `write_file ${ETC}/start.conf`,
    ])
    expect(parseFence(await signal(await fenced()))).toEqual({
      successor: 'vm4',
      startConf: 'auto',
    })
  })

  it('plans nothing after its own plan, and lifts all of it', async () => {
    expect(await planAgain(pgFenceModule, stopped(), present)).toMatchObject({ changes: [], steps: [] })
    expect(await written(await fenced(), absent)).toEqual([
      `write_file ${ETC}/start.conf`,
      `remove ${SIGNAL}`,
    ])
    expect(await planAgain(pgFenceModule, await fenced(), absent)).toMatchObject({ changes: [], steps: [] })
  })

  it('remembers what start.conf said before the first fence, and leaves `disabled` as it is', async () => {
    const twice = await planWith(pgFenceModule, await fenced(), { ...present, successor: 'vm5' })
    expect(parseFence(await signal(foldPlan(await fenced(), twice.plan)))).toEqual({
      successor: 'vm5',
      startConf: 'auto',
    })
    const disabled = stopped({ [`${ETC}/start.conf`]: 'disabled\n' })
    expect(await written(disabled, present)).toEqual([`write_file ${SIGNAL}`])
    expect(await written(await fenced(disabled), absent)).toEqual([`remove ${SIGNAL}`])
  })

  it('stops one that was started behind the fence before it is lifted', async () => {
    const host = await running({ probe: standby, files: { [SIGNAL]: 'x' } })
    const text = await signal(await fenced())
    const reading = { ...host, files: { ...host.files, [SIGNAL]: text, [`${ETC}/start.conf`]: 'manual\n' } }
    expect(await written(reading, present)).toEqual([])
    expect(await written(reading, absent)).toEqual([
      'the stop of cluster 15/main',
      `write_file ${ETC}/start.conf`,
      `remove ${SIGNAL}`,
    ])
  })

  it('refuses a primary that runs, and what nobody takes over', async () => {
    await expect(planWith(pgFenceModule, await running(), present)).rejects.toThrow(/runs, and is a primary/)
    await expect(planWith(pgFenceModule, stopped(), { version: 15 })).rejects.toThrow(/names who takes over/)
  })

  it("leaves the signal file of a standby, which is nobody's fence", async () => {
    const host = stopped({ [SIGNAL]: '' })
    expect(await written(host, present)).toEqual([])
    expect(await written(host, absent)).toEqual([])
  })
})
