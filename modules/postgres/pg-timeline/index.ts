import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { anything, choice, flag } from '../../../contract/params.ts'
import type { Plan } from '../../../contract/plan.ts'
import { newClusterParams } from '../../../postgres/cluster/meant.ts'
import { readStand, type Stand, stand } from './inspect.ts'

const params = z.strictObject({
  ...newClusterParams,
  primary: flag().default(false).meta({
    description:
      'It is to be a primary: refused where a server of `others` with its system identifier is on a later timeline, because that one, or whom it follows, took over from it.',
  }),
  others: z
    .array(z.union([z.array(anything()), anything()]))
    .default([])
    .meta({
      description:
        'What this module registered of other hosts, or lists of that. What says nothing of a server counts for nothing.',
      example: ['{{ timelines.results }}'],
    }),
  in_group: flag().default(false).meta({
    description: 'Also what tells who is the primary of a pg_ha_group: for pg_ha_roles.',
  }),
  fence: choice('refuse', 'ignore').default('refuse').meta({
    description: 'With `primary`: `refuse` one that is fenced (pg_fence).',
  }),
})
type Params = z.infer<typeof params>

interface State {
  here: Stand
}

/** Reads where a cluster stands among those that it may have been one server with. */
export const pgTimelineModule = defineModule<Params, State>({
  name: 'pg_timeline',
  summary:
    'Reads which server a cluster is and on which timeline, and refuses a primary whose successor is there; changes nothing',
  changesNothing: () => true,
  params,
  inspect: async (host: HostReader, given) => ({ here: await readStand(host, given, given.in_group) }),
  plan({ here }, given): Plan {
    if (given.primary) refuseSucceeded(here, given)
    return { changes: [], steps: [] }
  },
  result: ({ state: { here } }) => ({ ...here }),
})

/** @throws {Refusal} */
function refuseSucceeded(here: Stand, { others, fence, version, cluster }: Params): void {
  if (here.system_identifier === null || here.timeline === null) return
  const name = `cluster ${version}/${cluster} of ${here.host}`
  const later = others
    .flat()
    .flatMap((one) => stand.safeParse(one).data ?? [])
    .filter((one) => one.host !== here.host && one.system_identifier === here.system_identifier)
    .filter(({ timeline }) => timeline! > here.timeline!)
    // A primary says more than who follows it.
    .sort((a, b) => Number(b.role === 'primary') - Number(a.role === 'primary') || b.timeline! - a.timeline!)
  const [first] = later
  if (first)
    throw new Refusal(
      `${name} is to be a primary, and ${tookOver(here, first)}`,
      `If a switchover or failover to ${first.host} was interrupted, run it again: it ends with what to write into the inventory. Then: play playbooks/rejoin.yaml -i INVENTORY -e host=${here.host}`,
      [here, ...later].map(describe),
    )
  if (here.fenced !== null && fence === 'refuse')
    throw new Refusal(
      `${name} is to be a primary, and is fenced: ${here.fenced} takes over from it`,
      `Run again what was interrupted: play playbooks/switchover.yaml -i INVENTORY -e new_primary=${here.fenced} (or failover.yaml). If ${here.fenced} never comes back, and was no primary: remove standby.signal in its data directory, write auto into its start.conf, and start it.`,
      [describe(here)],
    )
}

function tookOver({ timeline }: Stand, { host, role, left }: Stand): string {
  const at = left[timeline!] === undefined ? '' : ` at ${left[timeline!]}`
  return role === 'primary' || role === 'fenced'
    ? `${host} took over from it${at}`
    : `another took over from it${at}, whom ${host} follows`
}

const describe = ({ host, role, running, system_identifier, timeline }: Stand): string =>
  `${host}: ${role}, ${running ? 'running' : 'stopped'}, timeline ${timeline}, system identifier ${system_identifier}`
