import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, type Database, targetOf } from '../../../postgres/cluster/cluster.ts'

// Sessions of this very program carry its application_name, and are no one's work.
const USAGE = `select format('subscription %s', subname) as line, false as session from pg_subscription
    where subdbid = (select oid from pg_database where datname = $1)
  union all select format('%s logical slot %s', case when active then 'active' else 'inactive' end, slot_name), false
    from pg_replication_slots where database = $1
  union all select format('prepared transaction %s of %s', quote_literal(gid), owner), false
    from pg_prepared_xacts where database = $1
  union all select format('session %s of %s (%s)', pid, usename, coalesce(nullif(application_name, ''), 'unnamed')), true
    from pg_stat_activity where datname = $1 and backend_type = 'client backend'
      and application_name is distinct from current_setting('application_name')
  order by 1`

/** @throws {Refusal} where someone uses the database: what DROP DATABASE would refuse, and sessions unless `force` */
export async function refuseWhileUsed(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  force: boolean,
): Promise<void> {
  const rows = await host.sql(targetOf(cluster), USAGE, [database.name])
  const lines = rows.filter((row) => !(force && row.session)).map((row) => String(row.line))
  if (database.is_template) lines.push('template for new databases')
  if (lines.length === 0) return
  throw new Refusal(
    `database "${database.name}" is in use`,
    'Remove subscriptions and slots first (pg_subscription, pg_slot); sessions may be ended with `force: true`.',
    lines,
  )
}
