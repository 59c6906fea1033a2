// Asks ansible-inventory and `ansible --list-hosts` what they make of the inventories and patterns here, and keeps it for
// test/runner/load/inventory/oracle.test.ts.
//   npx tsx test/oracle/inventory/run.ts ROOT   a root file system with ansible-core 2.19, / for this one
import { writeFileSync } from 'node:fs'
import { Ansible, type Driven } from '../ansible.ts'
import { INVENTORIES } from './inventories.ts'
import { LIMITS, PATTERN_INVENTORY, PATTERNS } from './patterns.ts'
import { inventoryArgs, type Recorded } from './recorded.ts'

const ansible = new Ansible(process.argv[2]!)
try {
  INVENTORIES.forEach(({ files }, index) => {
    ansible.write(
      Object.fromEntries(
        Object.entries({ ...files, '.keep': '' }).map(([name, text]) => [`${index}/${name}`, text]),
      ),
    )
  })
  for (const [name, text] of Object.entries(PATTERN_INVENTORY)) ansible.write({ [`patterns/${name}`]: text })
  const hostsOf = (args: string[]): Driven => ({
    kind: 'hosts',
    folder: 'patterns',
    args: ['-i', 'hosts', '--list-hosts', ...args],
  })
  const answers = ansible.drive([
    ...INVENTORIES.map(
      (one, index): Driven => ({ kind: 'inventory', folder: String(index), args: inventoryArgs(one) }),
    ),
    ...PATTERNS.map((pattern) => hostsOf([pattern])),
    ...LIMITS.map((limit) => hostsOf(['all', '--limit', limit])),
  ])
  const recorded: Recorded = {
    version: ansible.version,
    inventories: INVENTORIES.map(({ name }, index) => {
      const { code, stdout } = answers[index]!
      return { name, answer: code === 0 ? parsed(stdout) : null }
    }),
    patterns: [...PATTERNS, ...LIMITS.map((limit) => `--limit ${limit}`)].map((pattern, index) => {
      const { code, stdout } = answers[INVENTORIES.length + index]!
      return { pattern, hosts: code === 0 ? listed(stdout) : null }
    }),
  }
  writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`)
  process.stdout.write(`${recorded.inventories.length} inventories, ${recorded.patterns.length} patterns\n`)
} finally {
  ansible.remove()
}

/** JSON, or the graph as it is. The name of the encoder is none of the inventory. */
function parsed(text: string): unknown {
  if (text.startsWith('@')) return text
  // So it says that a value is data and no template.
  const value = JSON.parse(text, (_, part) => part?.__ansible_unsafe ?? part)
  delete value._meta?.profile
  return value
}

/** `  hosts (2):` and a line for each. */
function listed(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter(Boolean)
}
