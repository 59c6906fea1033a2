import { posix } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import type { Step } from '../../contract/plan.ts'
import { move } from '../cluster/place.ts'
import { isOurs, MARKER } from './data-dir.ts'

/** A folder of a tablespace, as it is on the standby. It is to be at the very path of the upstream. */
export interface Location {
  path: string
  /**
   * filled: with something that play did not put there; begun: with what a copy that was cut short has left; own: with a
   * tablespace of the cluster that is replaced, which goes aside with it.
   */
  is: 'absent' | 'empty' | 'filled' | 'begun' | 'own'
  /** A copy has said that what is in it is ours. */
  marked: boolean
  /** The data directory that is there holds a link to it. */
  linked: boolean
  /** It cannot be renamed. */
  isMount: boolean
  /** Where it is kept that it was, as the data directory is. */
  aside: string
  /** Our folder beside. */
  beside: 'absent' | 'ours' | 'foreign'
}

/** Says beside the folder that what is in it is ours. */
const markOf = (path: string): string => `${path}.play-copy`
/** Where the copy of one is made while the old one is in use. */
const besideOf = (path: string): string => `${path}.play-new`
const newOf = (path: string): string => `${besideOf(path)}/data`
const ASIDE = '.replaced-by-play-'
const postgres = { owner: 'postgres', group: 'postgres' }

export async function readLocations(
  host: HostReader,
  dataDir: string,
  paths: readonly string[],
): Promise<Location[]> {
  if (paths.length === 0) return []
  const folder = `${dataDir}/pg_tblspc`
  const oids = (await host.list(folder)) ?? []
  const links = await Promise.all(oids.map((oid) => host.stat(`${folder}/${oid}`)))
  const linked = new Set(links.map((link) => link?.target))
  return Promise.all(paths.map((path) => readLocation(host, path, linked.has(path))))
}

async function readLocation(host: HostReader, path: string, linked: boolean): Promise<Location> {
  const [names, marked, around, inside] = await Promise.all([
    host.list(path),
    host.stat(markOf(path)),
    host.list(posix.dirname(path)),
    host.list(besideOf(path)),
  ])
  const begin = `${posix.basename(path)}${ASIDE}`
  const numbers = (around ?? [])
    .filter((name) => name.startsWith(begin) && /^\d+$/.test(name.slice(begin.length)))
    .map((name) => Number(name.slice(begin.length)))
  const last = Math.max(0, ...numbers)
  const beside =
    inside === null ? 'absent' : isOurs(inside.filter((name) => name !== 'data')) ? 'ours' : 'foreign'
  const is = !names?.length ? (names ? 'empty' : 'absent') : linked ? 'own' : marked ? 'begun' : 'filled'
  return {
    ...{ path, is, marked: marked !== null, linked, beside },
    isMount: is === 'own' && (await isMountPoint(host, path)),
    // A run that was cut short may have moved it, and not said so in the link.
    aside: `${path}${ASIDE}${is === 'absent' && beside === 'ours' && last > 0 ? last : last + 1}`,
  }
}

async function isMountPoint(host: HostReader, path: string): Promise<boolean> {
  const { stdout } = await host.read(['findmnt', '-no', 'TARGET', '-T', path])
  return stdout.trim() === path
}

/** @throws {Refusal} */
export function refuseFilled(locations: readonly Location[]): void {
  const filled = locations.filter(({ is }) => is === 'filled')
  if (filled.length > 0)
    throw new Refusal(
      'the upstream has tablespaces whose folders are not empty here',
      'Look at what they hold, and move it away yourself; play deletes nothing.',
      filled.map(({ path }) => path),
    )
  const foreign = locations.filter(({ beside }) => beside === 'foreign')
  if (foreign.length > 0)
    throw new Refusal(
      `${foreign.map(({ path }) => besideOf(path)).join(', ')} is in the way, and play did not make it`,
      'Move it away, then run again.',
    )
  const mounts = locations.filter(({ isMount }) => isMount)
  if (mounts.length > 0)
    throw new Refusal(
      'tablespaces of the server that is here are mount points, which cannot be moved aside',
      'Stop this server, and move what is in them to another folder yourself; then run again.',
      mounts.map(({ path }) => path),
    )
}

/** The folders as the copy wants them. What a copy has left that was cut short goes; what is in use stays until it is done. */
export const makeLocations = (locations: readonly Location[]): Step[] =>
  locations.flatMap(({ path, is, beside }): Step[] => [
    { do: 'directory', path: posix.dirname(path) },
    ...(beside === 'ours' ? [{ do: 'remove' as const, path: besideOf(path) }] : []),
    ...(is === 'own'
      ? [
          { do: 'directory' as const, path: besideOf(path), ...postgres, mode: '0700' },
          {
            do: 'write_file' as const,
            path: `${besideOf(path)}/${MARKER}`,
            content: 'A tablespace in the making. play removes this folder.\n',
            ...postgres,
            mode: '0600',
          },
        ]
      : [
          markStep(path),
          ...(is === 'begun' ? [{ do: 'remove' as const, path }] : []),
          { do: 'directory' as const, path, ...postgres, mode: '0700' },
        ]),
  ])

const markStep = (path: string): Step => ({
  do: 'write_file',
  path: markOf(path),
  content: 'A base backup is making this tablespace. play removes this file.\n',
  mode: '0600',
})

/** Options of pg_basebackup: where it puts those whose path is in use. */
export const mappings = (locations: readonly Location[]): string[] =>
  locations.flatMap(({ path, is }) =>
    is === 'own' ? ['-T', `${inMapping(path)}=${inMapping(newOf(path))}`] : [],
  )
const inMapping = (path: string): string => path.replaceAll('=', '\\=')

/** The copy means the paths of the upstream, where they are put when it takes its place. */
export const nameLocations = (locations: readonly Location[], copy: string): Step[] =>
  locations.flatMap(({ path, is }) => (is === 'own' ? [relink(copy, newOf(path), path)] : []))

/**
 * Those of the data directory that goes aside, before it does: whoever starts it there must never write into the
 * tablespaces of its successor. Its server is stopped.
 */
export const setAside = (locations: readonly Location[], dataDir: string): Step[] =>
  locations.flatMap(({ path, is, linked, aside }) => [
    ...(is === 'own' ? [move(path, aside)] : []),
    ...(linked ? [relink(dataDir, path, aside)] : []),
  ])

/** What was copied beside. Nothing of the old server is there any more. */
export const placeLocations = (locations: readonly Location[]): Step[] =>
  locations.flatMap(({ path, is }) => (is === 'own' ? [markStep(path), move(newOf(path), path)] : []))

/** They belong to a data directory now. */
export const settleLocations = (locations: readonly Location[]): Step[] =>
  locations.flatMap(({ path, is }): Step[] => [
    { do: 'remove', path: markOf(path) },
    ...(is === 'own' ? [{ do: 'remove' as const, path: besideOf(path) }] : []),
  ])

/** Marks of a copy that was cut short after it had taken its place. */
export const leftMarks = (locations: readonly Location[]): string[] =>
  locations.flatMap(({ path, is, marked, beside }) =>
    is === 'own' ? [...(marked ? [markOf(path)] : []), ...(beside === 'ours' ? [besideOf(path)] : [])] : [],
  )

/** A link of a data directory to a tablespace leads elsewhere; as the server's own user, whose folder it is. */
function relink(dataDir: string, from: string, to: string): Step {
  const script = `for link in "$1"/pg_tblspc/*; do
  [ "$(readlink -- "$link")" != "$2" ] || ln -sfT -- "$3" "$link" || exit
done`
  return {
    do: 'exec',
    title: `the tablespace ${to} of ${dataDir}`,
    argv: ['sh', '-c', script, 'sh', dataDir, from, to],
    as: 'postgres',
    cwd: '/',
  }
}
