import type { HostReader } from '../../../contract/host.ts'
import { type Cluster, databaseKey, targetOf } from '../../../postgres/cluster/cluster.ts'

const DEPENDENTS = `select format('%s: %s (%s)', does, thing, count(*)) as line from (
    select case deptype when 'o' then 'owns' when 'a' then 'has rights on' when 'r' then 'is named in policies of'
        else 'is needed by' end as does,
      case when classid = 'pg_database'::regclass
          then format('database "%s"', (select datname from pg_database where oid = objid))
        when dbid = 0 then 'what all databases share'
        else format('objects in database "%s"', (select datname from pg_database where oid = dbid)) end as thing
    from pg_shdepend where refclassid = 'pg_authid'::regclass
      and refobjid = (select oid from pg_authid where rolname = $1)
      and not exists (select from pg_database g where g.datname = any ($2)
        and (g.oid = dbid or (classid = 'pg_database'::regclass and g.oid = objid)))) d
  group by does, thing order by 1`

/**
 * What keeps a role from being dropped (pg_shdepend), one line each. Nothing for a role that is only planned; what is in
 * databases that earlier tasks of a check drop is gone by then.
 */
export async function dependentsOf(host: HostReader, cluster: Cluster, role: string): Promise<string[]> {
  if (cluster.fresh) return []
  const dropped = host
    .predictions(databaseKey.under(cluster))
    .filter(({ value }) => value === null)
    .map(({ key }) => key.name)
  return (await host.sql(targetOf(cluster), DEPENDENTS, [role, dropped])).map((row) => String(row.line))
}
