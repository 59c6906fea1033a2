import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { type Extension, listExtensions } from '../../../postgres/catalog/extension.ts'
import { majorOf } from '../../../postgres/catalog/version.ts'
import {
  type Cluster,
  type Database,
  readDatabase,
  requireDatabase,
  requirePrimary,
  requireServer,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { differences, majorOfBoth, readGlobals, readObjects, type Thing, type Wanted } from './compare.ts'
import { copiedKey, type Params } from './params.ts'
import { requireExtensions, requireTablespaces } from './room.ts'

/** A database that is carried over. */
export interface Carried {
  name: string
  /** As it stands in the source. */
  database: Database
  /** It is there already. */
  present: boolean
  /** Nothing is in it yet. */
  empty: boolean
}

export interface State {
  source: Cluster
  target: Cluster
  carried: Carried[]
  /** Of the database that was asked for. */
  tables: number
  /** What is carried over, but not as it was, in words. */
  otherwise: string[]
  /** In words; null where an earlier task of this check copies all. */
  differences: string[] | null
}

/** Those that are in every cluster. What they hold, and who may use them, is carried over too. */
const EVERYWHERE = ['postgres', 'template1']

const OBJECTS = `select (select count(*) from pg_class where oid >= 16384)::int
  + (select count(*) from pg_proc where oid >= 16384)::int
  + (select count(*) from pg_extension where oid >= 16384)::int
  + (select count(*) from pg_namespace where oid >= 16384)::int as objects`

export async function inspect(host: HostReader, given: Params): Promise<State> {
  const [source, target] = await Promise.all([requireServer(host, given.from), requirePrimary(host, given)])
  if (Number(target.version) < Number(source.version))
    throw new Refusal(
      `a schema of PostgreSQL ${source.version} is not copied into ${target.version}`,
      'An older server may not know what it holds.',
    )
  await requireDatabase(host, source, given.db)
  // What was asked for comes last: where it is there, the copy is complete.
  const names = [...EVERYWHERE.filter((name) => name !== given.db), given.db]
  const found = await Promise.all(names.map((name) => carriedOf(host, source, target, name)))
  const carried = found.filter((one) => one !== null)
  const wanted: Wanted = {
    databases: carried.map(({ name }) => name),
    without: given.without_publications,
    major: majorOfBoth(source, target),
  }
  const [globals, objects] = await Promise.all([
    readGlobals(host, source, wanted),
    readObjects(host, source, wanted),
  ])
  const state = {
    source,
    target,
    carried,
    tables: objects.filter(isTableOf(given.db)).length,
    otherwise: [] as string[],
  }
  if (host.predicted(copiedKey(target, given.db)) === true) return { ...state, differences: null }

  const present = { ...wanted, databases: carried.filter((one) => one.present).map(({ name }) => name) }
  const inTarget = target.fresh ? [] : await readGlobals(host, target, present)
  const objectsInTarget = await readObjects(host, target, present)
  if (isToCopy(state, given.db)) {
    refuseFixed(source, target, globals, inTarget)
    await requireTablespaces(host, source, target, inTarget)
    for (const { name } of carried.filter(({ empty }) => empty)) {
      const extensions = await listExtensions(host, source, name)
      await requireExtensions(host, target, extensions)
      state.otherwise.push(...versionsOf(name, extensions))
    }
    state.otherwise.push(...(await grantorsOf(host, source)))
  }
  return {
    ...state,
    differences: [...differences(globals, inTarget), ...differences(objects, objectsInTarget)],
  }
}

/** plpgsql has one version in all. */
function versionsOf(db: string, extensions: readonly Extension[]): string[] {
  const versions = extensions
    .filter(({ name }) => name !== 'plpgsql')
    .map((one) => `${one.name} ${one.version}`)
  return versions.length === 0
    ? []
    : [`extensions of database ${db} get the version that their packages bring: ${versions.join(', ')} now`]
}

const GRANTORS = `select string_agg(format('%I to %I by %I', pg_get_userbyid(roleid), pg_get_userbyid(member), pg_get_userbyid(grantor)), ', ') as line
  from pg_auth_members where grantor <> 10`

/** Before 16 anybody who might grant a membership stood there, and nothing came of it. */
async function grantorsOf(host: HostReader, source: Cluster): Promise<string[]> {
  if (majorOf(source) >= 16) return []
  const { line } = (await host.sql(targetOf(source), GRANTORS))[0]!
  return line ? [`who granted a membership is not kept, it will be the superuser: ${line}`] : []
}

/** Its database holds nothing yet. */
export const isToCopy = ({ carried }: Pick<State, 'carried'>, db: string): boolean =>
  carried.some(({ name, empty }) => name === db && empty)

async function carriedOf(
  host: HostReader,
  source: Cluster,
  target: Cluster,
  name: string,
): Promise<Carried | null> {
  const [database, there] = await Promise.all([
    readDatabase(host, source, name),
    readDatabase(host, target, name),
  ])
  if (!database?.allow_connections) return null
  const isFresh = target.fresh || there?.fresh
  const objects = there && !isFresh ? (await host.sql(targetOf(target, name), OBJECTS))[0]!.objects : 0
  return { name, database, present: there !== null && !there.fresh, empty: Number(objects) === 0 }
}

const isTableOf =
  (db: string) =>
  ({ what }: Thing): boolean =>
    what.startsWith(`database ${db}: table `) &&
    !/^table (column|constraint) /.test(what.slice(db.length + 11))

/** @throws {Refusal} where a database is there, and has what it keeps for life */
function refuseFixed(
  source: Cluster,
  target: Cluster,
  wanted: readonly Thing[],
  present: readonly Thing[],
): void {
  const values = new Map(wanted.map(({ what, value }) => [what, value]))
  const wrong = present.filter(({ what, value, fixed }) => fixed && values.get(what) !== value)
  if (wrong.length === 0) return
  throw new Refusal(
    `cluster ${target.version}/${target.name} has a database with what cannot be changed, and ${source.version}/${source.name} has it otherwise`,
    'Make the cluster anew with the same locale and encoding, or leave the database out: it is made as it is in the other one.',
    wrong.map(({ what, value }) => `${what}: ${value || 'none'} here, ${values.get(what) || 'none'} there`),
  )
}
