import { textOf } from '../../contract/bytes.ts'
import { Refusal, SqlError } from '../../contract/errors.ts'
import type { FactKey, Predicted } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { packageKey } from '../../contract/shared-facts.ts'
import { type Acl, aclColumns, builtinAcl } from '../catalog/acl.ts'
import { majorOf } from '../catalog/version.ts'
import { type ConfFile, effectiveSettings } from '../conf/conf-file.ts'
import { readStartConf } from '../conf/start-conf.ts'
import { signalOf } from '../standby/signal.ts'
import { defineClusterFact } from './facts.ts'
import { clusterKey } from './key.ts'
import { type Asking, type ClusterParams, meantCluster } from './meant.ts'

/** A Debian cluster (`pg_lsclusters`): version, name, and what its configuration says. */
export interface Cluster {
  version: string
  name: string
  port: number
  dataDir: string
  configDir: string
  socketDir: string
  /** Its server answers on the socket, and serves this data directory. */
  running: boolean
  /** Answers "starting up" or "shutting down": running, but not for queries. */
  notReady?: string
  /** pg_is_in_recovery(), where it is running. */
  recovery?: boolean
  /** server_version_num, where it is running. */
  serverVersion?: number
  systemIdentifier?: string
  /** The timeline that it writes, or as a standby has come to, where it is running. */
  timeline?: number
  /** Only planned so far, made by initdb: holds nothing but what a new cluster holds. Nothing in it can be read. */
  fresh?: boolean
  /** Stopped, but an earlier task of this check plans to start it: the runner reads it through a throw-away server. */
  peek?: boolean
  /**
   * A copy, of another server or of a backup, that is only planned so far: its catalogue cannot be read here yet.
   */
  copyOf?: string
}

export const configDirOf = (version: string, name: string): string => `/etc/postgresql/${version}/${name}`

/** The cluster as it is, or will be once the planned changes are made; null where there is none. */
export async function readCluster(
  host: HostReader,
  params: ClusterParams,
  asking?: Asking,
): Promise<Cluster | null> {
  const meant = await meantCluster(host, params)
  if (!meant) return null
  const { version, name: cluster } = meant
  const found = await host.fact(clusterKey(version, cluster), () =>
    inspectCluster(host, version, cluster, asking),
  )
  if (found && 'planned' in found) return clusterOfPackage(version, cluster)
  return found && !found.running && host.predicted(clusterKey(version, cluster)) === undefined
    ? startedByPackage(host, found)
    : found
}

/** Installing the server package starts the clusters of its version that start at boot (postgresql-common, configure_version). */
async function startedByPackage(host: HostReader, cluster: Cluster): Promise<Cluster> {
  const planned = host.predicted(packageKey(`postgresql-${cluster.version}`))
  if (planned?.status !== 'installed') return cluster
  const [startConf, signal] = await Promise.all([
    host.readFile(`${cluster.configDir}/start.conf`),
    host.stat(signalOf(cluster.dataDir)),
  ])
  const startsAtBoot = readStartConf(startConf?.toString()) === 'auto'
  return startsAtBoot ? { ...cluster, running: true, peek: true, recovery: signal !== null } : cluster
}

/** What installing the server package makes and starts, unless createcluster.conf forbids it. */
const clusterOfPackage = (version: string, name: string): Cluster => ({
  version,
  name,
  port: 5432,
  dataDir: `/var/lib/postgresql/${version}/${name}`,
  configDir: configDirOf(version, name),
  socketDir: '/var/run/postgresql',
  running: true,
  recovery: false,
  serverVersion: Number(version) * 10_000,
  fresh: true,
})

/** The cluster, which must exist. @throws {Refusal} */
export async function requireCluster(
  host: HostReader,
  params: ClusterParams,
  asking?: Asking,
): Promise<Cluster> {
  const cluster = await readCluster(host, params, asking)
  if (!cluster)
    throw new Refusal(
      `there is no cluster ${described(params)}on ${host.name}`,
      'Create it first with the module pg_cluster, or correct `version` and `cluster`.',
    )
  return cluster
}

const described = ({ version, cluster }: ClusterParams): string =>
  version !== undefined
    ? `${version}/${cluster ?? 'main'} `
    : cluster !== undefined
      ? `called ${cluster} `
      : ''

/** The cluster, which must run (or be planned to). @throws {Refusal} */
export async function requireServer(
  host: HostReader,
  params: ClusterParams,
  asking?: Asking,
): Promise<Cluster> {
  const cluster = await requireCluster(host, params, asking)
  const name = `${cluster.version}/${cluster.name}`
  if (!cluster.running)
    throw new Refusal(
      `cluster ${name} on ${host.name} is not running`,
      'Start it first: `pg_cluster: { state: started }`.',
    )
  if (cluster.notReady)
    throw new Refusal(`cluster ${name} on ${host.name} does not accept queries yet: ${cluster.notReady}`)
  return cluster
}

/** The same, and it must not be a standby, which can change nothing (Hot Standby, 27.4.1). @throws {Refusal} */
export async function requirePrimary(host: HostReader, params: ClusterParams): Promise<Cluster> {
  const cluster = await requireServer(host, params)
  if (cluster.recovery)
    throw new Refusal(
      `cluster ${cluster.version}/${cluster.name} on ${host.name} is a standby: it is read-only`,
      'Run this task on its primary; what is done there arrives here by streaming.',
    )
  return cluster
}

export function targetOf(cluster: Cluster, db = 'postgres', as?: string): SqlTarget {
  return {
    version: cluster.version,
    cluster: cluster.name,
    port: cluster.port,
    socketDir: cluster.socketDir,
    db,
    as,
    ...(cluster.peek ? { peek: true } : {}),
  }
}

/** A row about the whole cluster, cached and predicted under its key; null where it is absent. */
export function clusterRow<T>(
  host: HostReader,
  cluster: Cluster,
  key: FactKey<T | null>,
  text: string,
  values: unknown[],
): Promise<T | null> {
  return host.fact(key, async () => {
    if (cluster.fresh) return null
    return ((await host.sql(targetOf(cluster), text, values))[0] as T | undefined) ?? null
  })
}

/** What a database fact holds. `fresh`: only planned, so nothing is in it yet. */
export interface Database extends Acl {
  name: string
  encoding: string
  collate: string
  ctype: string
  /** Whose rules texts are compared by; before 15 the C library's, and `builtin` from 17 on. */
  provider: 'libc' | 'icu' | 'builtin'
  /** Of icu and builtin; null for libc, which goes by collate and ctype. */
  provider_locale: string | null
  /** -1: no limit */
  connection_limit: number
  allow_connections: boolean
  is_template: boolean
  fresh?: boolean
}

const databaseQuery = (
  major: number,
): string => `select d.datname as name, r.rolname as owner, pg_encoding_to_char(d.encoding) as encoding,
  d.datcollate as collate, d.datctype as ctype, d.datconnlimit as connection_limit,
  d.datallowconn as allow_connections, d.datistemplate as is_template,
  ${major >= 15 ? "case d.datlocprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end" : "'libc'"} as provider,
  ${major >= 17 ? 'd.datlocale' : major >= 15 ? 'd.daticulocale' : 'null'} as provider_locale,
  ${aclColumns("coalesce(d.datacl, acldefault('d', d.datdba))", 'd.datdba')}
  from pg_database d join pg_roles r on r.oid = d.datdba`

export const databaseKey = defineClusterFact<Database | null, [db: string]>('database')
/** Every one that the server has. */
const databasesKey = defineClusterFact<Database[], []>('databases')

/** What initdb makes. */
const INITIAL: readonly string[] = ['postgres', 'template0', 'template1']

/** The database as it is or will be; null where it is absent. A new cluster has postgres, template0 and template1. */
export async function readDatabase(host: HostReader, cluster: Cluster, db: string): Promise<Database | null> {
  const text = `${databaseQuery(majorOf(cluster))} where d.datname = $1`
  const found = await clusterRow(host, cluster, databaseKey(cluster, db), text, [db])
  if (!found && cluster.fresh && INITIAL.includes(db))
    return {
      name: db,
      ...builtinAcl('database', 'postgres', majorOf(cluster)),
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      provider: 'libc',
      provider_locale: null,
      connection_limit: -1,
      allow_connections: db !== 'template0',
      is_template: db !== 'postgres',
      fresh: true,
    }
  return found
}

/** Every database, as it is or will be, by name. */
export async function readDatabases(host: HostReader, cluster: Cluster): Promise<Map<string, Database>> {
  const rows = cluster.fresh
    ? await Promise.all(INITIAL.map((name) => readDatabase(host, cluster, name)))
    : await host.fact(databasesKey(cluster), async () => {
        const text = `${databaseQuery(majorOf(cluster))} order by d.datname`
        return (await host.sql(targetOf(cluster), text)) as Database[]
      })
  const found = new Map((rows as Database[]).map((database) => [database.name, database]))
  return completed(found, host.predictions(databaseKey.under(cluster)))
}

/** A list read from the server with what is planned: null is gone. */
export function completed<T>(found: Map<string, T>, planned: readonly Predicted<T | null>[]): Map<string, T> {
  for (const { key, value } of planned) value === null ? found.delete(key.name) : found.set(key.name, value)
  return found
}

/** The database, which must exist. @throws {Refusal} */
export async function requireDatabase(host: HostReader, cluster: Cluster, db: string): Promise<Database> {
  const found = await readDatabase(host, cluster, db)
  if (!found)
    throw new Refusal(
      `there is no database "${db}" in cluster ${cluster.version}/${cluster.name} on ${host.name}`,
      'Create it first with the module pg_database.',
    )
  return found
}

/** A row inside a database, cached and predicted under its key; null where it is absent. */
export function databaseRow<T>(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  key: FactKey<T | null>,
  text: string,
  values: unknown[],
): Promise<T | null> {
  return host.fact(key, async () => {
    if (cluster.fresh || database.fresh) return null
    return ((await host.sql(targetOf(cluster, database.name), text, values))[0] as T | undefined) ?? null
  })
}

/**
 * postgresql.conf, conf.d/*.conf in the order read, and postgresql.auto.conf. Planned files are part of it.
 * `planned` stands for a postgresql.conf that is not written yet.
 */
export async function readConfFiles(host: HostReader, configDir: string, dataDir?: string, planned?: string) {
  const [found, names] = await Promise.all([
    host.readFile(`${configDir}/postgresql.conf`),
    host.list(`${configDir}/conf.d`),
  ])
  const main = found ?? planned
  if (main === undefined) return null
  const mainFile: ConfFile = {
    path: `${configDir}/postgresql.conf`,
    text: typeof main === 'string' ? main : textOf(main),
  }
  const folder = dataDir ?? dataDirOf(mainFile)
  const paths = (names ?? [])
    .filter((name) => /^[^.].*\.conf$/.test(name))
    .map((name) => `${configDir}/conf.d/${name}`)
  const [auto, ...contents] = await Promise.all(
    [`${folder}/postgresql.auto.conf`, ...paths].map((path) => host.readFile(path)),
  )
  return {
    main: mainFile,
    confD: paths.map((path, index): ConfFile => ({ path, text: textIn(contents[index]) })),
    auto: auto ? { path: `${folder}/postgresql.auto.conf`, text: textOf(auto) } : null,
    dataDir: folder,
  }
}

const textIn = (content: Buffer | null | undefined): string => (content ? textOf(content) : '')

const dataDirOf = (main: ConfFile): string =>
  effectiveSettings(main, [], null).settings.get('data_directory')?.value ?? ''

/** Of a primary the one that it writes; of a standby the one that it has come to. */
export const TIMELINE = `case when pg_is_in_recovery()
  then greatest((select timeline_id from pg_control_checkpoint()), (select received_tli from pg_stat_wal_receiver))
  else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end`

const PROBE = `select current_setting('data_directory') as data_directory, pg_is_in_recovery() as recovery,
  current_setting('server_version_num')::int as server_version,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  ${TIMELINE} as timeline`

async function inspectCluster(
  host: HostReader,
  version: string,
  name: string,
  asking?: Asking,
): Promise<Cluster | null> {
  const configDir = configDirOf(version, name)
  const files = await readConfFiles(host, configDir)
  if (!files) return null
  const { settings } = effectiveSettings(files.main, files.confD, files.auto)
  const cluster: Cluster = {
    version,
    name,
    port: Number(settings.get('port')?.value ?? 5432),
    dataDir: files.dataDir,
    configDir,
    socketDir: settings.get('unix_socket_directories')?.value.split(',')[0]?.trim() || '/var/run/postgresql',
    running: false,
  }
  const found = await settled(host, cluster, asking)
  if (found.running) return found
  const old = await runningElsewhere(host, cluster)
  return old ? probe(host, old, asking) : cluster
}

/** Looks at a server that starts up or shuts down, and the seconds between; a host that has just booted needs a few. */
const LOOKS = 50
const PAUSE = '0.2'

async function settled(host: HostReader, cluster: Cluster, asking?: Asking): Promise<Cluster> {
  for (let looks = 1; ; looks += 1) {
    const found = await probe(host, cluster, asking)
    if (!found.notReady || looks === LOOKS) return found
    host.waiting()
    await host.read(['sleep', PAUSE])
  }
}

async function probe(host: HostReader, cluster: Cluster, asking?: Asking): Promise<Cluster> {
  try {
    const [row] = await host.sql({ ...targetOf(cluster), ...asking }, PROBE)
    if (row?.data_directory !== cluster.dataDir) return cluster
    return {
      ...cluster,
      running: true,
      recovery: row.recovery,
      serverVersion: row.server_version,
      systemIdentifier: row.system_identifier,
      timeline: row.timeline,
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    if (error.code === '57P03') return { ...cluster, running: true, notReady: error.message }
    if (error.code.startsWith('08')) return cluster
    throw error
  }
}

/** A server that still listens where the files said before they were changed: postmaster.pid knows. */
async function runningElsewhere(host: HostReader, cluster: Cluster): Promise<Cluster | null> {
  const lines = (await host.readFile(`${cluster.dataDir}/postmaster.pid`))?.toString().split('\n') ?? []
  const port = Number(lines[3])
  const socketDir = lines[4]?.trim() || cluster.socketDir
  if (!Number.isInteger(port) || port <= 0) return null
  return port === cluster.port && socketDir === cluster.socketDir ? null : { ...cluster, port, socketDir }
}
