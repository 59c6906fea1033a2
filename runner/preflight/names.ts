import { resolve } from 'node:path'
import type { Module } from '../../contract/module.ts'
import { type Diagnostics, PlayError, type Pos } from '../errors.ts'
import { resolvePattern } from '../load/host-pattern.ts'
import { findHost } from '../load/inventory.ts'
import { MAGIC, UNSAID } from '../load/magic.ts'
import { shownPath } from '../load/playbook/context.ts'
import { containsTemplate, hasTemplate } from '../load/template.ts'
import type { Entry, Inventory, InventoryHost, Located, Play, RoleUse, Vars } from '../load/types.ts'
import { loadVarsFile } from '../load/vars-files.ts'
import { walk } from './walk.ts'

export interface Known {
  names: Set<string>
  /** Something is read only at run time (a file whose name is a template), so any name may be known by then. */
  open: boolean
}

export interface PlayNames {
  /** Known to every task of the play. */
  everywhere: Known
  /** With those of single tasks, blocks and loops: what a variable's own template may use, as it is rendered in a task. */
  anywhere: Known
  /** Templates of inventory variables, by name, with where they stand. */
  inventoryTemplates: ReadonlyMap<string, { value: unknown; pos: Pos | undefined }[]>
  /** Variables of the play and its vars_files, each file with its positions. */
  sources: Located[]
}

const NAMES_OF_MAGIC = Object.keys({ ...MAGIC, ...UNSAID })

/** Those that begin with ansible_ are facts and connection variables too, known to all. */
export const isMagic = (name: string): boolean => NAMES_OF_MAGIC.includes(name) || name.startsWith('ansible_')

/** Adds what the tasks of a play register or set. */
export function factsSetBy(play: Play, modules: ReadonlyMap<string, Module>, facts: Known): void {
  for (const { entry } of walk(allEntries(play))) {
    if (entry.kind === 'include' && entry.entries === undefined) facts.open = true
    if (entry.kind !== 'task') continue
    if (entry.register) facts.names.add(entry.register)
    if (modules.get(entry.module)?.bringsVariables) facts.open = true
    if (!modules.get(entry.module)?.setsVariables) continue
    for (const name of Object.keys(entry.args.value)) {
      if (hasTemplate(name)) facts.open = true
      else facts.names.add(name)
    }
  }
}

/** The same with what else may be set while the play runs. */
export function setLater(play: Play, modules: ReadonlyMap<string, Module>, later: Known): void {
  factsSetBy(play, modules, later)
  for (const { name } of play.prompts) later.names.add(name)
  if (play.varsFiles.some(({ path }) => hasTemplate(path))) later.open = true
  for (const { entry } of walk(allEntries(play)))
    if (entry.kind === 'include' && entry.asked?.public && entry.use)
      for (const name of roleNames(entry.use)) later.names.add(name)
}

export function namesKnownTo(
  play: Play,
  input: { inventory: Inventory; extraVars: Vars },
  facts: Known,
  diagnostics: Diagnostics,
): PlayNames {
  const hosts = targets(play, input.inventory)
  const files = readVarsFiles(play, diagnostics)
  const roles = rolesOf(play)
  const sources = [...(play.varsAt ? [play.varsAt] : []), ...files.located, ...[...roles].flatMap(sourcesOf)]
  const names = new Set([
    ...play.roles.flatMap(roleNames),
    ...NAMES_OF_MAGIC,
    ...facts.names,
    ...Object.keys(input.extraVars),
    ...Object.keys(play.vars),
    ...play.prompts.map(({ name }) => name),
  ])
  for (const { value } of [...(play.varsAt ? [play.varsAt] : []), ...files.located])
    for (const name of Object.keys(value as Vars)) names.add(name)
  const inventoryTemplates = new Map<string, { value: unknown; pos: Pos | undefined }[]>()
  for (const host of hosts) {
    for (const [name, value] of Object.entries(host.vars)) {
      names.add(name)
      if (!containsTemplate(value)) continue
      const found = inventoryTemplates.get(name) ?? []
      found.push({ value, pos: host.where(name) })
      inventoryTemplates.set(name, found)
    }
  }
  // A play that reaches no host uses no variable: an inventory without standbys needs none of theirs.
  const everywhere = { names, open: facts.open || files.open || hosts.length === 0 }
  const anywhere = { names: new Set([...names, ...innerNames(allEntries(play))]), open: everywhere.open }
  return { everywhere, anywhere, inventoryTemplates, sources }
}

/** What a task or include brings for itself. */
export function ownNames(entry: Entry, withLoop = true): string[] {
  const names = [...Object.keys(entry.vars), ...(entry.role ? roleNames(entry.role) : [])]
  if (withLoop && entry.kind !== 'block' && entry.kind !== 'meta' && entry.loop) {
    names.push(entry.loopControl.loopVar)
    if (entry.loopControl.indexVar) names.push(entry.loopControl.indexVar)
  }
  return names
}

const allEntries = (play: Play): Entry[] => [
  ...play.sections.flatMap(({ entries }) => entries),
  ...play.handlers,
]

/** What the tasks of a role know besides. */
export const roleNames = ({ defaults, vars, params }: RoleUse): string[] =>
  [...defaults, ...vars, ...params].flatMap((layer) => Object.keys(layer.vars))

const rolesOf = (play: Play): Set<RoleUse> =>
  new Set([
    ...play.roles,
    ...[...walk(allEntries(play))].flatMap(({ entry }) => (entry.role ? [entry.role] : [])),
  ])

const sourcesOf = ({ own, params }: RoleUse): Located[] =>
  [...own.defaults, ...own.vars, ...params].flatMap(({ at }) => (at ? [at] : []))

const innerNames = (entries: Entry[]): string[] => [...walk(entries)].flatMap(({ entry }) => ownNames(entry))

/** All hosts where the pattern is only known later. */
function targets(play: Play, inventory: Inventory): InventoryHost[] {
  const all = [...inventory.hosts.values()]
  if (hasTemplate(play.hosts)) return all
  try {
    return resolvePattern(inventory, play.hosts, play.hostsPos).hosts.flatMap(
      (name) => findHost(inventory, name) ?? [],
    )
  } catch (error) {
    // A pattern that does not parse is told where hosts are chosen.
    if (error instanceof PlayError) return all
    throw error
  }
}

function readVarsFiles(play: Play, diagnostics: Diagnostics): { located: Located[]; open: boolean } {
  const fixed = play.varsFiles.filter(({ path }) => !hasTemplate(path))
  const located = fixed.flatMap(({ path, pos }) => {
    const file = shownPath(resolve(play.dir, path))
    return diagnostics.collect(() => loadVarsFile(file, pos)) ?? []
  })
  // What a file that cannot be read would define is not reported as well.
  return { located, open: located.length < play.varsFiles.length }
}
