import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Acl, aclColumns } from '../catalog/acl.ts'
import { parseQualified, signatureOf, sqlName } from '../catalog/names.ts'
import { type Cluster, type Database, targetOf } from '../cluster/cluster.ts'
import { defineDatabaseFact } from '../cluster/facts.ts'

export interface Routine extends Acl {
  /** As the server quotes it: `app."we""ird"(integer, text)`. */
  signature: string
}

const ROUTINES = `select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
    pg_get_userbyid(p.proowner)::text as owner,
    ${aclColumns("coalesce(p.proacl, acldefault('f', p.proowner))", 'p.proowner')}
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where `

export const functionKey = defineDatabaseFact<Routine, [signature: string]>('function')
/** What a condition on pg_proc finds. */
const functionsKey = defineDatabaseFact<Routine[], [condition: string, ...values: string[]]>('functions')

async function read(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  condition: string,
  values: string[],
): Promise<Routine[]> {
  // No module makes functions, so there is none in what is only planned.
  if (cluster.fresh || database.fresh) return []
  const { name: db } = database
  const found = await host.fact(functionsKey(cluster, db, condition, ...values), async () => {
    const text = `${ROUTINES}${condition} order by 1`
    return (await host.sql(targetOf(cluster, db), text, values)) as Routine[]
  })
  return found.map((one) => host.predicted(functionKey(cluster, db, one.signature)) ?? one)
}

export const readFunctions = (host: HostReader, cluster: Cluster, database: Database, schema: string) =>
  read(host, cluster, database, 'n.nspname = $1', [schema])

/** The server's own are there from the start, and nobody has been given a right on them yet. */
function builtin(host: HostReader, cluster: Cluster, { name: db }: Database, signature: string): Routine {
  const planned = host.predicted(functionKey(cluster, db, signature))
  return planned ?? { signature, owner: 'postgres', grants: {}, grantable: {}, passed_on: [] }
}

/**
 * One function, procedure or aggregate; null where there is none.
 * @param name `schema.function(integer, text)`, or without types
 * @throws {Refusal} where the name alone fits several
 */
export async function readFunction(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<Routine | null> {
  const [plain, types] = signatureOf(name)
  const qualified = parseQualified(plain)
  if (qualified.schema === 'pg_catalog' && (cluster.fresh || database.fresh))
    return builtin(host, cluster, database, `${sqlName(qualified)}${types ?? '()'}`)
  const found =
    types === undefined
      ? await read(host, cluster, database, 'n.nspname = $1 and p.proname = $2', [
          qualified.schema,
          qualified.name,
        ])
      : await byTypes(host, cluster, database, `${sqlName(qualified)}${types}`)
  if (found.length > 1)
    throw new Refusal(
      `there are ${found.length} functions ${plain} in database "${database.name}"`,
      'Name the one with the types of its parameters.',
      found.map(({ signature }) => signature),
    )
  return found[0] ?? null
}

/** The types of its parameters are the user's words, and looked for where the database says. */
async function byTypes(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  signature: string,
): Promise<Routine[]> {
  if (cluster.fresh || database.fresh) return read(host, cluster, database, 'p.oid = $1', ['0'])
  const text = 'select pg_catalog.to_regprocedure($1)::pg_catalog.oid::pg_catalog.text as oid'
  const [row] = await host.sql({ ...targetOf(cluster, database.name), words: 'mixed' }, text, [signature])
  return read(host, cluster, database, 'p.oid = $1', [(row?.oid as string | null) ?? '0'])
}
