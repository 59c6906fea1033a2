import * as z from 'zod'
import { defineModule, Refusal } from '../contract.ts'
import { clusterParams, requireCluster } from './cluster.ts'
import { type Control, readControl } from './standby/control.ts'

const params = z.strictObject(clusterParams)
type Params = z.infer<typeof params>

interface State {
  control: Control
  server: 'primary' | 'standby' | 'stopped'
}

/** What is in the control file of a cluster, running or not. Of a running one it is as of its latest checkpoint. */
export const pgControldataModule = defineModule<Params, State>({
  name: 'pg_controldata',
  summary: 'Reads the control file of a cluster, and whether its server runs; changes nothing',
  changesNothing: () => true,
  params: params as z.ZodType<Params>,
  async inspect(host, given) {
    const cluster = await requireCluster(host, given)
    const control = await readControl(host, cluster.version, cluster.dataDir)
    if (!control)
      throw new Refusal(
        `${cluster.dataDir} has no readable global/pg_control`,
        'It is no complete data directory: make a copy with pg_basebackup.',
      )
    return { control, server: cluster.running ? (cluster.recovery ? 'standby' : 'primary') : 'stopped' }
  },
  plan: () => ({ changes: [], steps: [] }),
  result: ({ state: { control, server } }) => ({
    server,
    system_identifier: control.systemIdentifier,
    state: control.state,
    timeline: control.timeline,
    checkpoint: control.checkpoint,
    modified: control.modified,
  }),
})
