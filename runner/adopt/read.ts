import { Refusal, SqlError } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { readIdentity } from '../../modules/postgres/pg-identity/inspect.ts'
import { listExtensions } from '../../postgres/catalog/extension.ts'
import { listPublications } from '../../postgres/catalog/publication.ts'
import { readRoles } from '../../postgres/catalog/role.ts'
import { readSubscription } from '../../postgres/catalog/subscription.ts'
import { listTablespaces } from '../../postgres/catalog/tablespace.ts'
import { type Cluster, type Database, readDatabases, requireServer } from '../../postgres/cluster/cluster.ts'
import { effectiveSettings } from '../../postgres/conf/conf-file.ts'
import { debianFiles } from '../../postgres/conf/debian-files.ts'
import { type ConfState, readConf } from '../../postgres/conf/read.ts'
import { parseConninfo } from '../../postgres/conninfo.ts'
import { parseHba } from '../../postgres/hba/parse.ts'
import { readHba } from '../../postgres/hba/read.ts'
import { type Look, lookAt, type ServerLook } from '../status/look/look.ts'
import type { ClusterFacts, DatabaseFacts, StandbyFacts, SubscriptionFacts } from './facts.ts'

/** Databases of one server at the same time: each takes a connection, which is kept until `rest`. */
const AT_ONCE = 4

/**
 * Reads a cluster, by the readers of the library; changes nothing.
 * @param rest ends the sessions of before: a server has many databases, and few connections to spare
 * @throws {Refusal}
 */
export async function readFacts(
  host: HostReader,
  id: { version: string; cluster: string },
  rest: () => Promise<void>,
): Promise<ClusterFacts> {
  const look = await lookAt(host, { ...id, database: 'postgres' })
  if (look.state !== 'running')
    throw new Refusal(`${host.name}: ${look.why}`, look.hint ?? hintFor(look.state, id))
  const cluster = await requireServer(host, id)
  const { server } = look
  const [conf, hba, identity, databases] = await Promise.all([
    readConf(host, cluster),
    readHba(host, cluster),
    readIdentity(host, { ...id, address: '127.0.0.1' }),
    readDatabases(host, cluster),
  ])
  const all = [...databases.values()]
  return {
    ...{ host: host.name, version: cluster.version, cluster: cluster.name, port: cluster.port },
    certificate: identity.certificate,
    addresses: identity.addresses,
    conf,
    stock: await stockSettings(host, cluster, databases.get('template0')?.collate),
    hba: { path: hba.path, lines: parseHba(hba.text, Number.parseInt(cluster.version, 10)) },
    standby: server.standby && standbyFacts(server.standby, conf, server.most_workers),
    ...(server.recovery ? NOTHING : await contents(host, cluster, all, server, rest)),
  }
}

const hintFor = (state: Look['state'], { version, cluster }: { version: string; cluster: string }) =>
  state === 'stopped'
    ? `Only a server that runs can say what it is: pg_ctlcluster ${version} ${cluster} start`
    : undefined

/** What is in a standby is its primary's. */
const NOTHING = { roles: [], tablespaces: [], databases: [], subscriptions: [] }

async function contents(
  host: HostReader,
  cluster: Cluster,
  all: readonly Database[],
  server: ServerLook,
  rest: () => Promise<void>,
): Promise<Pick<ClusterFacts, 'roles' | 'tablespaces' | 'databases' | 'subscriptions'>> {
  const [roles, tablespaces] = await Promise.all([readRoles(host, cluster), listTablespaces(host, cluster)])
  const databases: DatabaseFacts[] = []
  const subscriptions: SubscriptionFacts[] = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE)
    databases.push(...(await Promise.all(some.map((database) => databaseFacts(host, cluster, database)))))
    const found = some.flatMap((database) =>
      server.subscriptions
        .filter((one) => one.database === database.name)
        .map(({ name }) => subscriptionFacts(host, cluster, database, name)),
    )
    subscriptions.push(...(await Promise.all(found)).flat())
    if (at + AT_ONCE < all.length) await rest()
  }
  return { roles: [...roles.values()], tablespaces, databases, subscriptions }
}

async function databaseFacts(host: HostReader, cluster: Cluster, database: Database): Promise<DatabaseFacts> {
  const nothing = { database, extensions: [], publications: [] }
  // What is in a template is no business of the inventory's.
  if (!database.allow_connections || database.name === 'template1') return nothing
  try {
    const [extensions, publications] = await Promise.all([
      listExtensions(host, cluster, database.name),
      listPublications(host, cluster, database.name),
    ])
    return { database, extensions, publications }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return { ...nothing, unread: error.message }
  }
}

async function subscriptionFacts(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  name: string,
): Promise<SubscriptionFacts[]> {
  const found = await readSubscription(host, cluster, database, name)
  if (!found) return []
  return [
    { name, database: database.name, subscription: { ...found, conninfo: parseConninfo(found.conninfo) } },
  ]
}

function standbyFacts(
  { host, port, status, slot, primary_slot }: NonNullable<ServerLook['standby']>,
  { effective }: ConfState,
  mostWorkers: number,
): StandbyFacts {
  const conninfo = effective.get('primary_conninfo')?.value
  return {
    conninfo: conninfo === undefined ? null : parseConninfo(conninfo),
    sender: status === 'streaming' && host !== null ? { host, port: Number(port) } : null,
    slot: slot ?? primary_slot,
    fenced: mostWorkers === 0,
  }
}

/** What the package's own postgresql.conf says in a cluster of this locale. */
async function stockSettings(host: HostReader, cluster: Cluster, locale = 'C.UTF-8') {
  const { postgresqlConf } = await debianFiles(host, { ...cluster, locale, startConf: 'auto' })
  return effectiveSettings({ path: 'postgresql.conf', text: postgresqlConf }, [], null).settings
}
