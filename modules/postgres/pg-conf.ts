import * as z from 'zod'
import { defineModule } from '../../contract/module.ts'
import { choice, mapping, scalar, text } from '../../contract/params.ts'
import { clusterParams, requireCluster } from '../../postgres/cluster/cluster.ts'
import { requireLibraries } from '../../postgres/conf/libraries.ts'
import { planConf, restartNeeded } from '../../postgres/conf/plan.ts'
import { plannedCertificate, readConf } from '../../postgres/conf/read.ts'

const params = z.strictObject({
  ...clusterParams,
  settings: mapping(text(), scalar().nullable()).meta({
    description:
      "Settings by name, with units as in postgresql.conf. null takes this module's own line out again, which brings back the default or what another file says.",
    example: { listen_addresses: '*', wal_level: 'logical', shared_buffers: '1GB' },
  }),
  file: text({
    expected: 'the name of a file in conf.d that ends in .conf',
    fits: /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.conf$/,
  })
    .default('play.conf')
    .meta({ description: 'Name of the file in conf.d that holds these settings.', example: 'play.conf' }),
  apply: choice('reload', 'none').default('reload').meta({
    description: 'Whether the server is told to reload what can be reloaded. It is never restarted here.',
  }),
})

/**
 * Settings of a cluster, in a file of conf.d (Setting Parameters, 20.1.2). What needs a restart is reported, and
 * done by `pg_cluster` with `restart: pending`.
 */
export const pgConfModule = defineModule({
  name: 'pg_conf',
  summary: 'Settings of a cluster, checked against the server, with what needs a restart told apart',
  params,
  async inspect(host, given) {
    const cluster = await requireCluster(host, given)
    await requireLibraries(host, cluster, given.settings)
    const conf = await readConf(host, cluster)
    const file = given.settings.ssl_cert_file
    if (typeof file === 'string') conf.tls.planned = plannedCertificate(host, file)
    return conf
  },
  plan: (state, given) => planConf(state, wishOf(given)),
  result({ state, params: given, plan }) {
    const restart = restartNeeded(state, wishOf(given))
    return {
      restart_required: restart.length > 0,
      restart_settings: restart,
      reload: plan.steps.some((step) => step.do === 'sql' && step.text.includes('pg_reload_conf')),
    }
  },
})

const wishOf = ({ settings, file, apply }: z.output<typeof params>) => ({
  settings,
  file,
  apply,
  module: 'pg_conf',
})
