import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { flag, mapping, nonEmpty, scalar, text } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'
import { sinceVersion } from '../../postgres/catalog/version.ts'
import { type Cluster, requireCluster } from '../../postgres/cluster/cluster.ts'
import { keyOfCluster } from '../../postgres/cluster/key.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { type ConfWish, planConf, restartNeeded } from '../../postgres/conf/plan.ts'
import { type ConfState, readConf } from '../../postgres/conf/read.ts'
import { type DataDir, readDataDir } from '../../postgres/standby/data-dir.ts'
import { type Fence, parseFence } from '../../postgres/standby/fence.ts'
import { signalChange, signalOf, writeSignal } from '../../postgres/standby/signal.ts'
import {
  type Identity,
  identify,
  requirePassfile,
  slotParam,
  upstreamConninfo,
  upstreamName,
  upstreamParams,
} from '../../postgres/standby/upstream.ts'

const params = z.strictObject({
  ...clusterParams,
  upstream: upstreamParams
    .extend({
      application_name: nonEmpty().optional().meta({
        unset: "the host's inventory name",
        description: 'Name by which the upstream knows this standby.',
      }),
    })
    .meta({
      description: 'The server to follow.',
      example: { host: 'vm3', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
    }),
  slot: slotParam,
  fence_subscriptions: flag().default(true).meta({
    description:
      'Keep max_logical_replication_workers at 0. The subscriptions of the upstream came along with the copy: if this standby were promoted without the fence, it would take their slots away from the upstream, and rows would be lost on both.',
  }),
  sync_slots: flag().default(false).meta({
    description:
      'Keep the failover slots of the upstream, so that subscribers find them here once this takes over (PostgreSQL 17): sync_replication_slots, hot_standby_feedback, and `dbname` of the upstream in primary_conninfo.',
  }),
  recovery: mapping(
    text({
      expected: 'a setting of recovery or of a standby',
      fits: /^(recovery_|restore_command$|archive_cleanup_command$|hot_standby_feedback$|max_standby_|wal_receiver_|wal_retrieve_|promote_trigger_file$)/,
    }),
    scalar().nullable(),
  )
    .default({})
    .meta({
      description: 'More settings of recovery and standbys (20.5.4, 20.6.3).',
      example: { recovery_min_apply_delay: '1h' },
    }),
  file: text({
    expected: 'the name of a file in conf.d that ends in .conf',
    fits: /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.conf$/,
  })
    .default('standby.conf')
    .meta({
      description:
        'Name of the file in conf.d that holds these settings: postgresql.auto.conf travels with every base backup, and would make a copy of this standby follow the same upstream through the same slot.',
    }),
})
type Params = z.output<typeof params>

interface State {
  cluster: Cluster
  conf: ConfState
  signal: boolean
  /** play's fence: it was a primary, and nobody has looked yet whether it has something of its own. */
  fence: Fence | null
  /** Where no server runs. */
  disk: DataDir | null
  upstream: Identity | null
  hostName: string
}

/** Makes a copied cluster follow its upstream (27.2.4). Whether it does is for `pg_replication` to prove. */
export const standbySignalModule = defineModule<Params, State>({
  name: 'standby_signal',
  summary:
    'Makes a copied cluster a standby: standby.signal, the connection to its upstream, its slot, the fence',
  params,
  inspect,
  plan,
  result({ state, params: given, plan: { steps } }) {
    const restart = restartNeeded(state.conf, wishOf(state, given))
    return {
      restart_required: restart.length > 0,
      restart_settings: restart,
      reload: steps.some((step) => step.do === 'sql' && step.text.includes('pg_reload_conf')),
    }
  },
})

async function inspect(host: HostReader, given: Params): Promise<State> {
  const cluster = await requireCluster(host, given)
  sinceVersion(cluster, 17, 'sync_slots', given.sync_slots)
  await requirePassfile(host, given.upstream)
  const isPlanned = cluster.fresh === true || cluster.copyOf !== undefined
  const [conf, signal, disk] = await Promise.all([
    readConf(host, cluster),
    host.readFile(signalOf(cluster.dataDir)),
    cluster.running || isPlanned ? null : readDataDir(host, cluster.version, cluster.dataDir),
  ])
  const upstream = disk
    ? await identify(host, { ...given, version: cluster.version, cluster: cluster.name })
    : null
  const fence = parseFence(signal?.toString())
  return { cluster, conf, signal: signal !== null, fence, disk, upstream, hostName: host.name }
}

function plan(state: State, given: Params): Plan {
  refuseNoCopy(state, given)
  const settings = planConf(state.conf, wishOf(state, given))
  if (state.signal) return settings
  const { cluster } = state
  return {
    ...settings,
    changes: [
      signalChange(cluster.dataDir, 'without it the next start would make a second primary'),
      ...settings.changes,
    ],
    // First of all: nothing that follows must leave a directory that starts as a primary.
    steps: [writeSignal(cluster.dataDir), ...settings.steps],
    predicts: [predict(keyOfCluster(cluster), { ...cluster, recovery: true }), ...(settings.predicts ?? [])],
  }
}

function wishOf(
  { hostName }: State,
  { upstream, slot, fence_subscriptions, sync_slots, recovery, file }: Params,
): ConfWish {
  const { application_name = hostName, dbname = 'postgres' } = upstream
  const more = { application_name, ...(sync_slots ? { dbname } : {}) }
  return {
    settings: {
      hot_standby: true,
      primary_conninfo: upstreamConninfo(upstream, more),
      primary_slot_name: slot,
      ...(sync_slots ? { sync_replication_slots: true, hot_standby_feedback: true } : {}),
      ...(fence_subscriptions ? { max_logical_replication_workers: 0 } : {}),
      ...recovery,
    },
    file,
    module: 'standby_signal',
    apply: 'reload',
  }
}

/** A signal file in anything but a copy of this upstream loses what was written there. @throws {Refusal} */
function refuseNoCopy({ cluster, signal, fence, disk, upstream }: State, given: Params): void {
  const from = upstreamName(given.upstream)
  const name = `cluster ${cluster.version}/${cluster.name}`
  if (cluster.copyOf !== undefined) {
    if (cluster.copyOf === from) return
    throw new Refusal(`${name} becomes a copy of ${cluster.copyOf} in this run, not of ${from}`)
  }
  if (fence)
    throw new Refusal(
      `${name} was a primary, and is fenced (${fence.successor} takes over): as a standby it would lose what it wrote since it parted from ${from}`,
      'Let it follow first: playbooks/switchover.yaml, where one was interrupted, or playbooks/rejoin.yaml.',
    )
  if (cluster.running || cluster.fresh) {
    if (cluster.recovery) return
    throw new Refusal(
      `${name} is a primary, and not a copy of ${from}: as a standby it would lose what it holds`,
      'Make a copy first: `pg_basebackup`.',
    )
  }
  const control = disk?.control
  if (!control)
    throw new Refusal(
      `${cluster.dataDir} is no complete data directory`,
      'Make a copy first: `pg_basebackup`.',
    )
  if (upstream?.reachable && upstream.systemIdentifier !== control.systemIdentifier)
    throw new Refusal(
      `${name} is not a copy of ${from}: their system identifiers differ`,
      'Make a copy first: `pg_basebackup`.',
      [`here: ${control.systemIdentifier}`, `upstream: ${upstream.systemIdentifier}`],
    )
  if (signal || /recovery/.test(control.state)) return
  if (!disk.backupLabel)
    throw new Refusal(
      `${name} was a primary when it was stopped: as a standby it would lose what it wrote since it parted from ${from}`,
      'Make a copy: `pg_basebackup`. Or rewind it yourself with pg_rewind.',
      [`state: ${control.state}`, `last write: ${control.modified}`],
    )
  if (upstream && !upstream.reachable)
    throw new Refusal(
      `${from} cannot be reached, so that nobody can tell whether ${cluster.dataDir} is a copy of it`,
      'Start it, and let this host in.',
      [upstream.why],
    )
}
