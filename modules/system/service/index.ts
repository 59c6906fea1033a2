import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice, duration, flag, param, text } from '../../../contract/params.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { packageKey } from '../../../contract/shared-facts.ts'
import { UnknownError, unknown } from '../../../contract/unknown.ts'
import { plannedPackages } from '../../files/shared/inspect.ts'
import { type ServiceState, serviceKey } from './state.ts'
import { withPlannedFile } from './unit-file.ts'

const params = z
  .strictObject({
    name: param(
      text({ expected: 'the name of a systemd unit', fits: /^[A-Za-z0-9][A-Za-z0-9:_.@\\-]*$/ }),
      'The unit; `.service` may be left out.',
      { aliases: ['service', 'unit'], example: 'ssh' },
    ),
    state: param(
      choice('started', 'stopped', 'restarted', 'reloaded').optional(),
      '`started` and `stopped` act where it is not so; `restarted` and `reloaded` always.',
      { unset: 'left as it is' },
    ),
    enabled: param(flag().optional(), 'Whether it starts when the host boots.', { unset: 'left as it is' }),
    sleep: param(
      duration({ max: 3600, whole: true }).optional(),
      'With `restarted`: how long to wait between its stop and its start.',
      { unset: 'systemd restarts it' },
    ),
    use: param(
      choice('auto', 'systemd', 'service').default('auto'),
      'Taken, and of no effect: systemd does it.',
    ),
    masked: param(flag().optional(), 'Whether nothing at all may start it.', { unset: 'left as it is' }),
    daemon_reload: param(
      flag().default(false),
      'Have systemd read changed unit files first, where it says it needs that.',
    ),
  })
  .refine(
    (value) =>
      value.state !== undefined ||
      value.enabled !== undefined ||
      value.masked !== undefined ||
      value.daemon_reload,
    {
      error: "nothing to do: give 'state', 'enabled', 'masked' or 'daemon_reload'",
      path: ['state'],
    },
  )
type Params = z.infer<typeof params>

/** Services of systemd. Ansible's `service` and `systemd`. */
export const serviceModule = defineModule<Params, ServiceState>({
  name: 'service',
  summary: 'Start, stop, restart, reload, enable or mask a systemd service',
  params,
  inspect,
  plan,
  result: ({ params, state }) => ({
    name: params.name,
    state: params.state ?? state.active,
    enabled: params.enabled ?? (state.file === undefined ? unknown(BENEATH) : state.file === 'enabled'),
  }),
})

async function inspect(host: HostReader, params: Params): Promise<ServiceState> {
  const unit = unitOf(params.name)
  const found = await host.fact(serviceKey(unit), () => show(host, params.name))
  const state = await withPlannedFile(host, unit, found)
  if (state.file === undefined && params.enabled !== undefined) throw new UnknownError(BENEATH)
  if (state.load !== 'not-found') {
    const removed = host.predictions(packageKey.under()).filter(({ value }) => value.version === null)
    const owner = removed.find(({ key }) => mayBring(key.name, params.name))
    if (owner)
      throw new UnknownError(`whether the service ${params.name} is left by package ${owner.key.name}`)
    return state
  }
  const planned = plannedPackages(host)
  if (planned.some((name) => mayBring(name, params.name))) {
    // Debian's packages start and enable what they bring (Debian Policy 9.3.3), unless policy-rc.d forbids it.
    const notes = [
      `the service ${params.name} is not there yet; it is taken to come with a planned package, started and enabled`,
    ]
    return { ...state, load: 'loaded', active: 'active', file: 'enabled', canReload: true, notes }
  }
  if (planned.length > 0)
    throw new UnknownError(`whether a planned package brings the service ${params.name}`)
  throw new Refusal(
    `there is no service '${params.name}' on this host`,
    `check the spelling (systemctl list-unit-files), or install its package first`,
  )
}

/** The one is named after the other: `ssh` of openssh-server, `postgresql@15-main` of postgresql-15. */
function mayBring(packageName: string, service: string): boolean {
  const base = service.includes('@') ? service.split('@', 1)[0]! : service.replace(/\.\w+$/, '')
  return packageName.includes(base) || base.includes(packageName)
}

const STAYS = `sleep 0.2
if systemctl is-failed --quiet -- "$1"; then systemctl status --no-pager --lines 10 -- "$1" >&2; exit 1; fi`

const BENEATH = 'whether the unit is enabled, which shows once its mask is gone'

async function show(host: HostReader, name: string): Promise<ServiceState> {
  return { ...(await host.unit(unitOf(name))), notes: [] }
}

function plan(state: ServiceState, params: Params): Plan {
  const changes: Change[] = []
  const steps: Step[] = []
  const unit = unitOf(params.name)
  const act = (
    verb: string,
    what: string,
    before: string | boolean,
    after: string | boolean,
    more: Partial<Change> = {},
  ) => {
    changes.push({ path: `service ${params.name} ${what}`.trim(), before, after, ...more })
    steps.push({
      do: 'exec',
      argv: verb === 'daemon-reload' ? ['systemctl', verb] : ['systemctl', verb, '--', unit],
      title: `systemctl ${verb} ${params.name}`,
    })
  }
  const masked = state.load === 'masked'
  const starts = params.state !== undefined && params.state !== 'stopped'
  if (masked && params.masked !== false && (starts || params.enabled)) {
    throw new Refusal(
      `the service '${params.name}' is masked, so nothing can start or enable it`,
      'add masked: false to the task if it is to be used',
    )
  }
  if (params.daemon_reload && state.needReload)
    act('daemon-reload', 'unit file', 'changed on disk', 'read again')
  if (params.masked !== undefined && params.masked !== masked)
    act(params.masked ? 'mask' : 'unmask', 'masked', masked, params.masked)
  planEnabled(state, params, act)
  // Whatever changes links of units has systemd read all unit files anew (systemctl(1)).
  const rereads = steps.length > 0
  const running = state.active === 'active' || state.active === 'activating' || state.active === 'reloading'
  if (params.state === 'started' && !running) act('start', '', state.active, 'started')
  if (params.state === 'stopped' && (running || state.active === 'deactivating'))
    act('stop', '', state.active, 'stopped', { destructive: true })
  if (params.state === 'restarted') {
    act('restart', '', state.active, 'restarted', { destructive: running })
    if (params.sleep) steps.splice(-1, 1, ...apart(params.name, unit, params.sleep))
  }
  if (params.state === 'reloaded') {
    // Ansible starts a service that is to be reloaded and does not run.
    if (!running) act('start', '', state.active, 'started')
    else if (!((rereads && state.unread) || state).canReload)
      throw new Refusal(`the service '${params.name}' cannot reload`, 'use state: restarted')
    else act('reload', '', state.active, 'reloaded')
  }
  // A service of the simple kind counts as started before its program has said anything (systemd.service(5)).
  if (steps.some((step) => step.do === 'exec' && /^(start|restart)$/.test(step.argv[1]!)))
    steps.push({
      do: 'exec',
      argv: ['sh', '-c', STAYS, 'play', unit],
      title: `the look at ${params.name} after its start`,
    })
  const predicts =
    changes.length > 0 ? [predict(serviceKey(unit), predicted(state, params, rereads))] : undefined
  return { changes, steps, predicts, notes: state.notes }
}

const apart = (name: string, unit: string, seconds: number): Step[] => [
  { do: 'exec', argv: ['systemctl', 'stop', '--', unit], title: `systemctl stop ${name}` },
  { do: 'exec', argv: ['sleep', String(seconds)], title: 'the wait before its start' },
  { do: 'exec', argv: ['systemctl', 'start', '--', unit], title: `systemctl start ${name}` },
]

type Act = (verb: string, what: string, before: string | boolean, after: string | boolean) => void

function planEnabled(state: ServiceState, params: Params, act: Act): void {
  if (params.enabled === undefined) return
  const file = state.file ?? ''
  const isEnabled = ['enabled', 'enabled-runtime', 'alias'].includes(file)
  // Such units have nothing to enable: something else starts them.
  if (['static', 'indirect', 'generated', 'transient'].includes(file)) {
    if (!params.enabled || file === 'generated' || file === 'indirect') return
    throw new Refusal(
      `the service '${params.name}' is ${file} and cannot be enabled`,
      'leave enabled out: another unit starts it',
    )
  }
  if (params.enabled !== isEnabled)
    act(params.enabled ? 'enable' : 'disable', 'enabled', isEnabled, params.enabled)
}

function predicted(state: ServiceState, params: Params, rereads: boolean): ServiceState {
  const active =
    params.state === undefined ? state.active : params.state === 'stopped' ? 'inactive' : 'active'
  const read = rereads ? { ...state, ...state.unread, needReload: false, unread: undefined } : state
  return { ...read, active, ...maskPredicted(state, params), notes: [] }
}

/** What a mask covers is there again when it is gone; of a mask that was found, nobody can tell what it covers. */
function maskPredicted(
  { load, file, beneath }: ServiceState,
  { masked, enabled }: Params,
): Pick<ServiceState, 'load' | 'file' | 'beneath'> {
  const told = enabled === undefined ? undefined : enabled ? 'enabled' : 'disabled'
  if (masked === true) return { load: 'masked', file: 'masked', beneath: load === 'masked' ? beneath : file }
  if (masked === false && load === 'masked') return { load: 'loaded', file: told ?? beneath }
  return { load, file: told ?? file, beneath }
}

const unitOf = (name: string): string =>
  /\.(service|socket|target|timer|path|mount|slice|scope)$/.test(name) ? name : `${name}.service`
