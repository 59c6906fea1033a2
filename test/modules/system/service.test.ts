import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import type { ExecStep, Plan } from '../../../contract/plan.ts'
import { packageKey, plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { serviceModule } from '../../../modules/system/service/index.ts'
import { serviceKey } from '../../../modules/system/service/state.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const show = (load: string, active: string, file: string, more = '') =>
  `CanReload=yes\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\nNeedDaemonReload=no\n${more}`
const RUNNING = show('loaded', 'active', 'enabled')
const STOPPED = show('loaded', 'inactive', 'disabled')

async function planFor(args: object, shown: string, options: FakeHostOptions = {}) {
  const host = fakeHost({ unit: shown, ...options })
  const params = serviceModule.params.parse({ name: 'ssh', ...args })
  return serviceModule.plan(await serviceModule.inspect(host, params), params)
}

/** What systemctl is told; a start is followed by a look. */
const verbsOf = ({ steps }: Plan): (string | undefined)[] =>
  (steps as ExecStep[]).filter(({ argv }) => argv[0] === 'systemctl').map(({ argv }) => argv[1])

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
    [{ state: 'restarted', sleep: 0 }, RUNNING, [['restart']]],
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
    expect(verbsOf(plan).map((verb) => [verb])).toEqual(verbs)
    expect(plan.changes).toHaveLength(verbs.length)
  })

  it('waits between stop and start where that is wanted', async () => {
    const { steps, changes } = await planFor({ state: 'restarted', sleep: '5' }, RUNNING)
    const said = (steps as ExecStep[]).map(({ argv }) => argv.slice(0, 2).join(' '))
    expect(said.slice(0, 3)).toEqual(['systemctl stop', 'sleep 5', 'systemctl start'])
    expect(changes).toHaveLength(1)
  })

  const unitFile = (content: string): Plan => ({
    changes: [],
    steps: [{ do: 'write_file', path: '/etc/systemd/system/ssh.service', content }],
  })
  const INSTALL = '[Install]\nWantedBy=multi-user.target\n'

  it.each([
    ['new, and can be enabled', show('not-found', 'inactive', ''), INSTALL, {}, ['enable', 'start']],
    [
      'new, and read at once',
      show('not-found', 'inactive', ''),
      INSTALL,
      { daemon_reload: true },
      ['enable', 'start'],
    ],
    ['that of a unit that runs', RUNNING, INSTALL, { daemon_reload: true }, ['daemon-reload']],
    [
      'that of a unit that does not run, which can reload from then on',
      show('loaded', 'inactive', 'disabled').replace('Reload=yes', 'Reload=no'),
      `ExecReload=/bin/true\n${INSTALL}`,
      { daemon_reload: true },
      ['enable', 'start'],
    ],
  ])(
    'reads a unit file that an earlier task of the check writes: %s',
    async (_what, shown, content, args, verbs) => {
      const wish = { state: 'started', enabled: true, ...args }
      const plan = await planFor(wish, shown, { plans: [unitFile(content)] })
      expect(verbsOf(plan)).toEqual(verbs)
      const after = await planFor(wish, shown, { plans: [unitFile(content), plan] })
      expect(after.steps).toEqual([])
    },
  )

  it('knows what a mask covers that is planned, and not what one covers that was found', async () => {
    const mask = await planFor({ masked: true }, RUNNING)
    const unmask = await planFor({ masked: false }, RUNNING, { plans: [mask] })
    expect((await planFor({ enabled: true }, RUNNING, { plans: [mask, unmask] })).steps).toEqual([])
    const found = show('masked', 'inactive', 'masked')
    const bare = await planFor({ masked: false }, found)
    await expect(planFor({ enabled: true }, found, { plans: [bare] })).rejects.toThrow(UnknownError)
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

  it('does not know a unit that no planned package is named after', async () => {
    const options = {
      facts: [predict(plannedPackagesKey(), ['tree'])],
      unit: show('not-found', 'inactive', ''),
    }
    await expect(planFor({ state: 'started' }, '', options)).rejects.toThrow(UnknownError)
  })

  it('does not know what is left of a unit whose package an earlier task removes', async () => {
    const facts = [predict(packageKey('openssh-server'), { version: null, status: 'absent' })]
    await expect(planFor({ enabled: true }, RUNNING, { facts })).rejects.toThrow(UnknownError)
  })

  it('takes a unit to come with a planned package, started and enabled', async () => {
    const options = {
      facts: [predict(plannedPackagesKey(), ['openssh-server'])],
      unit: show('not-found', 'inactive', ''),
    }
    const plan = await planFor({ state: 'started', enabled: true }, '', options)
    expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining('planned package')] })
  })
})
