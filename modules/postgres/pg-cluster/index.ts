import { defineModule } from '../../../contract/module.ts'
import { inspect, type State } from '../../../postgres/cluster/inspect.ts'
import { type Params, params } from '../../../postgres/cluster/params.ts'
import { pendingRestart } from '../../../postgres/settings/running.ts'
import { plan } from './plan.ts'

/** A cluster in Debian's sense (pg_createcluster(1)): created, started, restarted where needed, dropped if confirmed. */
export const pgClusterModule = defineModule<Params, State>({
  name: 'pg_cluster',
  summary: 'Creates, starts, stops, restarts, reloads and, behind a confirmation, drops a cluster',
  params,
  inspect,
  plan,
  result({ state, params: given, plan: { changes } }) {
    const { cluster, create, conf } = state
    const restarts = changes.some(({ after }) => after === 'restarted' || after === 'running')
    return {
      version: given.version,
      cluster: given.cluster,
      port: cluster?.port ?? create?.port,
      data_dir: cluster?.dataDir ?? create?.dataDir,
      created: !cluster && create !== undefined,
      restarted: changes.some(({ after }) => after === 'restarted'),
      pending_restart: restarts || !conf ? [] : pendingRestart(conf.settings, conf.effective),
    }
  },
})
