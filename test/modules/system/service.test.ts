import { describe, expect, it } from 'vitest'
import { predict } from '../../../contract/facts.ts'
import type { ExecStep, Plan } from '../../../contract/plan.ts'
import { packageKey, plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { READ_UNITS, serviceModule } from '../../../modules/system/service/index.ts'
import { serviceKey } from '../../../modules/system/service/state.ts'
import { predictionOf } from '../../support/facts.ts'
import { type FakeHostOptions, fakeHost } from '../../support/fake-host.ts'

const show = (load: string, active: string, file: string, more = '') =>
  `Id=ssh.service\nCanReload=yes\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\nNeedDaemonReload=no\n${more}`
const RUNNING = show('loaded', 'active', 'enabled')
const CRASHING = show('loaded', 'activating', 'enabled', 'SubState=auto-restart\nResult=exit-code\n')
const STOPPED = show('loaded', 'inactive', 'disabled')

/** As a check has it. */
async function planFor(args: object, shown: string, options: FakeHostOptions = {}) {
  const params = serviceModule.params.parse({ name: 'ssh', ...args })
  const unit = options.unit ?? shown
  const file = /^UnitFileState=(.*)$/m.exec(unit)?.[1] ?? ''
  const reads = { 'systemctl is-enabled*': `${file}\n`, 'find*': '', ...options.reads }
  const first = { changes: [], steps: [], predicts: serviceModule.before?.(params).predicts }
  const host = fakeHost({ ...options, unit, reads, plans: [...(options.plans ?? []), first] })
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
    [{ daemon_reload: true, state: 'started' }, RUNNING.replace('Reload=no', 'Reload=yes')],
    [{ state: 'started' }, CRASHING.replace('exit-code', 'success')],
    [{ enabled: false }, show('loaded', 'inactive', '')],
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
    [{ enabled: true }, show('loaded', 'active', 'enabled-runtime'), [['enable']]],
    [{ enabled: false }, show('loaded', 'active', 'enabled-runtime'), [['disable']]],
    [{ masked: true }, show('masked', 'inactive', 'masked-runtime'), [['mask']]],
    [{ state: 'started' }, CRASHING, [['start']]],
    [{ state: 'stopped' }, CRASHING, [['stop']]],
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
    ['that of a unit that runs', RUNNING, INSTALL, { daemon_reload: true }, []],
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

  it('a unit file that an earlier task writes counts once systemd reads it', async () => {
    const shown = RUNNING.replace('CanReload=yes', 'CanReload=no')
    const plans = [unitFile('ExecReload=/bin/true\n')]
    await expect(planFor({ state: 'reloaded' }, shown, { plans })).rejects.toThrow('cannot reload')
    const restart = await planFor({ state: 'restarted' }, shown, { plans })
    expect(restart.notes).toEqual([expect.stringContaining('daemon_reload: true')])
    const reload = await planFor({ state: 'reloaded', daemon_reload: true }, shown, { plans })
    expect(verbsOf(reload)).toEqual(['reload'])
    const read: Plan = { changes: [], steps: [], predicts: READ_UNITS.predicts }
    expect(verbsOf(await planFor({ state: 'reloaded' }, shown, { plans: [...plans, read] }))).toEqual([
      'reload',
    ])
  })

  it('does not know what a drop-in says that systemd has not read', async () => {
    const shown = RUNNING.replace('CanReload=yes', 'CanReload=no')
    const wish = { state: 'reloaded', daemon_reload: true }
    await expect(planFor(wish, shown)).rejects.toThrow('cannot reload')
    const files = { '/etc/systemd/system/ssh.service.d/a.conf': '' }
    await expect(planFor(wish, shown, { files })).rejects.toThrow(UnknownError)
    const known = `${shown}DropInPaths=${Object.keys(files)[0]}\n`
    await expect(planFor(wish, known, { files })).rejects.toThrow('cannot reload')
  })

  it('says of a start that systemd has not read a drop-in, until it has', async () => {
    const files = { '/etc/systemd/system/ssh.service.d/a.conf': '' }
    const without = await planFor({ state: 'restarted' }, RUNNING, { files })
    expect(without.notes).toEqual([expect.stringContaining('has not read')])
    const wish = { state: 'restarted', daemon_reload: true }
    expect((await planFor(wish, RUNNING, { files })).notes).toEqual([])
    const read: Plan = { changes: [], steps: [], predicts: READ_UNITS.predicts }
    const dropIn: Plan = {
      changes: [],
      steps: [{ do: 'write_file', path: '/etc/systemd/system/ssh.service.d/b.conf', content: '' }],
    }
    const later = await planFor({ state: 'restarted' }, RUNNING, { files, plans: [read, dropIn] })
    expect(later.notes).toHaveLength(1)
  })

  it('does not know what a generator makes once it runs, and knows a name that nothing makes', async () => {
    const none = show('not-found', 'inactive', '')
    const wish = { state: 'started', daemon_reload: true }
    await expect(planFor({ ...wish, name: 'srv-data.mount' }, none)).rejects.toThrow(UnknownError)
    await expect(planFor(wish, none)).rejects.toThrow("no service 'ssh'")
  })

  it('what a generator enables is enabled, and stays it', async () => {
    const shown = show('loaded', 'active', 'enabled-runtime')
    const reads = { 'find*': '/run/systemd/generator/postgresql.service.wants/ssh.service\n' }
    expect((await planFor({ enabled: true }, shown, { reads })).steps).toEqual([])
    await expect(planFor({ enabled: false }, shown, { reads })).rejects.toThrow('enabled by a generator')
  })

  it('knows what a mask covers that is planned, and not what one covers that was found', async () => {
    const mask = await planFor({ masked: true }, RUNNING)
    const unmask = await planFor({ masked: false }, RUNNING, { plans: [mask] })
    expect((await planFor({ enabled: true }, RUNNING, { plans: [mask, unmask] })).steps).toEqual([])
    const found = show('masked', 'inactive', 'masked')
    const bare = await planFor({ masked: false }, found)
    await expect(planFor({ enabled: true }, found, { plans: [bare] })).rejects.toThrow(UnknownError)
  })

  it('can mask again what was masked when it was found', async () => {
    const found = show('masked', 'inactive', 'masked', 'FragmentPath=/etc/systemd/system/ssh.service\n')
    const plans = [await planFor({ masked: false }, found)]
    expect(verbsOf(await planFor({ masked: true }, found, { plans }))).toEqual(['mask'])
    const own = show('loaded', 'inactive', 'static', 'FragmentPath=/etc/systemd/system/ssh.service\n')
    await expect(planFor({ masked: true }, own)).rejects.toThrow('where the mask would be')
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
