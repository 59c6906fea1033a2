import * as z from 'zod'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { choice } from '../../../contract/params.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent } from '../../../contract/quote.ts'
import { type Acl, reown } from '../../../postgres/catalog/acl.ts'
import { aclOfNew } from '../../../postgres/catalog/default-acl.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import { readSchema, type Schema, schemaKey } from '../../../postgres/catalog/schema.ts'
import { type Cluster, requireDatabase, requirePrimary, targetOf } from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { refuseUnlessEmpty } from './contents.ts'

const params = z.strictObject({
  ...clusterParams,
  name: identifier
    .refine((name) => !name.startsWith('pg_'), 'PostgreSQL keeps names that begin with pg_ for itself')
    .meta({ description: 'Name of the schema.', example: 'app', aliases: ['schema'] }),
  db: identifier.default('postgres').meta({
    description: 'Database it is in.',
    example: 'app',
    aliases: ['database'],
  }),
  state: choice('present', 'absent').default('present').meta({
    description: '`absent` drops the schema; one that holds anything is refused, with what it holds.',
  }),
  owner: identifier.optional().meta({
    unset: 'left as it is; the owner of the cluster for a new one',
    description: 'Role that owns it.',
    example: 'app',
  }),
})
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  schema: Schema | null
  /** The rights on one that is made now. */
  newAcl: Acl | null
}

/** Schemas (CREATE SCHEMA, ALTER SCHEMA, DROP SCHEMA … RESTRICT). Their rights: pg_grant. */
export const pgSchemaModule = defineModule<Params, State>({
  name: 'pg_schema',
  summary: 'Creates schemas, changes their owner, and drops empty ones',
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const database = await requireDatabase(host, cluster, params.db)
    const schema = await readSchema(host, cluster, database, params.name)
    if (params.state === 'absent') {
      if (schema) await refuseUnlessEmpty(host, cluster, database, params.name)
      return { cluster, schema, newAcl: null }
    }
    if (params.owner !== undefined && params.owner !== schema?.owner)
      await requireRole(host, cluster, params.owner)
    if (schema) return { cluster, schema, newAcl: null }
    const creator = params.owner ?? 'postgres'
    return {
      cluster,
      schema,
      newAcl: await aclOfNew(host, cluster, database, { kind: 'schema', creator, schema: null }),
    }
  },
  plan({ cluster, schema, newAcl }, { name, db, state, owner }): Plan {
    const path = `schema ${name}`
    const quoted = quoteIdent(name)
    const sql = (text: string): Step => ({ do: 'sql', title: path, on: targetOf(cluster, db), text })
    const key = schemaKey(cluster, db, name)
    if (state === 'absent') {
      if (!schema) return { changes: [], steps: [] }
      return {
        changes: [{ path, before: 'present', after: null, destructive: true }],
        steps: [sql(`DROP SCHEMA ${quoted} RESTRICT`)],
        predicts: [predict(key, null)],
      }
    }
    if (!schema) {
      const made: Schema = { name, ...newAcl! }
      return {
        changes: [{ path, before: null, after: { owner: made.owner } }],
        steps: [
          sql(`CREATE SCHEMA ${quoted}${owner === undefined ? '' : ` AUTHORIZATION ${quoteIdent(owner)}`}`),
        ],
        predicts: [predict(key, made)],
      }
    }
    if (owner === undefined || owner === schema.owner) return { changes: [], steps: [] }
    return {
      changes: [{ path: `${path} owner`, before: schema.owner, after: owner }],
      steps: [sql(`ALTER SCHEMA ${quoted} OWNER TO ${quoteIdent(owner)}`)],
      predicts: [predict(key, reown(schema, owner))],
    }
  },
})
