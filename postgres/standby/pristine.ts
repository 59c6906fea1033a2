import { counted } from '../../contract/counted.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, targetOf } from '../cluster/cluster.ts'

/** What a running primary holds besides what initdb made. */
export interface Holdings {
  /** Empty: nothing. */
  userData: string[]
  /** `name: 12 MB` */
  databases: string[]
  /** When WAL was last written, in UTC. */
  modified?: string
}

const SHARED = `select
  (select coalesce(json_agg(datname || ': ' || pg_size_pretty(pg_database_size(oid)) order by datname), '[]')
    from pg_database where not datistemplate) as databases,
  (select to_char(max(modification) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') from pg_ls_waldir())
    as modified,
  (select count(*)::int from pg_database where oid >= 16384) as "user databases",
  (select count(*)::int from pg_roles where oid >= 16384) as roles,
  (select count(*)::int from pg_tablespace where oid >= 16384) as tablespaces,
  (select count(*)::int from pg_subscription) as subscriptions,
  (select count(*)::int from pg_replication_slots) as "replication slots"`

const LOCAL = `select
  (select count(*)::int from pg_class where oid >= 16384) as relations,
  (select count(*)::int from pg_proc where oid >= 16384) as functions,
  (select count(*)::int from pg_namespace where oid >= 16384) as schemas,
  (select count(*)::int from pg_type where oid >= 16384) as types,
  (select count(*)::int from pg_extension where oid >= 16384) as extensions,
  (select count(*)::int from pg_publication) as publications,
  (select count(*)::int from pg_largeobject_metadata) as "large objects"`

/** Asked of the catalogues; users' objects have OIDs from 16384 on (FirstNormalObjectId). */
export async function readHoldings(host: HostReader, cluster: Cluster): Promise<Holdings> {
  if (cluster.fresh) return { userData: [], databases: [] }
  const [[shared], [inPostgres], [inTemplate]] = await Promise.all([
    host.sql(targetOf(cluster), SHARED),
    host.sql(targetOf(cluster), LOCAL),
    host.sql(targetOf(cluster, 'template1'), LOCAL),
  ])
  const { databases, modified, ...counts } = shared ?? {}
  const say = (row: Record<string, unknown>, where: string) =>
    Object.entries(row).flatMap(([what, count]) =>
      Number(count) > 0 ? [`${counted(Number(count), what.replace(/s$/, ''))}${where}`] : [],
    )
  return {
    databases: databases ?? [],
    modified: modified ?? undefined,
    userData: [
      ...say(counts, ''),
      ...say(inPostgres ?? {}, ' in database postgres'),
      ...say(inTemplate ?? {}, ' in template1'),
    ],
  }
}
