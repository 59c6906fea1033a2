import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { lookWhetherItIsSo, lookWhetherItRuns } from './looks.ts'
import type { Params } from './params.ts'
import { type ServiceState, serviceKey, unitsReadKey } from './state.ts'

type Act = (
  verb: string,
  what: string,
  before: string | boolean,
  after: string | boolean,
  more?: Partial<Change>,
) => void

const UNTIL_BOOT = 'until the host boots'

export function plan(state: ServiceState, params: Params): Plan {
  const changes: Change[] = []
  const steps: Step[] = []
  const { name } = params
  const unit = state.id
  const act: Act = (verb, what, before, after, more = {}) => {
    changes.push({ path: `service ${name} ${what}`.trim(), before, after, ...more })
    steps.push({ do: 'exec', argv: ['systemctl', verb, '--', unit], title: `systemctl ${verb} ${name}` })
  }
  const link: Act = (verb, ...rest) => {
    act(verb, ...rest)
    steps.push(lookWhetherItIsSo(verb, unit, name))
  }
  refuseLoad(state, params)
  planMask(state, params, link)
  planEnabled(state, params, link)
  // Whatever changes links of units has systemd read all unit files anew (systemctl(1)).
  const rereads = steps.length > 0
  const notes = [...state.notes]
  const running = isRunning(state)
  const before = state.crashing ? 'failing' : state.active
  const start = (verb: string, after: string, more: Partial<Change> = {}) => {
    act(verb, '', before, after, more)
    if (params.state === 'restarted' && params.sleep) steps.splice(-1, 1, ...apart(name, unit, params.sleep))
    steps.push(lookWhetherItRuns(unit, name, verb === 'reload' ? verb : 'start'))
    if (state.needReload && !rereads)
      notes.push('systemd has not read its changed unit files: daemon_reload: true has it do so')
  }
  if (params.state === 'started' && !running) start('start', 'started')
  if (params.state === 'stopped' && (running || state.crashing || state.active === 'deactivating'))
    act('stop', '', before, 'stopped', { destructive: true })
  if (params.state === 'restarted') start('restart', 'restarted', { destructive: running })
  // Ansible starts a service that is to be reloaded and does not run.
  if (params.state === 'reloaded' && !running) start('start', 'started')
  if (params.state === 'reloaded' && running) {
    requireReload(state, rereads, name)
    start('reload', 'reloaded')
  }
  const predicts = changes.length > 0 ? predictions(state, params, rereads) : undefined
  return { changes, steps, predicts, notes }
}

const isRunning = ({ active, crashing }: ServiceState): boolean =>
  !crashing && ['active', 'activating', 'reloading', 'refreshing'].includes(active)

function refuseLoad({ load, mayDiffer }: ServiceState, { name, state, enabled, masked }: Params): void {
  const starts = state !== undefined && state !== 'stopped'
  if (load === 'masked' && masked !== false && (starts || enabled)) {
    throw new Refusal(
      `the service '${name}' is masked, so nothing can start or enable it`,
      'add masked: false to the task if it is to be used',
    )
  }
  if (!starts || (load !== 'bad-setting' && load !== 'error')) return
  if (mayDiffer)
    throw new UnknownError(`whether systemd can load the unit ${name} once it has read its files`)
  throw new Refusal(
    `systemd cannot load the unit of the service '${name}': ${load}`,
    'systemctl status and systemd-analyze verify say why; daemon_reload: true has systemd read it again',
  )
}

function planMask({ load, file, id, path }: ServiceState, { name, masked }: Params, act: Act): void {
  const is = load === 'masked'
  const isShort = file === 'masked-runtime'
  if (masked === undefined || (masked === is && !(masked && isShort))) return
  if (masked && path === `/etc/systemd/system/${id}` && !is)
    throw new Refusal(
      `the service '${name}' cannot be masked: its own unit file ${path} is where the mask would be`,
      'move the file to /usr/local/lib/systemd/system, or use state: stopped and enabled: false',
    )
  act(masked ? 'mask' : 'unmask', 'masked', isShort ? UNTIL_BOOT : is, masked)
}

/** One that is indirect has others start it: a service its socket. */
export const startsAtBoot = ({ file, byGenerator, others }: ServiceState): boolean =>
  file === 'enabled' ||
  byGenerator ||
  (file === 'indirect' && others.length > 0 && others.every((one) => one.file === 'enabled'))

/** By the words of `systemctl is-enabled` (systemctl(1)). */
function planEnabled(state: ServiceState, { name, enabled }: Params, act: Act): void {
  if (enabled === undefined) return
  const { file = '', others } = state
  if (state.byGenerator) {
    if (enabled) return
    throw new Refusal(
      `the service '${name}' is enabled by a generator, at each boot anew, and cannot be disabled`,
      name.startsWith('postgresql@')
        ? 'pg_cluster: start_conf: manual says that a cluster does not start at boot'
        : 'change what the generator reads, such as /etc/fstab; or masked: true',
    )
  }
  // Such units have nothing to enable: something else starts them.
  if (['static', 'generated', 'transient', ''].includes(file)) {
    if (!enabled) return
    throw new Refusal(
      file === ''
        ? `the service '${name}' has no unit file, and cannot be enabled`
        : `the service '${name}' is ${file} and cannot be enabled`,
      state.triggers.length > 0
        ? `leave enabled out: ${state.triggers.join(' and ')} starts it`
        : 'leave enabled out: another unit starts it',
    )
  }
  const starts = startsAtBoot(state)
  const isShort = file === 'enabled-runtime'
  const isSome = starts || isShort || (file === 'indirect' && others.some((one) => one.file === 'enabled'))
  if (enabled ? starts : !isSome) return
  act(enabled ? 'enable' : 'disable', 'enabled', isShort ? UNTIL_BOOT : starts || !enabled, enabled)
}

function requireReload({ canReload, unread, mayDiffer }: ServiceState, rereads: boolean, name: string): void {
  const told = rereads ? unread : undefined
  if ((told ?? { canReload }).canReload) return
  if (mayDiffer && !told)
    throw new UnknownError(`whether the service ${name} can reload once systemd has read its files`)
  throw new Refusal(`the service '${name}' cannot reload`, 'use state: restarted')
}

const apart = (name: string, unit: string, seconds: number): Step[] => [
  { do: 'exec', argv: ['systemctl', 'stop', '--', unit], title: `systemctl stop ${name}` },
  { do: 'exec', argv: ['sleep', String(seconds)], title: 'the wait before its start' },
  { do: 'exec', argv: ['systemctl', 'start', '--', unit], title: `systemctl start ${name}` },
]

function predictions(state: ServiceState, params: Params, rereads: boolean): Prediction[] {
  const others = params.enabled === undefined ? [] : state.others
  return [
    ...(rereads ? [predict(unitsReadKey(), true as const)] : []),
    ...others.map((other) => predict(serviceKey(other.id), { ...other, file: fileWhen(params.enabled!) })),
    predict(serviceKey(state.id), predicted(state, params, rereads)),
  ]
}

const fileWhen = (enabled: boolean): string => (enabled ? 'enabled' : 'disabled')

function predicted(state: ServiceState, params: Params, rereads: boolean): ServiceState {
  const active =
    params.state === undefined ? state.active : params.state === 'stopped' ? 'inactive' : 'active'
  const crashing = state.crashing && params.state === undefined
  const read = rereads ? { ...state, ...state.unread, needReload: false, unread: undefined } : state
  return { ...read, active, crashing, ...linksPredicted(state, params), others: [], notes: [] }
}

/** What a mask covers is there again when it is gone; of a mask that was found, nobody can tell what it covers. */
function linksPredicted(
  { load, file, beneath, others }: ServiceState,
  { masked, enabled }: Params,
): Pick<ServiceState, 'load' | 'file' | 'beneath'> {
  const isIndirect = file === 'indirect' && others.length > 0
  const told = enabled === undefined ? undefined : isIndirect ? file : fileWhen(enabled)
  if (masked === true) return { load: 'masked', file: 'masked', beneath: load === 'masked' ? beneath : file }
  if (masked === false && load === 'masked') return { load: 'loaded', file: told ?? beneath }
  return { load, file: told ?? file, beneath }
}
