import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadInput } from '../../../runner/commands/input.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import { root } from '../../support/command.ts'

const examples = readdirSync(join(root, 'inventory/examples')).filter((name) => name.endsWith('.yaml'))
const playbooks = readdirSync(join(root, 'playbooks')).filter(
  (name) => name.endsWith('.yaml') && !['demo.yaml', 'play.yaml'].includes(name),
)

describe('every shipped playbook takes every example inventory', () => {
  it.each(examples)('%s', (example) => {
    for (const playbook of playbooks) {
      const options = parseArguments([
        join(root, 'playbooks', playbook),
        ...['-i', join(root, 'inventory/examples', example)],
        ...['-e', 'new_primary=db2', '-e', 'host=db2'],
      ])
      expect(() => loadInput(options as never), playbook).not.toThrow()
    }
  })
})

it('the inventory of the demonstration knows none of them', () => {
  const options = parseArguments([join(root, 'playbooks/demo.yaml'), '-i', join(root, 'inventory')])
  expect([...loadInput(options as never).inventory.hosts.keys()]).toEqual(['vm1', 'vm2', 'vm3', 'vm4'])
})
