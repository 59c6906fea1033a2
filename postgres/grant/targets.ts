import { Refusal } from '../../contract/errors.ts'
import { type Prediction, predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { quoteIdent } from '../../contract/quote.ts'
import type { Acl, AclKind } from '../catalog/acl.ts'
import { type DefaultsOf, defaultsKey, readDefaults } from '../catalog/default-acl.ts'
import { missing } from '../catalog/missing.ts'
import { parseQualified, plainName, sqlName } from '../catalog/names.ts'
import { requireRole } from '../catalog/role.ts'
import { requireSchema, schemaKey } from '../catalog/schema.ts'
import { readTable, readTables, type Table, tableKey } from '../catalog/table.ts'
import { type Cluster, type Database, databaseKey, requireDatabase } from '../cluster/cluster.ts'
import { functionKey, type Routine, readFunction, readFunctions } from './functions.ts'
import type { GrantParams } from './params.ts'

/** Something to hold rights on, as it is. */
export interface Target {
  /** For people: `table public.orders`. */
  name: string
  /** For statements: `TABLE "public"."orders"`. */
  on: string
  fact: Acl
  /** What is read of it once its rights are these. */
  predicts(rights: Acl): Prediction
  /** Of default privileges: `ALTER DEFAULT PRIVILEGES FOR ROLE …`. */
  prefix?: string
}

/** relkinds: what GRANT … ON TABLE, and ON ALL TABLES IN SCHEMA, take for tables. */
const TABLES = ['r', 'p', 'v', 'm', 'f']
const KINDS: Record<string, readonly string[]> = { table: TABLES, sequence: ['S'] }

/** What the task speaks of. @throws {Refusal} where one of it is absent */
export async function targetsOf(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  params: GrantParams,
): Promise<Target[]> {
  const { type, in_schema: schema, default_for: creators } = params
  if (schema !== undefined) await requireSchema(host, cluster, database, schema)
  if (creators)
    return Promise.all(
      creators.map((creator) =>
        defaults(host, cluster, database, {
          kind: type as DefaultsOf['kind'],
          creator,
          schema: schema ?? null,
        }),
      ),
    )
  if (schema === undefined)
    return Promise.all(
      [...new Set(params.objects ?? [params.db])].map((name) => one(host, cluster, database, type, name)),
    )
  if (type === 'function') return (await readFunctions(host, cluster, database, schema)).map(asTarget)
  const tables = await readTables(host, cluster, database, schema, KINDS[type]!)
  return [...tables].map(([name, fact]) => relation(cluster, database, type, { schema, name }, fact))

  function asTarget(fact: Routine): Target {
    const key = functionKey(cluster, database.name, fact.signature)
    return {
      name: `function ${fact.signature}`,
      on: `ROUTINE ${fact.signature}`,
      fact,
      predicts: (rights) => predict(key, { ...fact, ...rights }),
    }
  }

  async function one(
    host: HostReader,
    cluster: Cluster,
    database: Database,
    type: AclKind,
    name: string,
  ): Promise<Target> {
    if (type === 'database') {
      const fact = await requireDatabase(host, cluster, name)
      return {
        name: `database ${name}`,
        on: `DATABASE ${quoteIdent(name)}`,
        fact,
        predicts: (rights) => predict(databaseKey(cluster, name), { ...fact, ...rights }),
      }
    }
    if (type === 'schema') {
      const fact = await requireSchema(host, cluster, database, name)
      return {
        name: `schema ${name}`,
        on: `SCHEMA ${quoteIdent(name)}`,
        fact,
        predicts: (rights) => predict(schemaKey(cluster, database.name, name), { ...fact, ...rights }),
      }
    }
    if (type === 'function') {
      const found = await readFunction(host, cluster, database, name)
      if (!found)
        throw absent(type, name, 'Create it first with the module sql; write its types as in DROP FUNCTION.')
      return asTarget(found)
    }
    const qualified = parseQualified(name)
    const found = await readTable(host, cluster, database, qualified)
    if (!found) throw absent(type, plainName(qualified), 'Create it first with the module pg_table.')
    if (!KINDS[type]!.includes(found.kind))
      throw new Refusal(
        `${plainName(qualified)} is no ${type}`,
        found.kind === 'S' ? 'Say `type: sequence`.' : 'Say `type: table`.',
      )
    return relation(cluster, database, type, qualified, found)
  }

  function absent(what: string, name: string, hint: string): Error {
    const refusal = new Refusal(
      `there is no ${what} ${name} in database "${database.name}" on ${host.name}`,
      hint,
    )
    return missing(host, cluster, database.name, refusal)
  }
}

const relation = (
  cluster: Cluster,
  database: Database,
  type: AclKind,
  name: { schema: string; name: string },
  fact: Table,
): Target => ({
  name: `${type} ${plainName(name)}`,
  on: `${type.toUpperCase()} ${sqlName(name)}`,
  fact,
  predicts: (rights) =>
    predict(tableKey(cluster, database.name, name.schema, name.name), { ...fact, ...rights }),
})

const PLURAL = { table: 'TABLES', sequence: 'SEQUENCES', function: 'ROUTINES', schema: 'SCHEMAS' } as const
/** For people, and for ON ALL … IN SCHEMA. */
export const pluralOf = (type: AclKind): string => PLURAL[type as keyof typeof PLURAL]

async function defaults(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  of: DefaultsOf,
): Promise<Target> {
  const [fact] = await Promise.all([
    readDefaults(host, cluster, database, of),
    requireRole(host, cluster, of.creator),
  ])
  const where = of.schema === null ? '' : ` IN SCHEMA ${quoteIdent(of.schema)}`
  return {
    name: `default privileges of ${of.creator} on new ${PLURAL[of.kind].toLowerCase()}${of.schema === null ? '' : ` in schema ${of.schema}`}`,
    on: PLURAL[of.kind],
    fact,
    predicts: (rights) => predict(defaultsKey(cluster, database.name, of), rights),
    prefix: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(of.creator)}${where} `,
  }
}
