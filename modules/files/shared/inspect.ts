import { posix } from 'node:path'
import { Refusal } from '../../../contract/errors.ts'
import { defineFact } from '../../../contract/facts.ts'
import type { FileStat, HostReader } from '../../../contract/host.ts'
import type { Ownership } from '../../../contract/params.ts'
import { placeOf } from '../../../contract/place.ts'
import { plannedPackagesKey } from '../../../contract/shared-facts.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { isAccount } from './attributes.ts'

/** Packages that earlier planned tasks bring, and with them files, users and units that cannot be named yet. */
export const plannedPackages = (host: HostReader): string[] => host.predicted(plannedPackagesKey()) ?? []

/** What no package brings: Debian Policy 9.1 leaves these folders to others, and a new cluster is no standby. */
const NOT_PACKAGED = /^\/(home|media|mnt|root|srv|tmp|usr\/local)(\/|$)|\/(standby|recovery)\.signal$/

/** @throws {UnknownError} for a path that is not there, and that a planned package may bring */
export function requireKnown(host: HostReader, path: string): void {
  if (plannedPackages(host).length > 0 && !NOT_PACKAGED.test(path))
    throw new UnknownError(`whether a planned package brings ${path}`)
}

/**
 * The same of a path that is to be made: what a package brings is in folders that it brings too, or is called like it.
 * @throws {UnknownError}
 */
export async function requireKnownToMake(host: HostReader, path: string): Promise<void> {
  const own = posix.basename(path)
  const isLikely =
    plannedPackages(host).some((name) => name === own || name.startsWith(`${own}-`)) ||
    (await statFollowed(host, posix.dirname(path))).stat === null
  if (isLikely) requireKnown(host, path)
}

/** What a path leads to. */
export interface Followed {
  path: string
  stat: FileStat | null
  /** Uid of the user, not root, whose link led there: he could make it lead anywhere, and so only his rights count there. */
  through?: number
}

/** The status of a path, links followed, and the path they lead to. @throws {Refusal} where they are of several users */
export async function statFollowed(host: HostReader, path: string): Promise<Followed> {
  let stat = await host.stat(path)
  let through: number | undefined
  for (let hops = 0; stat?.type === 'link' && stat.target !== undefined; hops++) {
    if (hops === 16)
      throw new Refusal(`${path} is a link that leads round in a circle`, 'remove one of the links')
    if (stat.uid !== 0 && through !== undefined && through !== stat.uid)
      throw new Refusal(
        `${path} is a link of user ${stat.owner}, to which a link of another user leads`,
        'name the path itself',
      )
    if (stat.uid !== 0) through = stat.uid
    path = await ledTo(host, path, stat.target)
    stat = await host.stat(path)
  }
  return { path, stat, ...(through === undefined ? {} : { through }) }
}

/** Most targets say where they lead by their words alone; those that lead up do not. */
async function ledTo(host: HostReader, link: string, target: string): Promise<string> {
  const whole = target.startsWith('/') ? target : `${posix.dirname(link)}/${target}`
  return whole.split('/').includes('..') ? placeOf(host, whole) : posix.resolve(whole)
}

/** @throws {Refusal} where a link of somebody else leads to what is not his: with his rights it is not changed */
export function refuseNotHis({ path, stat, through }: Followed): void {
  if (through === undefined || !stat || stat.uid === through) return
  throw new Refusal(
    `a link of user ${through} leads to ${path}, which is not his but ${stat.owner}'s`,
    'name the path itself, or remove the link',
  )
}

/** The folders above `path` that are missing, outermost first. @throws {Refusal} where one of them is no folder */
export async function missingParents(host: HostReader, path: string): Promise<string[]> {
  const parent = posix.dirname(path)
  const { stat } = await statFollowed(host, parent)
  if (stat && stat.type !== 'directory')
    throw new Refusal(`${parent} is not a folder, so ${path} cannot be in it`)
  return stat || parent === '/' ? [] : [...(await missingParents(host, parent)), parent]
}

/** Notes, where a folder is missing that only a planned package can bring. @throws {Refusal} where nothing brings it. */
export async function requireParent(host: HostReader, path: string): Promise<string[]> {
  const parent = posix.dirname(path)
  const { stat } = await statFollowed(host, parent)
  if (stat?.type === 'directory') return []
  if (stat) throw new Refusal(`${parent} is not a folder, so ${path} cannot be in it`)
  if (plannedPackages(host).length > 0)
    return [`the folder ${parent} is not there yet; it is taken to come with a planned package`]
  throw new Refusal(
    `the folder ${parent} does not exist`,
    `make it first: file: { path: ${parent}, state: directory }`,
  )
}

/** @throws {Refusal} where the wanted owner or group is to be set and is unknown to the host. */
export async function requireAccounts(
  host: HostReader,
  stat: FileStat | null,
  want: Ownership,
): Promise<void> {
  const unset = (
    name: string | undefined,
    present: string | undefined,
    id: number | undefined,
  ): name is string =>
    name !== undefined &&
    name !== 'root' &&
    !/^\d+$/.test(name) &&
    !(stat && isAccount(name, present ?? '', id ?? -1))
  const checks: Promise<void>[] = []
  if (unset(want.owner, stat?.owner, stat?.uid)) checks.push(requireAccount(host, 'user', want.owner))
  if (unset(want.group, stat?.group, stat?.gid)) checks.push(requireAccount(host, 'group', want.group))
  await Promise.all(checks)
}

/** Whether there is a user or a group of this name. */
const accountKey = defineFact<boolean, [what: 'user' | 'group', name: string]>('account')

async function requireAccount(host: HostReader, what: 'user' | 'group', name: string): Promise<void> {
  const found = await host.fact(accountKey(what, name), async () => (await host[what](name)) !== null)
  if (found || plannedPackages(host).length > 0) return
  throw new Refusal(
    `there is no ${what} '${name}' on this host`,
    `create it first, or check the spelling of '${name}'`,
  )
}
