import type { HostReader } from '../../contract/host.ts'
import type { SqlTarget } from '../../contract/plan.ts'

/** Where nothing was applied since the copies of its tables, it is as far as the last of these. */
const APPLIED = `select greatest((select remote_lsn from pg_replication_origin_status where external_id = 'pg_' || s.oid),
    (select max(srsublsn) from pg_subscription_rel where srsubid = s.oid having bool_and(srsubstate = 'r')))::text as applied
  from pg_subscription s where subdbid = (select oid from pg_database where datname = current_database()) and subname = $1`

/**
 * Up to which position of its publisher's WAL a subscription has its changes. playbooks/tasks/positions.yaml asks the same.
 * @returns null where nothing has come yet
 */
export async function readApplied(host: HostReader, on: SqlTarget, name: string): Promise<string | null> {
  const [row] = await host.sql(on, APPLIED, [name])
  return row?.applied ?? null
}
