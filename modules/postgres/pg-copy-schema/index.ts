import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Plan } from '../../../contract/plan.ts'
import { touchedClusterKey, touchedKey } from '../../../postgres/catalog/missing.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import {
  type Cluster,
  requireDatabase,
  requirePrimary,
  requireServer,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { defineDatabaseFact } from '../../../postgres/cluster/facts.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { TABLES } from '../../../postgres/contents-query.ts'
import { COPY_SCHEMA_SCRIPT } from './script.ts'

const params = z.strictObject({
  ...clusterParams,
  from: z.strictObject(clusterParams).meta({
    description: 'The cluster of the same host to copy from.',
    example: { version: '15', cluster: 'main' },
  }),
  db: identifier
    .default('postgres')
    .meta({ description: 'Database, which must be in both.', example: 'app', aliases: ['database'] }),
})
type Params = z.infer<typeof params>

interface State {
  source: Cluster
  target: Cluster
  /** `schema.table`, of both. */
  wanted: string[]
  present: string[]
  /** Objects of users in the target, of any kind. */
  objects: number
}

const OBJECTS = `select (select count(*) from pg_class where oid >= 16384)::int
  + (select count(*) from pg_proc where oid >= 16384)::int
  + (select count(*) from pg_namespace where oid >= 16384)::int as objects`

/** Roles, and all that a database holds but its rows, from one cluster of a host to another, by the newer's pg_dump. */
export const pgCopySchemaModule = defineModule<Params, State>({
  name: 'pg_copy_schema',
  summary: 'Copies roles and the schema of a database into an empty one of another cluster, without rows',
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const [source, target] = await Promise.all([requireServer(host, given.from), requirePrimary(host, given)])
    if (Number(target.version) < Number(source.version))
      throw new Refusal(
        `a schema of PostgreSQL ${source.version} is not copied into ${target.version}`,
        'An older server may not know what it holds.',
      )
    const database = await requireDatabase(host, target, given.db)
    await requireDatabase(host, source, given.db)
    const isEmpty = target.fresh || database.fresh
    const [wanted, present, counted] = await Promise.all([
      host.sql(targetOf(source, given.db), TABLES),
      isEmpty ? [] : host.sql(targetOf(target, given.db), TABLES),
      isEmpty ? [{ objects: 0 }] : host.sql(targetOf(target, given.db), OBJECTS),
    ])
    const names = (rows: Record<string, unknown>[]) => rows.map(({ schema, name }) => `${schema}.${name}`)
    const isPlanned = host.predicted(copiedKey(target, given.db)) === true
    return {
      source,
      target,
      wanted: names(wanted),
      present: isPlanned ? names(wanted) : names(present),
      objects: isPlanned ? wanted.length : Number(counted[0]!.objects),
    }
  },
  plan({ source, target, wanted, present, objects }, { db }): Plan {
    const name = (one: Cluster) => `${one.version}/${one.name}`
    if (objects > 0) {
      const missing = wanted.filter((table) => !present.includes(table))
      if (missing.length === 0) return { changes: [], steps: [] }
      throw new Refusal(
        `database "${db}" of cluster ${name(target)} is not empty, and lacks tables that ${name(source)} has: ${missing.join(', ')}`,
        'Make them there too, or drop the cluster and begin anew.',
      )
    }
    const bin = `/usr/lib/postgresql/${target.version}/bin`
    const argv = ['bash', '-c', COPY_SCHEMA_SCRIPT, 'play', bin]
    for (const one of [source, target]) argv.push(one.socketDir, String(one.port))
    return {
      changes: [
        {
          path: `schema of database ${db} in cluster ${name(target)}`,
          before: null,
          after: `as in ${name(source)}: ${wanted.length} tables`,
        },
      ],
      steps: [
        {
          do: 'exec',
          title: `the copy of the schema of database ${db}`,
          argv: [...argv, db],
          as: 'postgres',
          // Of both servers, as everybody else who comes to them.
          env: { LC_ALL: 'C.UTF-8', PGCONNECT_TIMEOUT: '60' },
          cwd: '/',
        },
      ],
      predicts: [
        predict(copiedKey(target, db), true),
        predict(touchedKey(target, db), true),
        predict(touchedClusterKey(target), true),
      ],
    }
  },
})

/** An earlier task of this check copies the schema of the other cluster's database of that name. */
const copiedKey = defineDatabaseFact<true, []>('copied-schema')
