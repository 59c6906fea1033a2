import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import type { ExecStep } from '../../../contract/plan.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { serviceKey, serviceModule } from '../../../modules/system/service.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const show = (load: string, active: string, file: string, more = '') =>
  `CanReload=yes\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\nNeedDaemonReload=no\n${more}`
const RUNNING = show('loaded', 'active', 'enabled')
const STOPPED = show('loaded', 'inactive', 'disabled')

async function planFor(args: object, shown: string, options: FakeHostOptions = {}) {
  const host = fakeHost({ reads: { 'systemctl show*': shown }, ...options })
  const params = serviceModule.params.parse({ name: 'ssh', ...args })
  return serviceModule.plan(await serviceModule.inspect(host, params), params)
}

describe('service', () => {
  it.each([
    [{ state: 'started', enabled: true }, RUNNING],
    [{ state: 'stopped', enabled: false }, STOPPED],
    [{ state: 'stopped' }, show('loaded', 'failed', 'enabled')],
    [{ masked: true }, show('masked', 'inactive', 'masked')],
    [{ daemon_reload: true }, RUNNING],
    [{ enabled: false }, show('loaded', 'active', 'static')],
  ])('%j changes nothing where it is so', async (args, shown) => {
    expect(await planFor(args, shown)).toMatchObject({ changes: [], steps: [] })
  })

  it.each([
    [{ state: 'started', enabled: true }, STOPPED, [['enable'], ['start']]],
    [{ state: 'stopped', enabled: 'no' }, RUNNING, [['disable'], ['stop']]],
    [{ state: 'restarted' }, RUNNING, [['restart']]],
    [{ state: 'reloaded' }, RUNNING, [['reload']]],
    [{ state: 'reloaded' }, STOPPED, [['start']]],
    [{ state: 'started' }, show('loaded', 'failed', 'enabled'), [['start']]],
    [{ state: 'started', masked: false }, show('masked', 'inactive', 'masked'), [['unmask'], ['start']]],
    [
      { daemon_reload: true, state: 'started' },
      RUNNING.replace('Reload=no', 'Reload=yes'),
      [['daemon-reload']],
    ],
  ])('%j', async (args, shown, verbs) => {
    const plan = await planFor(args, shown)
    expect(plan.steps.map((step) => [(step as ExecStep).argv[1]])).toEqual(verbs)
    expect(plan.changes).toHaveLength(verbs.length)
  })

  it('predicts what later tasks will see', async () => {
    const plan = await planFor({ state: 'started' }, STOPPED)
    expect(predictionOf(plan, serviceKey('ssh.service'))).toMatchObject({
      active: 'active',
      file: 'disabled',
    })
    expect((await planFor({ state: 'started' }, STOPPED, { facts: plan.predicts })).steps).toEqual([])
  })

  it.each([
    ['a unit that is not there', { state: 'started' }, show('not-found', 'inactive', ''), "no service 'ssh'"],
    ['a masked unit', { state: 'started' }, show('masked', 'inactive', 'masked'), 'is masked'],
    [
      'a unit that cannot reload',
      { state: 'reloaded' },
      RUNNING.replace('CanReload=yes', 'CanReload=no'),
      'cannot reload',
    ],
    ['a static unit to enable', { enabled: true }, show('loaded', 'active', 'static'), 'cannot be enabled'],
    ['a host without systemd', { state: 'started' }, '', 'systemd does not answer'],
  ])('refuses %s', async (_what, args, shown, message) => {
    await expect(planFor(args, shown)).rejects.toThrow(message)
  })

  it('takes a unit to come with a planned package, started and enabled', async () => {
    const options = {
      facts: [predict(plannedPackagesKey(), ['openssh-server'])],
      reads: { 'systemctl show*': show('not-found', 'inactive', '') },
    }
    const plan = await planFor({ state: 'started', enabled: true }, '', options)
    expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining('planned package')] })
  })
})
