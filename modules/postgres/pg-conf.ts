import * as z from 'zod'
import { type Contradiction, defineModule, type WrittenArguments } from '../../contract/module.ts'
import { anyCaseMapping, choice, scalar, text } from '../../contract/params.ts'
import { requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { requireLibraries } from '../../postgres/conf/libraries.ts'
import { type ConfWish, planConf, restartNeeded } from '../../postgres/conf/plan.ts'
import { type ConfState, plannedCertificate, readConf } from '../../postgres/conf/read.ts'
import { requireStartable } from '../../postgres/conf/startable.ts'
import { wantedSettings } from '../../postgres/conf/wanted-settings.ts'
import { sameValue, textOf } from '../../postgres/settings/value.ts'

const params = z.strictObject({
  ...clusterParams,
  settings: anyCaseMapping(text(), scalar().nullable())
    .default({})
    .meta({
      description:
        "Settings by name, with units as in postgresql.conf. null takes this module's own line out again, which brings back the default or what another file says.",
      example: { listen_addresses: '*', wal_level: 'logical', shared_buffers: '1GB' },
    }),
  at_least: anyCaseMapping(text(), scalar())
    .default({})
    .meta({
      description:
        'Settings that allow something (wal_level, and numbers such as max_wal_senders): raised to this where they are lower, never lowered.',
      example: { wal_level: 'logical', max_replication_slots: 10 },
    }),
  defaults: anyCaseMapping(text(), scalar())
    .default({})
    .meta({
      description: 'Settings that are made only where no file of the cluster says anything about them.',
      example: { listen_addresses: '*' },
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

type Params = z.output<typeof params>

/**
 * Settings of a cluster, in a file of conf.d (Setting Parameters, 20.1.2). What needs a restart is reported, and
 * done by `pg_cluster` with `restart: pending`.
 */
export const pgConfModule = defineModule({
  name: 'pg_conf',
  summary: 'Settings of a cluster, checked against the server, with what needs a restart told apart',
  params,
  contradicts: twoFiles,
  async inspect(host, given) {
    const cluster = await requireCluster(host, given)
    const conf = await readConf(host, cluster)
    const { settings } = wishOf(conf, given)
    await Promise.all([
      requireLibraries(host, cluster, settings),
      requireStartable(host, cluster, changed(conf, settings)),
    ])
    const file = given.settings.ssl_cert_file
    if (typeof file === 'string') conf.tls.planned = plannedCertificate(host, file)
    return conf
  },
  plan: (state, given) => planConf(state, wishOf(state, given)),
  result({ state, params: given, plan }) {
    const restart = restartNeeded(state, wishOf(state, given))
    return {
      restart_required: restart.length > 0,
      restart_settings: restart,
      reload: plan.steps.some((step) => step.do === 'sql' && step.text.includes('pg_reload_conf')),
    }
  },
})

/** One setting in two files: the later file wins in the server, and the task of the other one says each time that it is done. */
function twoFiles(earlier: WrittenArguments, later: WrittenArguments): Contradiction[] {
  const of = ({ version, cluster = 'main' }: WrittenArguments) => JSON.stringify([version, cluster])
  const files = [earlier, later].map(({ file = 'play.conf' }) => String(file)) as [string, string]
  if (of(earlier) !== of(later) || files[0] === files[1] || files.some((file) => file.includes('{{')))
    return []
  const found = new Map(literals(earlier).map(({ name, ...one }) => [name, one]))
  return literals(later).flatMap(({ name, written, value }) => {
    const other = found.get(name)
    if (!other || isOneValue(name, other.value, value)) return []
    return {
      earlier: ['settings', other.written],
      later: ['settings', written],
      message: `${name} is ${value} here in ${files[1]}, and ${other.value} in ${files[0]} ({earlier}): ${files[0] < files[1] ? files[1] : files[0]} is read last, and wins`,
      hint: 'take it out of one of the two tasks, or give both the same `file`',
    }
  })
}

/** Of whichever type the setting is: no server is asked yet. */
const isOneValue = (name: string, one: string, other: string): boolean =>
  one === other ||
  (
    [
      { name, vartype: 'bool', context: '' },
      { name, vartype: 'real', unit: 'kB', context: '' },
      { name, vartype: 'real', unit: 'ms', context: '' },
    ] as const
  ).some((setting) => sameValue(setting, one, other))

/** Settings with a value that no template makes. */
function literals({ settings }: WrittenArguments): { name: string; written: string; value: string }[] {
  if (typeof settings !== 'object' || settings === null) return []
  return Object.entries(settings).flatMap(([written, value]) =>
    value === null || typeof value === 'object' || String(value).includes('{{')
      ? []
      : [{ name: written.toLowerCase(), written, value: textOf(value) }],
  )
}

/**
 * The settings that are not as the files have them, as texts. Two clusters may swap their ports: whether one is free is asked
 * where the server is to take it.
 */
const changed = (conf: ConfState, settings: ConfWish['settings']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === null ||
      name.toLowerCase() === 'port' ||
      conf.effective.get(name.toLowerCase())?.value === textOf(value)
        ? []
        : [[name, textOf(value)]],
    ),
  )

function wishOf(state: ConfState, given: Params): ConfWish {
  const { file, apply } = given
  return { settings: wantedSettings(state, given), file, apply, module: 'pg_conf' }
}
