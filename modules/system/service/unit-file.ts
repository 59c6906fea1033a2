import type { HostReader } from '../../../contract/host.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { type ServiceState, serviceKey } from './state.ts'

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
  const key = serviceKey(unit)
  const path = pathsOf(unit).find((one) => host.predicted(fileKey(one))?.content !== undefined)
  if (path === undefined || state.load === 'masked' || !host.writtenSince(path, key)) return state
  const text = (await host.readFile(path))!.toString()
  const canReload = /^[ \t]*ExecReload[ \t]*=[ \t]*\S/m.test(text)
  const file = ['', 'disabled', 'static'].includes(state.file ?? '') ? enabledState(text) : state.file
  // systemd forgets a unit that neither runs nor is wanted, and reads its file when it is asked for again.
  const isHeld = state.load === 'loaded' && (state.active !== 'inactive' || file === 'enabled')
  return isHeld
    ? { ...state, file, needReload: true, unread: { canReload } }
    : { ...state, load: 'loaded', active: state.active, file, canReload, needReload: false }
}

const enabledState = (text: string): string =>
  /^[ \t]*\[Install\][ \t\r]*$/m.test(text) ? 'disabled' : 'static'

/** The unit's own file in every folder, and that of its template: `name@.service` of `name@one.service`. */
function pathsOf(unit: string): string[] {
  const template = unit.replace(/^([^@]*@)[^.]*(?=\.)/, '$1')
  return [...new Set([unit, template])].flatMap((name) => FOLDERS.map((folder) => `${folder}/${name}`))
}
