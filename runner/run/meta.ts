import { compileCondition } from '../load/condition.ts'
import { settled } from '../load/outside.ts'
import type { Meta } from '../load/types.ts'
import { isSelected } from './entries.ts'
import { failOn, reportOutcome } from './host-task.ts'
import type { Inherited } from './inherit.ts'
import { unwanted } from './outcome.ts'
import { type BatchContext, flushHandlers, inheritedOf } from './play.ts'
import { whereOf } from './where.ts'

/** Those that concern all hosts together are done where the first one says so, as in Ansible's linear strategy. */
const FOR_ALL: ReadonlySet<Meta['action']> = new Set([
  'end_play',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'refresh_inventory',
])

/** @returns the hosts that failed over it */
export async function runMeta(
  meta: Meta,
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
): Promise<Set<string>> {
  const isAsked = await isSelected(meta.pos, hosts, inherited, context)
  if (!isAsked || context.startAt.name !== undefined) return new Set()
  const { fleet, playVars, play } = context
  const task = await settled(() => fleet.variables.heading(meta, hosts[0]!, playVars, inherited), context)
  const at = `${meta.file}:${meta.pos.line}`
  fleet.options.emit({ event: 'task_start', play: play.name, task, kind: 'task', at })
  const failed = new Set<string>()
  const asked = FOR_ALL.has(meta.action) ? hosts.slice(0, 1) : hosts
  const wanting: string[] = []
  for (const name of asked) {
    const tell = (outcome: Parameters<typeof reportOutcome>[0]) =>
      reportOutcome(outcome, { name: task, module: 'meta' }, name, null, 0, context, 'task')
    try {
      const scope = fleet.variables.scope(fleet.host(name), playVars, inherited)
      const wrong = await settled(
        () => inherited.when.find((condition) => !compileCondition(condition).test(scope)),
        context,
      )
      if (wrong) tell(unwanted(wrong))
      else wanting.push(name)
    } catch (error) {
      if (failOn(name, error, { name: task, module: 'meta', pos: meta.pos }, context, 'task'))
        failed.add(name)
    }
  }
  if (wanting.length === 0) return failed
  const concerned = FOR_ALL.has(meta.action) ? hosts : wanting
  try {
    for (const name of await ACTIONS[meta.action](concerned, inherited, context)) failed.add(name)
  } catch (error) {
    for (const name of concerned)
      if (failOn(name, error, { name: task, module: 'meta', pos: meta.pos }, context, 'task'))
        failed.add(name)
  }
  return failed
}

const NONE: ReadonlySet<string> = new Set()

type Action = (
  hosts: readonly string[],
  inherited: Inherited,
  context: BatchContext,
) => Promise<ReadonlySet<string>> | ReadonlySet<string>

const end: Action = (hosts, _, { course }) => {
  for (const name of hosts) course.ended.add(name)
  return NONE
}

const ACTIONS: Record<Meta['action'], Action> = {
  noop: () => NONE,
  flush_handlers: (hosts, _, context) =>
    flushHandlers(hosts, inheritedOf(context.play, context.base), context),
  end_host: end,
  end_batch: end,
  end_play(hosts, inherited, context) {
    context.course.playEnds = true
    return end(hosts, inherited, context)
  },
  clear_facts(hosts, _, { fleet }) {
    for (const name of hosts) fleet.host(name).clearFacts()
    return NONE
  },
  clear_host_errors(_hosts, _, { tally, playVars }) {
    for (const name of playVars.all) tally.forgive(name)
    return NONE
  },
  async refresh_inventory(_hosts, _, { fleet }) {
    fleet.refreshInventory()
    return NONE
  },
  async reset_connection(hosts, inherited, context) {
    const { fleet, playVars, play } = context
    for (const name of hosts) {
      const host = fleet.host(name)
      const scope = () => fleet.variables.scope(host, playVars, inherited)
      const asked = { fleet, playVars, inherited, host, named: host }
      const { reach } = await settled(() => whereOf(asked, scope, play.pos), context)
      await fleet.options.renew?.(name, reach)
    }
    return NONE
  },
}
