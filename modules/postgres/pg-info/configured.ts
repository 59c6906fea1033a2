import type { HostReader } from '../../../contract/host.ts'
import type { Cluster } from '../../../postgres/cluster/cluster.ts'
import { readConf } from '../../../postgres/conf/read.ts'

/** Of one server alone, or of its part: a standby that took these over would be another's twin, or wait for nobody. */
const OWN = new Set([
  'data_directory',
  'config_file',
  'hba_file',
  'ident_file',
  'external_pid_file',
  'port',
  'listen_addresses',
  'unix_socket_directories',
  'cluster_name',
  'ssl',
  'ssl_cert_file',
  'ssl_key_file',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'restore_command',
  'synchronous_standby_names',
  'max_logical_replication_workers',
])

/** What the files of a cluster set, by name, as they will be read, without what is of this server alone. */
export async function configured(host: HostReader, cluster: Cluster): Promise<Record<string, string>> {
  const { effective } = await readConf(host, cluster)
  return Object.fromEntries(
    [...effective]
      .filter(([name]) => !OWN.has(name) && !name.startsWith('recovery_target'))
      .map(([name, { value }]): [string, string] => [name, value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
