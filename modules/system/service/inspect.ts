import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { packageKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { plannedPackages } from '../../files/shared/inspect.ts'
import type { Params } from './params.ts'
import { type ServiceState, serviceKey, unitsReadKey } from './state.ts'
import { installOf, withDropIns, withPlannedFile } from './unit-file.ts'

export const BENEATH = 'whether the unit is enabled, which shows once its mask is gone'

/** @throws {Refusal} where there is no such unit, and none to come */
export async function inspect(host: HostReader, params: Params): Promise<ServiceState> {
  const { name } = params
  const state = await unitState(host, unitOf(name))
  if (state.file === undefined && params.enabled !== undefined) throw new UnknownError(BENEATH)
  if (state.load !== 'not-found') {
    const removed = host.predictions(packageKey.under()).filter(({ value }) => value.version === null)
    const owner = removed.find(({ key }) => mayBring(key.name, name))
    if (owner) throw new UnknownError(`whether the service ${name} is left by package ${owner.key.name}`)
    const asked = params.enabled !== undefined || state.file === 'indirect'
    const whole = asked ? await withOthers(host, state) : state
    if (params.state === 'stopped') return withTriggers(host, whole)
    return params.state === undefined ? whole : withDropIns(host, whole)
  }
  const planned = plannedPackages(host)
  if (planned.some((one) => mayBring(one, name))) {
    // Debian's packages start and enable what they bring (Debian Policy 9.3.3), unless policy-rc.d forbids it.
    const notes = [
      `the service ${name} is not there yet; it is taken to come with a planned package, started and enabled`,
    ]
    return { ...state, load: 'loaded', active: 'active', file: 'enabled', canReload: true, notes }
  }
  if (planned.length > 0) throw new UnknownError(`whether a planned package brings the service ${name}`)
  const isInit = unitOf(name).endsWith('.service') && (await host.stat(`/etc/init.d/${name}`)) !== null
  if (host.predicted(unitsReadKey()) && (isInit || GENERATED.test(name)))
    throw new UnknownError(`whether the unit ${name} is there once systemd has read its files`)
  throw new Refusal(
    `there is no service '${name}' on this host`,
    isInit || GENERATED.test(name)
      ? 'systemd may not have read of it yet: daemon_reload: true has it do so'
      : 'check the spelling (systemctl list-unit-files), or install its package first',
  )
}

/** Kinds that systemd makes of /etc/fstab, when it reads its files. */
const GENERATED = /\.(mount|automount|swap)$/

/** The one is named after the other: `ssh` of openssh-server, `postgresql@15-main` of postgresql-15. */
function mayBring(packageName: string, service: string): boolean {
  const base = service.includes('@') ? service.split('@', 1)[0]! : service.replace(/\.\w+$/, '')
  return packageName.includes(base) || base.includes(packageName)
}

async function unitState(host: HostReader, name: string): Promise<ServiceState> {
  const asked = await host.fact(serviceKey(name), () => show(host, name))
  // What is planned for it stands under its own name.
  const found = asked.id === name ? asked : (host.predicted(serviceKey(asked.id)) ?? asked)
  return withPlannedFile(host, found.id, found)
}

async function show(host: HostReader, name: string): Promise<ServiceState> {
  const [unit, said] = await Promise.all([host.unit(name), fileState(host, name)])
  const { id, load, active, sub, result, path, dropIns, canReload, needReload, triggeredBy } = unit
  const file = id === name ? said : await fileState(host, id)
  return {
    ...{ id, load, active, file, dropIns, canReload, needReload, triggers: triggeredBy },
    // Of one that is masked it is the mask.
    path: load === 'masked' ? '' : path,
    crashing: sub === 'auto-restart' && result !== 'success',
    byGenerator: ['enabled-runtime', 'generated'].includes(file) && (await isByGenerator(host, id)),
    others: [],
    mayDiffer: false,
    notes: [],
  }
}

/** As the links on the disk have it: `systemctl show` says what they were when it last looked. Empty where there is no unit file. */
async function fileState(host: HostReader, unit: string): Promise<string> {
  const { stdout } = await host.read(['systemctl', 'is-enabled', '--', unit])
  return stdout.trim().split('\n').at(-1)!
}

async function isByGenerator(host: HostReader, unit: string): Promise<boolean> {
  const folders = ['', '.early', '.late'].map((which) => `/run/systemd/generator${which}`)
  const name = unit.replaceAll('\\', '\\\\')
  const links = ['-mindepth', '2', '-maxdepth', '2', '-name', name]
  return (await host.read(['find', ...folders, ...links])).stdout !== ''
}

async function withOthers(host: HostReader, state: ServiceState): Promise<ServiceState> {
  const text = state.path ? await host.readFile(state.path) : null
  const names = installOf(text?.toString() ?? '').also.filter((name) => !/%|@\./.test(name))
  return { ...state, others: await Promise.all(names.map((name) => unitState(host, name))) }
}

/** A service that is stopped starts again when somebody talks to its socket. */
async function withTriggers(host: HostReader, state: ServiceState): Promise<ServiceState> {
  const others = await Promise.all(state.triggers.map((name) => unitState(host, name)))
  const active = others.filter((one) => one.active === 'active').map(({ id }) => id)
  if (active.length === 0) return state
  return { ...state, notes: [...state.notes, `${active.join(' and ')} may start it again at any time`] }
}

export const unitOf = (name: string): string =>
  /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope)$/.test(name)
    ? name
    : `${name}.service`
