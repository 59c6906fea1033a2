import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Vars } from '../hosts/variables.ts'
import { asBoolean } from '../load/yaml.ts'
import type { Said } from './facts.ts'

/** What the inventory says of a host, as far as it decides how the rest is said. @param folder of the inventory */
export function saidOf(vars: Vars, folder: string): Said {
  const database = vars.pg_replicated_database ?? vars.replicated_database
  const isShort = database != null && vars.pg_replicated_database == null
  const authority = String(vars.certificate_authority ?? join(folder, 'ca'))
  return {
    database: {
      name: isShort ? 'replicated_database' : 'pg_replicated_database',
      value: String(database ?? 'postgres'),
      isSaid: database != null,
    },
    replicationPassword: (vars.pg_replication_password ?? vars.replication_password) != null,
    authority: vars.certificate_files != null || existsSync(authority),
    publishes: vars.publishes != null,
    subscribesTo: vars.subscribes_to != null,
    exclusive: asBoolean(vars.pg_hba_exclusive) === true,
  }
}
