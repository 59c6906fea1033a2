import type { Writable } from 'node:stream'
import { jsonText, parseJson } from '../../../contract/exact-json.ts'
import type { Options } from '../../cli.ts'
import { Diagnostics, PlayError } from '../../errors.ts'
import { parseExtraVars } from '../../load/extra-vars.ts'
import { limitHosts } from '../../load/host-pattern.ts'
import { findHost, type LoadedInventory, loadInventory } from '../../load/inventory.ts'
import { didYouMean } from '../../load/nearest.ts'
import { vault } from '../../load/vault/vault.ts'
import { writeYaml } from '../../load/yaml/write.ts'
import { Masker } from '../../report/mask.ts'
import { Output } from '../../report/output.ts'
import { openVault } from '../open-vault.ts'
import { graph } from './graph.ts'
import { listing } from './listing.ts'

/**
 * `play inventory`: what the sources say, in ansible-inventory's shape. Values are as they are written; those that are
 * encrypted stay so, and those of encrypted files are hidden. @returns the exit code
 */
export async function inventoryCommand(options: Options, to: Writable = process.stdout): Promise<number> {
  await openVault(options)
  const request = options.shows!
  const diagnostics = new Diagnostics()
  const extraVars = diagnostics.collect(() => parseExtraVars(options.extraVars)) ?? {}
  const folders = request.playbookDir === undefined ? [] : [request.playbookDir]
  const inventory = diagnostics.collect(() =>
    loadInventory(options.inventory, folders, options.runsPrograms, extraVars),
  )
  diagnostics.throwIfAny()
  for (const { message, pos } of inventory!.warnings)
    process.stderr.write(`[WARNING]: ${pos ? `${pos.file}:${pos.line}: ` : ''}${message}\n`)
  const text = show(inventory!, options, extraVars)
  const output = new Output(to)
  output.write(text)
  await output.close()
  return 0
}

function show(inventory: LoadedInventory, options: Options, extraVars: Record<string, unknown>): string {
  const request = options.shows!
  const masker = new Masker()
  vault.onSecret((secret) => masker.add(secret))
  const hosts = new Set(
    options.limit === undefined ? inventory.hosts.keys() : limitHosts(inventory, options.limit),
  )
  if (request.form === 'graph')
    return graph(inventory, groupNamed(inventory, request.of), request.vars, masker)
  const value =
    request.form === 'host'
      ? { ...hostNamed(inventory, request.of).vars, ...extraVars }
      : listing(inventory, hosts, { extraVars, exported: request.export })
  const shown = masker.maskDeep(plain(value))
  return request.yaml ? writeYaml(shown) : `${jsonText(shown, 4)}\n`
}

/** Encrypted values as the text that they are; keys in order, as ansible-inventory has them. */
function plain(value: unknown): unknown {
  return parseJson(jsonText(value, undefined, (_, inner) => sorted(inner)))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function hostNamed(inventory: LoadedInventory, name: string) {
  const host = findHost(inventory, name)
  if (host) return host
  throw new PlayError('pattern', `there is no host ${name}`, {
    hint: didYouMean(name, [...inventory.hosts.keys()]),
  })
}

function groupNamed(inventory: LoadedInventory, name: string): string {
  if (inventory.groups.has(name)) return name
  throw new PlayError('pattern', `there is no group ${name}`, {
    hint: didYouMean(name, [...inventory.groups.keys()]),
  })
}
