import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { isOurs } from '../standby/data-dir.ts'
import { besideOf, confRootOf, insideOf, MADE, type Place } from './place.ts'

/** What a run that was cut short left of the creation of a cluster. */
export interface Leftover {
  place: Place
  /** It is complete: it only has to take its place. */
  made: boolean
  /** play did not make it. */
  foreign?: boolean
}

/** Looks at a creation that is at work, and the seconds between. Cut off from its run, it ends by itself. */
const LOOKS = 75
const PAUSE = '0.2'

/** The folder in or beside the data directory, once no process works in it any more. @throws {Refusal} */
export async function readLeftover(
  host: HostReader,
  version: string,
  name: string,
  dataDir: string,
): Promise<Leftover | undefined> {
  const folders = [besideOf(dataDir), insideOf(dataDir)]
  const found = await Promise.all(folders.map((folder) => host.stat(folder)))
  const folder = folders.find((_, index) => found[index])
  if (folder === undefined) return undefined
  const place = { version, name, dataDir, folder }
  await settled(host, place)
  const names = (await host.list(folder)) ?? []
  return { place, made: names.includes(MADE), foreign: !isOurs(names) }
}

/** @throws {Refusal} where another run is at it and does not end */
async function settled(host: HostReader, place: Place): Promise<void> {
  const folders = [`${place.folder}/`, `${confRootOf(place)}/`]
  for (let looks = 1; ; looks += 1) {
    const pids = (await host.processes())
      .filter(({ command }) => folders.some((folder) => command.includes(folder)))
      .map(({ pid }) => pid)
    if (pids.length === 0) return
    if (looks === LOOKS)
      throw new Refusal(
        `another run makes cluster ${place.version}/${place.name} at this moment (process ${pids.join(', ')})`,
        'Let it end. If its run is gone: kill the process.',
      )
    host.waiting()
    await host.read(['sleep', PAUSE])
  }
}
