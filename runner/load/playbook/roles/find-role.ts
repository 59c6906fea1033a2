import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Pos } from '../../../errors.ts'
import { isFolder, namesIn } from '../../inventory/folders.ts'
import { didYouMean } from '../../nearest.ts'
import { type Context, shownPath } from '../context.ts'
import { requirementOf } from './requirements.ts'

export interface FoundRole {
  /** As it is asked for; one of a collection with the collection in front. */
  name: string
  /** Absolute. */
  path: string
  /** Of which it is: `namespace.name`. */
  collection?: string
}

/**
 * A role by its name, its path, or its collection (Ansible, Storing and finding roles). What is wrong is collected: where it was
 * looked for, and which file of requirements names it.
 */
export function findRole(name: string, pos: Pos, context: Context): FoundRole | undefined {
  const candidates = placesOf(name, context)
  const there = candidates.find(({ path }) => isFolder(path))
  if (there) return there
  const places = candidates.map(({ path }) => path)
  const known = places.flatMap((place) => namesIn(dirname(place)) ?? [])
  const required = requirementOf(name, context)
  const looked = `looked for ${[...new Set(places)].map(shownPath).join(', ')}`
  context.diagnostics.add('playbook', `there is no role ${name}`, {
    pos,
    hint: required
      ? `${required.at} names it, from ${required.from}: put it into ${shownPath(homeOf(name, context))} (${looked})`
      : didYouMean(name, known, looked),
  })
  return undefined
}

/** In the order in which Ansible looks; a name may be a path from each of them. */
function placesOf(name: string, context: Context): FoundRole[] {
  const { playDir, role, collections = [], settings } = context
  if (isAbsolute(name)) return [{ name, path: name }]
  const qualified = /^(\w+\.\w+)\.([\w.]+)$/.exec(name)
  const beside = role ? [dirname(role.path)] : []
  const folders = [join(playDir, 'roles'), ...(settings?.roles_path ?? []), ...beside, playDir]
  return [
    ...(qualified ? inCollection(qualified[1]!, qualified[2]!, context) : []),
    ...collections.flatMap((collection) => inCollection(collection, name, context)),
    ...folders.map((folder) => ({ name, path: resolve(folder, name) })),
  ]
}

function inCollection(collection: string, role: string, { playDir, settings }: Context): FoundRole[] {
  const [namespace, short] = collection.split('.')
  if (!namespace || !short) return []
  const within = join('ansible_collections', namespace, short, 'roles', role)
  const folders = [join(playDir, 'collections'), ...(settings?.collections_path ?? [])]
  return folders.map((folder) => ({
    name: `${collection}.${role}`,
    path: resolve(folder, within),
    collection,
  }))
}

/** Where a role that is not there is to be put. */
const homeOf = (name: string, { playDir }: Context): string => {
  const [namespace, collection, ...role] = name.split('.')
  return role.length > 0
    ? join(playDir, 'collections/ansible_collections', namespace!, collection!)
    : join(playDir, 'roles', name)
}
