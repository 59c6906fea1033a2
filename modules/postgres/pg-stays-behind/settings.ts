import type { HostReader } from '../../../contract/host.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { type ConfState, readConf } from '../../../postgres/conf/read.ts'
import { redact } from '../../../postgres/conf/redact.ts'
import { sameValue } from '../../../postgres/settings/value.ts'

/** Of one cluster alone, and made by whoever makes it. */
const OWN = new Set([
  'cluster_name',
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'port',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'stats_temp_directory',
])

/** Settings of its files that another cluster of the host has otherwise, in words. */
export async function settingsLeft(host: HostReader, source: Cluster, target: Cluster): Promise<string[]> {
  const [old, next] = await Promise.all([readConf(host, source), readConf(host, target)])
  const name = (one: Cluster) => `${one.version}/${one.name}`
  const names = [...new Set([...old.effective.keys(), ...next.effective.keys()])].sort()
  return names
    .filter((setting) => !OWN.has(setting))
    .flatMap((setting) => {
      const [had, has] = [valueIn(old, setting), valueIn(next, setting)]
      const known = next.settings[setting]
      if (had === undefined || (known && has !== undefined && sameValue(known, had, has))) return []
      if (!known && !setting.includes('.'))
        return [`setting ${setting}, which PostgreSQL ${target.version} does not have`]
      if (had === has) return []
      const shown = (value: string | undefined) => (value === undefined ? 'nothing' : redact(value))
      return [`setting ${setting}: ${shown(had)} in ${name(source)}, ${shown(has)} in ${name(target)}`]
    })
}

/** What its files say, else the default; undefined where the version has no such setting, or depends on the machine. */
const valueIn = ({ effective, settings }: ConfState, name: string): string | undefined =>
  effective.get(name)?.value ?? settings[name]?.boot
