import type { HostReader } from '../../../contract/host.ts'
import { quoteLiteral, quoteQualified } from '../../../contract/quote.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import { UPGRADE } from '../../../postgres/subscription/naming.ts'
import type { Params } from './params.ts'

/** In every cluster. What they hold apart from rows is carried over with the one that is replicated. */
const EVERYWHERE = ['postgres', 'template1']

/** Of the cluster, each with what it is, in words. $1: the database; $2: subscriptions, and $3: slots that are made anew. */
const CLUSTER = `select format('database %I: one is replicated, %I', datname, $1::text) as line from pg_database
    where datname <> all (array[$1, 'postgres', 'template0', 'template1'])
  union all select format('subscription %I in database %I, which the inventory does not have: nothing would come through it any more', subname, datname)
    from pg_subscription s join pg_database d on d.oid = s.subdbid where subname <> all ($2::text[])
  union all select format('slot %I (%s), which the inventory does not have: whoever reads from it would find none', slot_name, slot_type)
    from pg_replication_slots s where not temporary and slot_name !~ '^pg_[0-9]+_sync_[0-9]+_'
      and to_jsonb(s) ->> 'synced' is distinct from 'true' and slot_name <> all ($3::text[])
  union all select format('prepared transaction %L of %I in database %I: commit it, or roll it back', gid, owner, database) from pg_prepared_xacts
  order by 1`

const DATABASES = `select datname as name from pg_database where datallowconn and datname = any ($1::text[]) order by 1`

const TABLESPACES = `select spcname as name, pg_tablespace_location(oid) as location from pg_tablespace where spcname !~ '^pg_' order by 1`

const LARGE_OBJECTS = `select count(*)::int as count from pg_largeobject_metadata`

/** Whose rows do not replicate: unlogged ones, and in the databases that are not replicated all. */
const tablesQuery = (
  isReplicated: boolean,
): string => `select n.nspname as schema, c.relname as name, c.relpersistence as persistence
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.oid >= 16384 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and c.relpersistence ${isReplicated ? "= 'u'" : "<> 't'"} order by 1, 2`

/** What neither logical replication of the database nor a copy of its schema would carry over, in words. */
export async function readLeft(host: HostReader, cluster: Cluster, given: Params): Promise<string[]> {
  const { db, subscriptions, slots, standbys } = given
  const known = [UPGRADE, ...slots, ...standbys.map(({ slot }) => slot)]
  const [inCluster, databases, tablespaces] = await Promise.all([
    host.sql(targetOf(cluster), CLUSTER, [db, given.replication === 'keep' ? [] : subscriptions, known]),
    host.sql(targetOf(cluster), DATABASES, [[db, ...EVERYWHERE]]),
    standbys.length > 0 ? host.sql(targetOf(cluster), TABLESPACES) : [],
  ])
  const inDatabases = await Promise.all(
    databases.map(({ name }) => inDatabase(host, cluster, String(name), name === db)),
  )
  return [
    ...inCluster.map(({ line }) => String(line)),
    ...inDatabases.flat(),
    ...tablespaces.map(
      ({ name, location }) =>
        `tablespace ${name}: a standby is built anew, and ${location} on ${standbys.map((one) => one.host).join(', ')} is not empty`,
    ),
  ]
}

async function inDatabase(
  host: HostReader,
  cluster: Cluster,
  db: string,
  isReplicated: boolean,
): Promise<string[]> {
  const on = targetOf(cluster, db)
  const [found, large] = await Promise.all([
    host.sql(on, tablesQuery(isReplicated)),
    host.sql(on, LARGE_OBJECTS),
  ])
  const count = Number(large[0]!.count)
  const filled = found.length === 0 ? [] : await host.sql(on, filledQuery(found as Table[]))
  return [
    ...(count === 0 ? [] : [`${count} large object${count === 1 ? '' : 's'} in database ${db}`]),
    ...filled.map(({ name, persistence }) =>
      persistence === 'u'
        ? `rows of unlogged table ${name} in database ${db}`
        : `rows of table ${name} in database ${db}`,
    ),
  ]
}

interface Table {
  schema: string
  name: string
  persistence: string
}

const filledQuery = (tables: readonly Table[]): string =>
  tables
    .map(
      ({ schema, name, persistence }) =>
        `(select ${quoteLiteral(`${schema}.${name}`)} as name, ${quoteLiteral(persistence)} as persistence from only ${quoteQualified(schema, name)} limit 1)`,
    )
    .join(' union all ')
