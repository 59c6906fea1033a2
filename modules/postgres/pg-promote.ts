import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, duration, nonEmpty, port } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'
import { fileKey } from '../../contract/shared-facts.ts'
import { lsn } from '../../postgres/catalog/names.ts'
import { type Cluster, requireServer, targetOf } from '../../postgres/cluster/cluster.ts'
import { keyOfCluster } from '../../postgres/cluster/key.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { signalOf } from '../../postgres/standby/signal.ts'
import { type Answer, isReady } from './pg-isready.ts'

const params = z.strictObject({
  ...clusterParams,
  upstream: z
    .strictObject({
      host: nonEmpty().meta({ description: 'Name or address.', example: 'vm3' }),
      port: port().default(5432).meta({ description: 'TCP port.' }),
    })
    .meta({
      description:
        'The primary that it followed, which must have stopped answering: two primaries would part for good.',
      example: { host: 'vm3' },
    }),
  replayed: lsn.optional().meta({
    unset: 'all that it has received',
    description:
      "It must have replayed the WAL record that begins here: of a primary that was shut down, `pg_controldata`'s latest checkpoint. Then nothing is lost.",
    example: '0/3000148',
  }),
  fence: choice('require', 'ignore').default('require').meta({
    description:
      'Refuse where subscriptions came along with the copy and their workers would start with the promotion (max_logical_replication_workers is not 0).',
  }),
  timeout: duration({ min: 1, whole: true })
    .default(60)
    .meta({ description: 'How long to wait for the replay, and for the promotion.' }),
})
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  /** null: it is a primary already. */
  standby: { upstream: Answer; workers: number; subscriptions: string[] } | null
}

export const pgPromoteModule = defineModule<Params, State>({
  name: 'pg_promote',
  summary:
    'Makes a standby a primary, where its primary is gone and nothing that came along can start by itself',
  params,
  async inspect(host, given): Promise<State> {
    const cluster = await requireServer(host, given)
    if (!cluster.recovery) return { cluster, standby: null }
    const upstream = await isReady(host, {
      version: cluster.version,
      cluster: cluster.name,
      ...given.upstream,
    })
    const [row] = await host.sql(targetOf(cluster), FENCE)
    // While planned changes are only planned, nothing more will arrive: the run waits.
    if (given.replayed !== undefined && !host.planned('any')) await untilReplayed(host, cluster, given)
    return { cluster, standby: { upstream, workers: row!.workers, subscriptions: row!.subscriptions } }
  },
  plan({ cluster, standby }, given): Plan {
    if (!standby) return { changes: [], steps: [] }
    const name = `cluster ${cluster.version}/${cluster.name}`
    refuseTwoPrimaries(standby.upstream, given)
    refuseUnfenced(standby, name, given)
    const on = targetOf(cluster)
    return {
      changes: [{ path: name, before: 'standby', after: 'primary', destructive: true, reason: 'promoted' }],
      steps: [
        { do: 'sql', title: 'the promotion', on, text: 'select pg_promote(false)' },
        {
          do: 'wait',
          ready: { on, text: 'select 1 where not pg_is_in_recovery()' },
          timeout: given.timeout,
          message: `${name} was told to be a primary, but is still in recovery after ${given.timeout} s`,
        },
        // Until then its control file names the old timeline, and pg_rewind takes that for "no rewind required".
        { do: 'sql', title: 'the checkpoint on the new timeline', on, text: 'checkpoint' },
      ],
      predicts: [
        predict(keyOfCluster(cluster), { ...cluster, recovery: false }),
        predict(fileKey(signalOf(cluster.dataDir)), null),
      ],
    }
  },
  result: ({ plan }) => ({ promoted: plan.steps.length > 0 }),
})

const FENCE = `select current_setting('max_logical_replication_workers')::int as workers,
  (select coalesce(json_agg(subname order by subname), '[]') from pg_subscription where subenabled) as subscriptions`

/** Waits until the record that begins at `replayed` has been replayed. @throws {Refusal} when the time is over */
async function untilReplayed(host: HostReader, cluster: Cluster, { replayed, timeout }: Params) {
  const look = `select pg_last_wal_replay_lsn()::text as lsn, pg_last_wal_replay_lsn() > $1::pg_lsn as done,
    extract(epoch from clock_timestamp())::float8 as now`
  for (let began: number | undefined; ; ) {
    const [row] = await host.sql(targetOf(cluster), look, [replayed])
    began ??= row!.now as number
    if (row!.done) return
    if (row!.now - began >= timeout)
      throw new Refusal(
        `${host.name} has replayed WAL up to ${row!.lsn ?? 'nothing'}, and its primary had written more: the record at ${replayed} is missing`,
        'Start the old primary again, and let the standby catch up.',
      )
    host.waiting()
    await host.sql(targetOf(cluster), 'select pg_sleep(0.05)')
  }
}

function refuseTwoPrimaries(answer: Answer, { upstream }: Params): void {
  if (answer === 'no response') return
  throw new Refusal(
    `${upstream.host}:${upstream.port} still answers ("${answer}"): a promotion would make two primaries`,
    'Stop it first. To change the roles of two servers that are well, use playbooks/switchover.yaml.',
  )
}

function refuseUnfenced(
  { workers, subscriptions }: NonNullable<State['standby']>,
  name: string,
  { fence }: Params,
) {
  if (fence === 'ignore' || workers === 0 || subscriptions.length === 0) return
  throw new Refusal(
    `the subscriptions of ${name} (${subscriptions.join(', ')}) would start with its promotion and take the slots of the server that it is a copy of: max_logical_replication_workers is ${workers}`,
    'Set it to 0 and restart the standby, as standby_signal does. Then promote, and take the slots over before it is raised.',
  )
}
