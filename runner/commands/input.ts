import { dirname } from 'node:path'
import { UnknownError } from '../../contract/unknown.ts'
import { MODULE_HELPERS } from '../../modules/helpers.ts'
import { modules } from '../../modules/registry.ts'
import type { Options } from '../cli.ts'
import { Diagnostics, PlayError, PlayErrors } from '../errors.ts'
import { parseExtraVars } from '../load/extra-vars.ts'
import { addHelpers } from '../load/helpers.ts'
import { limitHosts } from '../load/host-pattern.ts'
import { loadInventory } from '../load/inventory.ts'
import { beginLookups } from '../load/jinja/lookup-setting.ts'
import { beginLanguages } from '../load/language.ts'
import { throwInOrder } from '../load/playbook/order.ts'
import { loadPlaybooks } from '../load/playbook.ts'
import { beginTemplates } from '../load/template-variables.ts'
import type { Inventory, Play, Vars } from '../load/types.ts'
import { vault } from '../load/vault/vault.ts'
import { preflight } from '../preflight/preflight.ts'
import { hideInError } from '../report/errors.ts'
import { Masker } from '../report/mask.ts'
import { Fleet, type FleetOptions } from '../run/fleet.ts'
import { byAnsibleName } from '../settings/ansible-name.ts'
import { addClusterGroups } from '../topology/groups.ts'
import { checkContents, haGroupsOf } from '../topology/ha-groups.ts'
import { checkNames, topologyVariables } from '../topology/variables.ts'
import { wantedViews } from '../topology/view.ts'
import type { WantedView } from '../topology/wanted-view.ts'
import { checkRoleArguments } from './role-arguments.ts'
import { magicOfRun } from './run-magic.ts'

/** What the arguments name, read and found to be right. */
export interface Input {
  extraVars: Vars
  /** Magic variables that are the same for all hosts. */
  ofRun: Vars
  inventory: ReturnType<typeof loadInventory>
  /** Reads its sources again. @throws {PlayErrors} */
  readInventory: () => Inventory
  plays: Play[]
  /** Of playbooks; the inventory has its own. */
  warnings: Diagnostics['warnings']
  /** Hosts of --limit. */
  limit?: string[]
}

/** What the inventory wants of a host's cluster. */
const WANTED = 'pg_wanted'

/** The variables that are made of those of the inventory. */
export const DERIVED: NonNullable<FleetOptions['derived']> = {
  [WANTED]: (variablesOf, inventory) => wantedViews(inventory, variablesOf),
  pg_ha_groups(variablesOf, inventory) {
    const groups = haGroupsOf(topologyVariables(inventory, variablesOf))
    return new Map([...inventory.hosts.keys()].map((host) => [host, groups]))
  },
}

/** What is known of a run before it begins. */
type Said = Pick<FleetOptions, 'extraVars' | 'ofRun'>

/** The groups of clusters in an inventory to which a task has added something. */
export const onGrown =
  (said: Said) =>
  (inventory: Inventory): void =>
    addClusterGroups(inventory, scopesOf(inventory, said))

/** The variables of each host, before anything of it is known. */
const scopesOf = (inventory: Inventory, said: Said): ((host: string) => Vars) => {
  const fleet = fleetOf(inventory, said)
  return (host) => fleet.variables.hostScope(host)
}

/** The hosts before anything of them is known. */
const fleetOf = (inventory: Inventory, said: Said): Fleet =>
  new Fleet({
    ...{
      inventory,
      ...said,
      check: true,
      masker: new Masker(),
      emit: () => {},
      playbookDir: inventory.dir,
    },
    connect: () => Promise.reject(new Error('nothing is read before the first connection')),
  })

/** What playbooks that read it rely on. */
function checkVariables(
  inventory: Inventory,
  said: Said,
  used: ReadonlySet<string>,
  diagnostics: Diagnostics,
): void {
  checkNames(inventory, (name) => used.has(name), diagnostics)
  const variablesOf = scopesOf(inventory, said)
  diagnostics.collect(() => {
    try {
      for (const view of wantedViews(inventory, variablesOf).values()) readAll(view, diagnostics)
      checkContents(topologyVariables(inventory, variablesOf), inventory, variablesOf, diagnostics)
    } catch (error) {
      // What is in a cluster may hang on what only the run will know; the topology may not.
      if (!(error instanceof UnknownError)) throw error
      requireTopology(inventory, variablesOf)
    }
  })
}

/** @throws {PlayError} code 'inventory' */
function requireTopology(inventory: Inventory, variablesOf: (host: string) => Vars): void {
  try {
    topologyVariables(inventory, variablesOf)
  } catch (error) {
    if (!(error instanceof UnknownError)) throw error
    throw new PlayError('inventory', error.message, {
      hint: 'The groups of its clusters are made before the run: write the value, or a variable that -e can give.',
    })
  }
}

/** What hangs on facts is told when it is read. */
function readAll(view: WantedView, diagnostics: Diagnostics): void {
  try {
    void [view.settings, view.hba_rules, view.databases]
  } catch (error) {
    const errors = error instanceof PlayErrors ? error.errors : [error]
    for (const one of errors)
      if (one instanceof UnknownError) continue
      else if (!(one instanceof PlayError)) throw one
      else if (one.code === 'inventory') diagnostics.errors.push(one)
  }
}

/** What is wrong with an encrypted file is told without what it holds. */
function hidingSecrets(work: () => void): void {
  try {
    work()
  } catch (error) {
    const masker = new Masker()
    vault.onSecret((secret) => masker.add(secret))
    throw hideInError(error, masker)
  }
}

/** Everything the arguments name, read and checked. @throws {PlayErrors} all that is wrong with any of it, together */
export function loadInput(options: Options): Input {
  addHelpers(MODULE_HELPERS)
  beginLanguages(options.language, options.playbooks[0])
  beginTemplates(options.settings.values.ansible_managed)
  beginLookups((name) => byAnsibleName(options.settings.values, name))
  const diagnostics = new Diagnostics()
  const extraVars = diagnostics.collect(() => parseExtraVars(options.extraVars)) ?? {}
  const said = { extraVars, ofRun: magicOfRun(options) }
  const folders = [...new Set(options.playbooks.map((path) => dirname(path)))]
  const readInventory = () => {
    const read = loadInventory(options.inventory, folders, options.runsPrograms, extraVars)
    addClusterGroups(read, scopesOf(read, said))
    return read
  }
  const inventory = diagnostics.collect(readInventory)
  const plays = loadPlaybooks(options.playbooks, {
    ...{ modules, extraVars, diagnostics },
    settings: options.settings.values,
  })
  let limit: string[] | undefined
  if (inventory) {
    if (options.limit !== undefined) limit = diagnostics.collect(() => limitHosts(inventory, options.limit!))
    const used = preflight({ plays, inventory, modules, extraVars, diagnostics })
    if (used.has(WANTED)) checkVariables(inventory, said, used, diagnostics)
    const limited = (hosts: string[]) => (limit ? hosts.filter((name) => limit!.includes(name)) : hosts)
    checkRoleArguments({ plays, fleet: fleetOf(inventory, said), modules, limit: limited, diagnostics })
  }
  hidingSecrets(() => throwInOrder(diagnostics))
  return { ...said, inventory: inventory!, readInventory, plays, limit, warnings: diagnostics.warnings }
}
