import { NEW_ROLE, type Role } from '../../../postgres/catalog/role.ts'
import type { Database } from '../../../postgres/cluster/cluster.ts'
import { parseHba } from '../../../postgres/hba/parse.ts'
import type { ClusterFacts, NamedPublication, Neighbour, Said } from '../../../runner/adopt/facts.ts'
import { runningSettings } from '../../modules/postgres/clusters.ts'

/** What the files say, and what the server runs with. */
export async function conf(
  files: Record<string, string>,
  running: Record<string, string> = {},
): Promise<ClusterFacts['conf']> {
  const effective = Object.entries(files).map(
    ([name, value]) => [name, { value, file: 'x', line: 1 }] as const,
  )
  return { effective: new Map(effective), settings: await runningSettings(running), included: [] }
}

export const role = (name: string, more: Partial<Role> = {}): Role => ({ ...NEW_ROLE, name, ...more })

export const database = (name: string, more: Partial<Database> = {}): Database =>
  ({
    ...{ name, owner: 'postgres', encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' },
    ...{ provider: 'libc', provider_locale: null, connection_limit: -1 },
    ...{ allow_connections: true, is_template: false },
    ...more,
  }) as Database

export const publication = (name: string, more: Partial<NamedPublication> = {}): NamedPublication => ({
  ...{ name, owner: 'postgres', all_tables: false, publish: ['insert', 'update', 'delete', 'truncate'] },
  ...{ publish_via_partition_root: false, publish_generated_columns: null, tables: [], schemas: [] },
  ...more,
})

export const hba = (text: string): ClusterFacts['hba'] => ({ path: 'pg_hba.conf', lines: parseHba(text, 15) })

export const SAID: Said = {
  database: { name: 'pg_replicated_database', value: 'postgres', isSaid: false },
  ...{
    replicationPassword: false,
    authority: false,
    publishes: false,
    subscribesTo: false,
    exclusive: false,
  },
}

export const neighbour = (host: string, address: string, more: Partial<Neighbour> = {}): Neighbour => ({
  ...{ host, address, addresses: [address], port: 5432, replicationUser: 'replicator' },
  ...{ verified: false, publishes: null, described: true },
  ...more,
})

/** A primary on which nobody has done anything, but for `more`. */
export const cluster = async (more: Partial<ClusterFacts> = {}): Promise<ClusterFacts> => ({
  ...{ host: 'db1', version: '15', cluster: 'main', port: 5432, certificate: null, addresses: [] },
  conf: await conf({}),
  stock: new Map(),
  hba: hba(''),
  ...{ roles: [], tablespaces: [], databases: [], subscriptions: [], standby: null },
  ...more,
})
