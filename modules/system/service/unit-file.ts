import type { HostReader } from '../../../contract/host.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { type ServiceState, serviceKey, unitsReadKey } from './state.ts'

/** Where systemd looks for unit files, the first winning (systemd.unit(5), Unit File Load Path). */
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** The service as it is once the unit file is there that an earlier task of this check writes. */
export async function withPlannedFile(
  host: HostReader,
  unit: string,
  state: ServiceState,
): Promise<ServiceState> {
  const isRead = (path: string) => !host.writtenSince(path, unitsReadKey())
  const path = pathsOf(unit).find((one) => host.predicted(fileKey(one))?.content !== undefined)
  if (path === undefined || state.load === 'masked') return state
  if (!host.writtenSince(path, serviceKey(unit)))
    return state.unread && isRead(path)
      ? { ...state, ...state.unread, unread: undefined, needReload: false }
      : state
  const text = (await host.readFile(path))!.toString()
  const canReload = /^[ \t]*ExecReload[ \t]*=[ \t]*\S/m.test(text)
  const file = ['', 'disabled', 'static'].includes(state.file ?? '') ? fileStateOf(text) : state.file
  // systemd forgets a unit that neither runs nor is wanted, and reads its file when it is asked for again.
  const isHeld = state.load === 'loaded' && (state.active !== 'inactive' || file === 'enabled')
  return isHeld && !isRead(path)
    ? { ...state, file, path, needReload: true, unread: { canReload } }
    : { ...state, load: 'loaded', file, path, canReload, needReload: false, mayDiffer: false }
}

/** Of the first drop-in of a unit, in a folder that is new, systemd says nothing before it reads its files anew. */
export async function withDropIns(host: HostReader, state: ServiceState): Promise<ServiceState> {
  const folders = pathsOf(state.id)
    .filter((path) => /^\/(etc|run)\//.test(path))
    .map((path) => `${path}.d`)
  const found = await Promise.all(
    folders.map(async (folder) => ((await host.list(folder)) ?? []).map((name) => `${folder}/${name}`)),
  )
  const paths = found.flat().filter((path) => path.endsWith('.conf'))
  const isPlanned = (path: string) => host.predicted(fileKey(path))?.content !== undefined
  const unread = paths.filter((path) => !state.dropIns.includes(path) || isPlanned(path))
  if (host.predicted(unitsReadKey()) === undefined)
    return { ...state, needReload: state.needReload || unread.length > 0 }
  const later = unread.some((path) => host.writtenSince(path, unitsReadKey()))
  return { ...state, needReload: later, mayDiffer: state.needReload || unread.length > 0 }
}

/** What [Install] says (systemd.unit(5)): whether there is something to enable, and which others are enabled with it. */
export function installOf(text: string): { own: boolean; also: string[] } {
  const section = text.split(/^[ \t]*(?=\[)/m).filter((part) => part.startsWith('[Install]'))
  const lines = section.flatMap((part) => part.split('\n')).map((line) => line.trim())
  const valuesOf = (name: string) =>
    lines.flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 && line.slice(0, at).trim() === name
        ? line
            .slice(at + 1)
            .trim()
            .split(/\s+/)
        : []
    })
  const own = ['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias', 'DefaultInstance'].some((name) =>
    valuesOf(name).some(Boolean),
  )
  return { own, also: valuesOf('Also').filter(Boolean) }
}

function fileStateOf(text: string): string {
  const { own, also } = installOf(text)
  if (own) return 'disabled'
  return also.length > 0 ? 'indirect' : 'static'
}

/** The unit's own file in every folder, and that of its template: `name@.service` of `name@one.service`. */
function pathsOf(unit: string): string[] {
  const template = unit.replace(/^([^@]*@)[^.]*(?=\.)/, '$1')
  return [...new Set([unit, template])].flatMap((name) => FOLDERS.map((folder) => `${folder}/${name}`))
}
