import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { inventoryCommand } from '../../../../runner/commands/inventory/index.ts'
import { limitHosts, resolvePattern } from '../../../../runner/load/host-pattern.ts'
import { type LoadedInventory, loadInventory } from '../../../../runner/load/inventory.ts'
import { parseArguments } from '../../../../runner/options/arguments.ts'
import { INVENTORIES, type InventoryCase } from '../../../oracle/inventory/inventories.ts'
import { DIFFERENT, LIMITS, PATTERN_INVENTORY, PATTERNS } from '../../../oracle/inventory/patterns.ts'
import { inventoryArgs, type Recorded } from '../../../oracle/inventory/recorded.ts'
import { errorsOf, files } from '../files.ts'

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../../oracle/inventory/recorded.json', import.meta.url), 'utf8'),
)

/** JSON, or a graph as it is. */
async function shown(one: InventoryCase): Promise<unknown> {
  const folder = files({ ...one.files, '.keep': '' })
  for (const [name, text] of Object.entries(one.files))
    if (text.startsWith('#!')) chmodSync(join(folder, name), 0o755)
  const parts: string[] = []
  const output = new Writable({ write: (part, _, done) => done(void parts.push(String(part))) })
  const from = process.cwd()
  process.chdir(folder)
  try {
    await inventoryCommand(parseArguments(['inventory', ...inventoryArgs(one)], {}), output)
  } finally {
    process.chdir(from)
  }
  const text = parts.join('')
  return text.startsWith('@') ? text : JSON.parse(text)
}

describe(`play inventory answers as ansible-inventory ${recorded.version} does`, () => {
  it('to the cases that were recorded', () => {
    expect(recorded.inventories.map(({ name }) => name)).toEqual(INVENTORIES.map(({ name }) => name))
  })
  INVENTORIES.forEach((one, index) => {
    const { answer } = recorded.inventories[index]!
    if (one.differs === undefined) it(one.name, async () => expect(await shown(one)).toEqual(answer))
    else
      it(`not: ${one.name} (${one.differs})`, async () => {
        const own = await shown(one).catch(() => 'refused')
        expect(own).not.toEqual(answer)
        if (one.differs!.startsWith('play refuses')) expect(own).toBe('refused')
      })
  })
})

describe(`patterns mean the hosts that they mean to ansible ${recorded.version}, in its order`, () => {
  const inventory = (): { folder: string; inventory: LoadedInventory } => {
    const folder = files(PATTERN_INVENTORY)
    return { folder, inventory: loadInventory([join(folder, 'hosts')]) }
  }
  const hostsFor = (pattern: string) => recorded.patterns.find((one) => one.pattern === pattern)?.hosts
  it.each(PATTERNS.map((pattern) => [pattern]))('%s', (pattern) => {
    expect(resolvePattern(inventory().inventory, pattern).hosts).toEqual(
      DIFFERENT[pattern] ?? hostsFor(pattern),
    )
  })
  it.each(LIMITS.map((limit) => [limit]))('--limit %s', (limit) => {
    const { folder, inventory: loaded } = inventory()
    const limited = () => limitHosts(loaded, limit.replace('@limit', `@${folder}/limit`))
    const hosts = hostsFor(`--limit ${limit}`)
    if (hosts === null) expect(errorsOf(limited)).toHaveLength(1)
    else expect(limited()).toEqual(hosts)
  })
})
