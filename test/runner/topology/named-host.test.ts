import { join } from 'node:path'
import { expect, it } from 'vitest'
import { playCommand } from '../../../runner/commands/run.ts'
import { parseArguments } from '../../../runner/options/arguments.ts'
import type { Event } from '../../../runner/report/events.ts'
import { root } from '../../support/play.ts'

/** A name that matches no host matches no play either: the run would seem to be well. */
it.each([
  ['switchover', 'new_primary'],
  ['failover', 'new_primary'],
  ['rejoin', 'host'],
  ['rebuild-standby', 'host'],
  ['remove-host', 'host'],
])('%s.yaml is refused where the host that is named is not in the inventory', async (playbook, variable) => {
  const inventory = join(root, 'inventory/examples/pair.yaml')
  const path = join(root, 'playbooks', `${playbook}.yaml`)
  const events: Event[] = []
  const options = parseArguments([path, '-i', inventory, '-e', `${variable}=db9`, '--no-lock'])
  const code = await playCommand(options, { report: (event) => events.push(event), close: async () => {} })
  const results = events.flatMap((event) => (event.event === 'task_result' ? [event] : []))
  expect(code).toBe(2)
  expect(results.map(({ host, status }) => [host, status])).toEqual([['localhost', 'failed']])
  expect(results[0]?.error?.message).toMatch(/db9 is no host with pg_version .*: name one of db1, db2/)
})
