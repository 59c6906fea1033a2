import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import type { Step } from '../../contract/plan.ts'

/** A folder of a tablespace, as it is on the standby. A base backup wants it empty, at the very path of the upstream. */
export interface Location {
  path: string
  /** filled: with something that play did not put there; begun: with what a copy that was cut short has left. */
  is: 'absent' | 'empty' | 'filled' | 'begun'
}

/** Says beside the folder that what is in it is ours. */
const markOf = (path: string): string => `${path}.play-copy`
const postgres = { owner: 'postgres', group: 'postgres' }

export const readLocations = (host: HostReader, paths: readonly string[]): Promise<Location[]> =>
  Promise.all(
    paths.map(async (path): Promise<Location> => {
      const [names, mark] = await Promise.all([host.list(path), host.stat(markOf(path))])
      if (names === null) return { path, is: 'absent' }
      return { path, is: names.length === 0 ? 'empty' : mark ? 'begun' : 'filled' }
    }),
  )

/** @throws {Refusal} */
export function refuseFilled(locations: readonly Location[]): void {
  const filled = locations.filter(({ is }) => is === 'filled')
  if (filled.length === 0) return
  throw new Refusal(
    'the upstream has tablespaces whose folders are not empty here',
    'Look at what they hold, and move it away yourself; play deletes nothing.',
    filled.map(({ path }) => path),
  )
}

/** The folders as the copy wants them. What a copy has left that was cut short goes. */
export const makeLocations = (locations: readonly Location[]): Step[] =>
  locations.flatMap(({ path, is }): Step[] => [
    {
      do: 'write_file',
      path: markOf(path),
      content: 'A base backup is making this tablespace. play removes this file.\n',
      mode: '0600',
    },
    ...(is === 'begun' ? [{ do: 'remove' as const, path }] : []),
    { do: 'directory', path, ...postgres, mode: '0700' },
  ])

/** They belong to a data directory now. */
export const settleLocations = (locations: readonly Location[]): Step[] =>
  locations.map(({ path }) => ({ do: 'remove', path: markOf(path) }))
