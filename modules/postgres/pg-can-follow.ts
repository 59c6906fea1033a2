import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { anyCaseMapping, choice, scalar, text } from '../../contract/params.ts'
import { type Cluster, requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { capacityOf } from '../../postgres/conf/capacity.ts'
import { settingOf } from '../../postgres/conf/check.ts'
import { readConf } from '../../postgres/conf/read.ts'
import { identify, upstreamName, upstreamParams } from '../../postgres/standby/upstream.ts'

const params = z.strictObject({
  ...clusterParams,
  upstream: upstreamParams.meta({
    description: 'The server that it would follow, as its server would reach it.',
    example: { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  allows: anyCaseMapping(text(), scalar())
    .default({})
    .meta({
      description:
        'Settings of that server of which a standby must allow as much (max_connections and its like).',
      example: { max_connections: 100 },
    }),
  unproven: choice('refuse', 'accept')
    .default('refuse')
    .meta({ description: 'What then, where something of it cannot be proven.' }),
})
type Params = z.output<typeof params>

/** What speaks against it, in words; empty where all is well. */
type State = string[]

/**
 * Whether the server here could follow another one as its standby, should it become one: a real replication connection is
 * opened, and what the two allow is compared (Hot Standby, 27.4.3). Changes nothing.
 */
export const pgCanFollowModule = defineModule<Params, State>({
  name: 'pg_can_follow',
  summary: 'Proves, before anything stops, that a server could follow another one; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    if (cluster.fresh || cluster.copyOf) return []
    return [...(await connection(host, given, cluster)), ...(await capacity(host, cluster, given))]
  },
  plan(found, { upstream, unproven }) {
    if (found.length === 0) return { changes: [], steps: [] }
    if (unproven === 'accept') return { changes: [], steps: [], notes: found }
    throw new Refusal(
      `it cannot be proven that this server could follow ${upstreamName(upstream)}`,
      'Mend it, or go on without: `-e unproven=accept`.',
      found,
    )
  },
  result: ({ state }) => ({ unproven: state }),
})

async function connection(host: HostReader, given: Params, cluster: Cluster): Promise<string[]> {
  // It need not be there: only that the question is allowed counts.
  const found = await identify(host, {
    ...given,
    version: cluster.version,
    cluster: cluster.name,
    slot: 'play_probe',
  })
  const name = upstreamName(given.upstream)
  if (!found.reachable)
    return found.planned
      ? []
      : [`a replication connection to ${name} as ${given.upstream.user}: ${found.why}`]
  const own = cluster.systemIdentifier
  if (own === undefined || found.systemIdentifier === own) return []
  return [`${name} is another system (${found.systemIdentifier}) than this server (${own})`]
}

async function capacity(host: HostReader, cluster: Cluster, given: Params): Promise<string[]> {
  const conf = await readConf(host, cluster)
  return Object.entries(given.allows).flatMap(([name, there]) => {
    const setting = settingOf(conf, name)
    if (!setting) return []
    const here = conf.effective.get(name.toLowerCase())?.value ?? setting.boot
    const [own, least] = [here, there].map((value) =>
      value === undefined ? undefined : capacityOf(setting, value),
    )
    if (own === undefined || least === undefined || own >= least) return []
    return [`${name}: ${here} here, ${there} on ${upstreamName(given.upstream)}`]
  })
}
