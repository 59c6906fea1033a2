import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Pos } from '../../../errors.ts'
import { isFolder, namesIn } from '../../inventory/folders.ts'
import { didYouMean } from '../../nearest.ts'
import { type Context, shownPath } from '../context.ts'

export interface FoundRole {
  /** Without folders in front; with its collection where it is of one. */
  name: string
  /** Absolute. */
  path: string
}

/**
 * A role by its name, its path, or its collection (Ansible, Storing and finding roles). What is wrong is collected: where it was
 * looked for, and which file of requirements names it.
 */
export function findRole(name: string, pos: Pos, context: Context): FoundRole | undefined {
  const places = placesOf(name, context)
  const path = places.find(isFolder)
  if (path !== undefined) return { name: name.includes('/') ? basename(name) : name, path }
  const known = places.flatMap((place) => namesIn(dirname(place)) ?? [])
  const wanted = requirementsOf(context)
  const fetch = wanted === undefined ? '' : ` (${shownPath(wanted)} may name it: put it there)`
  context.diagnostics.add('playbook', `there is no role ${name}${fetch}`, {
    pos,
    hint: didYouMean(name, known, `looked for ${[...new Set(places)].map(shownPath).join(', ')}`),
  })
  return undefined
}

function placesOf(name: string, context: Context): string[] {
  const { playDir, role, collections = [], settings } = context
  if (name.includes('/')) return [isAbsolute(name) ? name : resolve(playDir, name)]
  const qualified = /^(\w+)\.(\w+)\.([\w.]+)$/.exec(name)
  if (qualified) return inCollection(qualified[1]!, qualified[2]!, qualified[3]!, context)
  const beside = role ? [dirname(role.path)] : []
  const folders = [join(playDir, 'roles'), ...(settings?.roles_path ?? []), ...beside, playDir]
  return [
    ...collections.flatMap((collection) => {
      const [namespace, short] = collection.split('.')
      return namespace && short ? inCollection(namespace, short, name, context) : []
    }),
    ...folders.map((folder) => resolve(folder, name)),
  ]
}

const inCollection = (
  namespace: string,
  collection: string,
  role: string,
  { playDir, settings }: Context,
): string[] =>
  [join(playDir, 'collections'), ...(settings?.collections_path ?? [])].map((folder) =>
    resolve(folder, 'ansible_collections', namespace, collection, 'roles', role),
  )

/** Nothing is fetched: it only says who may know where a role comes from. */
const requirementsOf = ({ playDir }: Context): string | undefined =>
  ['requirements.yml', 'requirements.yaml', 'roles/requirements.yml', 'roles/requirements.yaml']
    .flatMap((file) => [join(playDir, file), join(dirname(playDir), file)])
    .find((file) => existsSync(file))
