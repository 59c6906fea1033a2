import { join, resolve } from 'node:path'
import type { Addition } from '../../contract/module.ts'
import { Draft, type InventoryWarning } from './inventory/draft.ts'
import { groupNodes } from './inventory/graph.ts'
import { grownDraft } from './inventory/grown.ts'
import { buildHosts, type LoadedGroup, type LoadedHost, type VarsFolders } from './inventory/hosts.ts'
import { readSource } from './inventory/sources.ts'
import { VarsFolder } from './inventory/vars-folder.ts'
import type { Inventory, InventoryHost, Vars } from './types.ts'

export { findHost, implicitLocalhost } from './inventory/localhost.ts'
export type { InventoryWarning }

export interface LoadedInventory extends Inventory {
  hosts: Map<string, LoadedHost>
  groups: Map<string, LoadedGroup>
  /** What is allowed but probably not meant. */
  warnings: InventoryWarning[]
  grown(additions: readonly Addition[]): LoadedInventory
  /** Where the inventory has no `localhost`; not among `hosts`. */
  localhost: InventoryHost
}

/**
 * Reads the inventory: each source is a file (YAML or INI), a folder of them, or names with a comma; what later ones
 * say wins. Variables have Ansible's precedence: groups in the files, group_vars/all, other group_vars (deeper groups
 * win, then ansible_group_priority, then the name), hosts in the files, host_vars. Each file is read once; the variables
 * of a host are merged when first asked for.
 *
 * @param playbookFolders whose group_vars/ and host_vars/ win over those beside the sources
 * @param runsPrograms whether sources that are programs are run: where somebody named them
 * @param extraVars what -e says, which sources may ask for
 * @throws {PlayErrors} with everything found
 */
export function loadInventory(
  sources: readonly string[],
  playbookFolders: readonly string[] = [],
  runsPrograms = true,
  extraVars: Vars = {},
): LoadedInventory {
  const draft = new Draft(extraVars)
  const dirs = sources.map((source) => readSource(draft, source, runsPrograms))
  const beside = lastOfEach([
    ...dirs.filter((dir) => dir !== undefined),
    ...playbookFolders.map((dir) => resolve(dir)),
  ])
  const folders = {
    groups: beside.map((dir) => new VarsFolder(join(dir, 'group_vars'), draft.groups.keys(), draft)),
    hosts: beside.map((dir) => new VarsFolder(join(dir, 'host_vars'), hostNames(draft), draft)),
  }
  const nodes = groupNodes(draft)
  draft.diagnostics.throwIfAny()
  return {
    ...buildHosts(draft, nodes, folders),
    dir: dirs.find((dir) => dir !== undefined) ?? process.cwd(),
    warnings: warningsOf(draft),
    grown(additions) {
      return { ...this, ...grow(draft, additions, folders) }
    },
  }
}

/** Groups that are new have variables in group_vars/ too, as in Ansible. @throws {PlayErrors} */
function grow(draft: Draft, additions: readonly Addition[], folders: VarsFolders) {
  const known = grownDraft(draft, additions)
  for (const folder of folders.groups) folder.read(known.groups.keys(), known)
  for (const folder of folders.hosts) folder.read(known.hosts.keys(), known)
  const nodes = groupNodes(known)
  known.diagnostics.throwIfAny()
  return buildHosts(known, nodes, folders)
}

/** A folder named twice counts where it is named last. */
const lastOfEach = (folders: string[]): string[] =>
  folders.filter((dir, at) => folders.lastIndexOf(dir) === at)

/** Implicit localhost has host_vars too. */
const hostNames = (draft: Draft): Set<string> => new Set([...draft.hosts.keys(), 'localhost'])

function warningsOf(draft: Draft): InventoryWarning[] {
  const clashes = [...draft.groups.keys()]
    .filter((name) => draft.hosts.has(name))
    .map((name) => ({ message: `${name} is both a group and a host; a pattern ${name} means the group` }))
  return [...draft.warnings, ...clashes]
}
