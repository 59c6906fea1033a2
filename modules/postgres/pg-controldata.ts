import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { defineModule } from '../../contract/module.ts'
import { choice } from '../../contract/params.ts'
import { type Cluster, requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { type Control, readControl } from '../../postgres/standby/control.ts'
import { type Fence, readFence } from '../../postgres/standby/fence.ts'

const params = z.strictObject({
  ...clusterParams,
  absent: choice('refuse', 'accept').default('refuse').meta({
    description:
      '`accept`: a cluster whose data directory is not there is `server: none`. A copy that was interrupted between its two renamings leaves one.',
  }),
})
type Params = z.infer<typeof params>

interface State {
  /** null: it is not there, which was accepted. */
  control: Control | null
  /** `fenced`: it runs behind play's fence, and only reads. */
  server: 'primary' | 'standby' | 'fenced' | 'stopped' | 'none'
  fence: Fence | null
}

/** What is in the control file of a cluster, running or not. Of a running one it is as of its latest checkpoint. */
export const pgControldataModule = defineModule<Params, State>({
  name: 'pg_controldata',
  summary: 'Reads the control file of a cluster, and whether its server runs; changes nothing',
  changesNothing: () => true,
  params,
  async inspect(host, given) {
    const cluster = await requireCluster(host, given)
    const [control, fence] = await Promise.all([
      readControl(host, cluster.version, cluster.dataDir),
      readFence(host, cluster),
    ])
    if (!control && given.absent === 'accept' && !(await host.stat(cluster.dataDir)))
      return { control, server: 'none', fence }
    if (!control)
      throw new Refusal(
        `${cluster.dataDir} has no readable global/pg_control`,
        'It is no complete data directory: make a copy with pg_basebackup.',
      )
    return { control, server: serverOf(cluster, fence), fence }
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state: { control, server, fence } }) => ({
    server,
    // Who takes over, where it is fenced, running or not.
    fenced: fence?.successor ?? null,
    system_identifier: control?.systemIdentifier ?? null,
    state: control?.state ?? null,
    timeline: control?.timeline ?? null,
    checkpoint: control?.checkpoint ?? null,
    modified: control?.modified ?? null,
  }),
})

function serverOf({ running, recovery }: Cluster, fence: Fence | null): State['server'] {
  if (!running) return 'stopped'
  if (!recovery) return 'primary'
  return fence ? 'fenced' : 'standby'
}
