import type { HostReader } from '../../contract/host.ts'
import { type Cluster, type Database, targetOf } from '../cluster/cluster.ts'
import { defineClusterFact } from '../cluster/facts.ts'

/** Settings of a role, a database, or a role in a database: lower-case name → text as stored. */
export type Overrides = Record<string, string>

/** null stands for all. */
export interface OverridesAt {
  role: string | null
  database: Pick<Database, 'name' | 'fresh'> | null
}

const OVERRIDES = `select split_part(entry, '=', 1) as name, substr(entry, strpos(entry, '=') + 1) as value
  from pg_db_role_setting s, unnest(s.setconfig) as entry
  where s.setrole = case when $1::text is null then 0 else (select oid from pg_roles where rolname = $1) end
    and s.setdatabase = case when $2::text is null then 0 else (select oid from pg_database where datname = $2) end`

const key = defineClusterFact<Overrides, [at: string]>('overrides')

export const overridesKey = (cluster: Cluster, { role, database }: OverridesAt) =>
  key(cluster, JSON.stringify([role, database?.name ?? null]))

/** What is set there, or will be. Nothing is, where the database or the cluster is only planned. */
export const readOverrides = (host: HostReader, cluster: Cluster, at: OverridesAt): Promise<Overrides> =>
  host.fact(overridesKey(cluster, at), async () => {
    if (cluster.fresh || at.database?.fresh) return {}
    const rows = await host.sql(targetOf(cluster), OVERRIDES, [at.role, at.database?.name ?? null])
    return Object.fromEntries(rows.map(({ name, value }) => [String(name).toLowerCase(), String(value)]))
  })
