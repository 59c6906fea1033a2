import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'

const ROOM = `select (select count(*)::int from pg_replication_slots) as used,
  current_setting('max_replication_slots')::int as most, current_setting('wal_level') as wal_level`

/**
 * What pg_create_…_replication_slot() would refuse. Where changes are planned these settings may be among them, with
 * the restart they need; then the check takes the server's word for nothing. @throws {Refusal}
 */
export async function refuseWithoutRoom(
  host: HostReader,
  cluster: Cluster,
  type: 'physical' | 'logical',
): Promise<void> {
  if (cluster.fresh || host.planned()) return
  const [row] = await host.sql(targetOf(cluster), ROOM)
  if (row!.used >= row!.most)
    throw new Refusal(
      `all ${row!.most} replication slots of cluster ${cluster.version}/${cluster.name} are taken`,
      'Drop those that nothing uses, or raise max_replication_slots (pg_conf) and restart.',
    )
  if (row!.wal_level === 'minimal' || (type === 'logical' && row!.wal_level !== 'logical'))
    throw new Refusal(
      `a ${type} slot needs wal_level ${type === 'logical' ? 'logical' : 'replica'}; it is ${row!.wal_level}`,
      `Set it with pg_conf, and restart.`,
    )
}
