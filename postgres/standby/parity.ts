import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { ConfState } from '../conf/read.ts'

/**
 * What a standby may not allow less of than its primary (Hot Standby, 27.4.3), and what pg_controldata calls it. The
 * primary's values travel in WAL, and the control file keeps those that were replayed last.
 */
const AT_LEAST = {
  max_connections: 'max_connections',
  max_worker_processes: 'max_worker_processes',
  max_wal_senders: 'max_wal_senders',
  max_prepared_transactions: 'max_prepared_xacts',
  max_locks_per_transaction: 'max_locks_per_xact',
} as const

/** `max_connections: 50 here, 100 on its primary`; a standby with such a line does not start. */
export async function lessThanPrimary(
  host: HostReader,
  cluster: Cluster,
  conf: ConfState,
): Promise<string[]> {
  // A copy that is only planned has no control file yet.
  if (cluster.fresh || cluster.copyOf) return []
  const { code, stdout } = await host.read(
    [`/usr/lib/postgresql/${cluster.version}/bin/pg_controldata`, cluster.dataDir],
    { as: 'postgres', env: { LC_ALL: 'C' } },
  )
  return code === 0 ? compare(stdout, conf) : []
}

function compare(controldata: string, { effective, settings }: ConfState): string[] {
  return Object.entries(AT_LEAST).flatMap(([name, label]) => {
    const primary = Number(new RegExp(`^${label} setting:\\s+(\\d+)$`, 'm').exec(controldata)?.[1])
    const here = Number(effective.get(name)?.value ?? settings[name]?.boot)
    return here < primary ? [`${name}: ${here} here, ${primary} on its primary`] : []
  })
}
