import type { HostReader } from '../../contract/host.ts'
import { type Cluster, targetOf } from '../cluster/cluster.ts'

export interface Tablespace {
  name: string
  path: string
  owner: string
}

/** Those that somebody made (FirstNormalObjectId), by their names. */
const TABLESPACES = `select spcname as name, pg_tablespace_location(oid) as path, pg_get_userbyid(spcowner)::text as owner
  from pg_tablespace where oid >= 16384 order by 1`

export const listTablespaces = (host: HostReader, cluster: Cluster): Promise<Tablespace[]> =>
  host.sql(targetOf(cluster), TABLESPACES) as Promise<Tablespace[]>
