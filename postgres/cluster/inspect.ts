import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { packageKey } from '../../contract/shared-facts.ts'
import { createDefaults } from '../conf/create-defaults.ts'
import { type DebianFiles, debianFiles } from '../conf/debian-files.ts'
import { type ConfState, readConf } from '../conf/read.ts'
import { readStartConf, type StartConf, startConfBefore } from '../conf/start-conf.ts'
import { notStartable } from '../conf/startable.ts'
import { REAL_FILE_ERRORS } from '../settings/catalogue.ts'
import { pendingRestart } from '../settings/running.ts'
import { MARKER } from '../standby/data-dir.ts'
import { type Fence, readFence } from '../standby/fence.ts'
import { lessThanPrimary } from '../standby/parity.ts'
import { type Cluster, configDirOf, readCluster, targetOf } from './cluster.ts'
import { keyOfCluster } from './key.ts'
import { type Leftover, readLeftover } from './leftover.ts'
import type { Params } from './params.ts'
import { besideOf, insideOf, type Place } from './place.ts'
import { freePort } from './ports.ts'
import { afterUpgrade, isOutdated } from './program.ts'

export interface NewCluster {
  port: number
  dataDir: string
  startConf: StartConf
  files: DebianFiles
  place: Place
  /** The folder above the data directory, where it is missing. */
  parent?: { path: string; owner?: string; group?: string }
  /** Of an earlier run: it goes first. */
  leftover?: Leftover
}

export interface Contents {
  /** `name: 12 MB`, one a database; for a stopped cluster one line about the directory. */
  lines: string[]
  subscriptions: number
}

export interface State {
  cluster: Cluster | null
  /** Where there is none and one is wanted. */
  create?: NewCluster
  startConf: StartConf
  /** What start.conf said before play stopped the cluster for good. */
  startConfBefore?: StartConf
  /** Where it may be started, restarted or reloaded. */
  conf?: ConfState
  /** standby.signal or recovery.signal is in the data directory. */
  recovery: boolean
  /** play's fence: started, it only reads. */
  fence: Fence | null
  /** The running server's program is no longer the one on disk. */
  outdated: boolean
  /** An earlier task plans to upgrade the package, whose scripts restart the server. */
  restarted: boolean
  /** Where it shall be dropped. */
  contents?: Contents
  /** What the server would refuse of its files at the next start. Empty where it cannot be asked. */
  fileErrors: string[]
  /** Of an earlier run that was cut short while it made this cluster, or just after. */
  leftover?: Leftover
  /** Where no server runs: the data directory is one. */
  hasData: boolean
  /** Of a standby: settings that allow less than its primary does, so that it would not start. */
  lessThanPrimary: string[]
  /** Settings that wait for a restart, with which the server would not come up again, and why. */
  notStartable: string[]
}

export async function inspect(host: HostReader, params: Params): Promise<State> {
  const found = await readCluster(host, params)
  const upgraded = found && (await afterUpgrade(host, found))
  const cluster = upgraded?.cluster ?? null
  if (!cluster) {
    const wanted = params.state === 'present' || params.state === 'started'
    return {
      cluster,
      create: wanted ? await newCluster(host, params) : undefined,
      startConf: 'auto',
      recovery: false,
      fence: null,
      outdated: false,
      restarted: false,
      fileErrors: [],
      hasData: false,
      lessThanPrimary: [],
      notStartable: [],
    }
  }
  const isRunning = cluster.running && !cluster.notReady
  const isPlanned = cluster.fresh === true || cluster.copyOf !== undefined
  const [startConf, conf, signals, fence, outdated, contents, fileErrors, leftover, pgVersion] =
    await Promise.all([
      host.readFile(`${cluster.configDir}/start.conf`),
      params.state === 'absent' || params.state === 'stopped' ? undefined : readConf(host, cluster),
      Promise.all(['standby', 'recovery'].map((name) => host.stat(`${cluster.dataDir}/${name}.signal`))),
      readFence(host, cluster),
      isRunning && params.restart === 'needed' ? isOutdated(host, cluster) : false,
      params.state === 'absent' ? readContents(host, cluster) : undefined,
      isRunning && (params.state === 'restarted' || params.state === 'reloaded')
        ? readFileErrors(host, cluster)
        : [],
      isPlanned ? undefined : readLeftover(host, cluster.version, cluster.name, cluster.dataDir),
      cluster.running || isPlanned ? null : host.stat(`${cluster.dataDir}/PG_VERSION`),
    ])
  const recovery = signals.some((signal) => signal !== null)
  const mayStart = params.state === 'restarted' || !isRunning || params.restart !== 'never'
  return {
    cluster,
    startConf: readStartConf(startConf?.toString()),
    startConfBefore: startConfBefore(startConf?.toString()),
    conf,
    recovery,
    fence,
    outdated,
    restarted: upgraded?.restarted === true,
    contents,
    fileErrors,
    leftover,
    hasData: cluster.running || isPlanned || pgVersion !== null,
    lessThanPrimary: recovery && conf && mayStart ? await lessThanPrimary(host, cluster, conf) : [],
    notStartable: isRunning && conf && mayStart ? await waiting(host, cluster, conf) : [],
  }
}

/** Of the settings that wait for a restart. */
function waiting(host: HostReader, cluster: Cluster, { settings, effective }: ConfState): Promise<string[]> {
  const names = pendingRestart(settings, effective)
  const wanted = names.flatMap((name) => {
    const value = effective.get(name.toLowerCase())?.value
    return value === undefined ? [] : [[name, value] as const]
  })
  return notStartable(host, cluster, Object.fromEntries(wanted))
}

/** A cluster that does not exist: where it would be, and that nothing is in its way. @throws {Refusal} */
async function newCluster(host: HostReader, params: Params): Promise<NewCluster> {
  const { version, cluster: name } = params
  if (name.includes('-'))
    throw new Refusal(
      `a new cluster cannot be called "${name}"`,
      'systemd takes a dash in the name for the one after the version: choose a name without dashes.',
    )
  await requirePackage(host, version)
  const defaults = await createDefaults(host, version, name)
  const dataDir = params.data_dir ?? defaults.dataDir
  const configDir = configDirOf(version, name)
  const leftover = await readLeftover(host, version, name, dataDir)
  const folder = leftover?.place.folder
  if (leftover?.foreign)
    throw new Refusal(`${folder} is in the way, and play did not make it`, 'Move it away, then run again.')
  const [there, parentThere] = await Promise.all([
    readEmpty(host, dataDir, `${version}/${name}`),
    host.stat(parentOf(dataDir)),
    refuseConfiguration(host, configDir),
  ])
  const port = await freePort(host, params.port, `${version}/${name}`)
  const startConf = params.start_conf ?? (defaults.startConf as StartConf | undefined) ?? 'auto'
  const { locale } = params
  const socketDir = '/var/run/postgresql'
  const files = await debianFiles(host, {
    version,
    name,
    port,
    dataDir,
    configDir,
    socketDir,
    locale,
    startConf,
  })
  const parent = { path: parentOf(dataDir), ...(params.data_dir === undefined ? postgres : {}) }
  return {
    port,
    dataDir,
    startConf,
    files,
    place: { version, name, dataDir, folder: there ? insideOf(dataDir) : besideOf(dataDir) },
    parent: parentThere ? undefined : parent,
    leftover,
  }
}

const postgres = { owner: 'postgres', group: 'postgres' }
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** Whether the data directory is there. @throws {Refusal} where anything is in it */
async function readEmpty(host: HostReader, dataDir: string, name: string): Promise<boolean> {
  const found = await host.stat(dataDir)
  if (!found) return false
  // A link is followed: where it leads to is what counts.
  const path = found.type === 'link' ? `${dataDir}/.` : dataDir
  const names = ((await host.list(path)) ?? []).filter((one) => one !== nameOf(insideOf(dataDir)))
  if (names.length === 0) return true
  throw new Refusal(
    `there is no cluster ${name} on ${host.name}, but its data directory ${dataDir} is not empty`,
    names.length === 1 && names[0] === 'lost+found'
      ? `It is the top of a file system, where initdb makes none: say \`data_dir: ${dataDir}/data\`.`
      : 'If it holds data, move it aside yourself; play deletes nothing.',
    [`it holds: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`],
  )
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What a creation that was cut short wrote over as well: nobody has put anything into these. */
const OVERWRITTEN = ['conf.d', 'start.conf', 'pg_ctl.conf', 'environment', 'log']

/** Half a configuration that does not have our mark may be somebody's work. @throws {Refusal} */
async function refuseConfiguration(host: HostReader, configDir: string): Promise<void> {
  const names = (await host.list(configDir)) ?? []
  const others = names.filter((name) => !OVERWRITTEN.includes(name))
  if (others.length === 0 || names.includes(MARKER)) return
  throw new Refusal(
    `${configDir} on ${host.name} holds part of a configuration (${others.join(', ')}), but no postgresql.conf that names a data directory`,
    `If it is what an interrupted pg_createcluster left, move it away: \`mv ${configDir} /root/\`.`,
  )
}

/** @throws {Refusal} where the server package is neither there nor planned */
export async function requirePackage(host: HostReader, version: string): Promise<void> {
  const planned = host.predicted(packageKey(`postgresql-${version}`))
  if (planned && planned.status !== 'absent') return
  if (await host.stat(`/usr/lib/postgresql/${version}/bin/postgres`)) return
  throw new Refusal(
    `PostgreSQL ${version} is not installed on ${host.name}`,
    `Install it first: \`apt_install: { name: postgresql-${version} }\`.`,
  )
}

/** What dropping it would lose. */
async function readContents(host: HostReader, cluster: Cluster): Promise<Contents> {
  const none = { subscriptions: 0 }
  if (cluster.fresh || cluster.copyOf) return { ...none, lines: ['what earlier tasks of this run make'] }
  if (cluster.running && !cluster.notReady && host.predicted(keyOfCluster(cluster)) === undefined) {
    const rows = await host.sql(targetOf(cluster), DATABASES)
    return {
      lines: rows.map(({ line }) => String(line)),
      subscriptions: Number(rows[0]?.subscriptions ?? 0),
    }
  }
  const { stdout } = await host.read(['du', '-sh', cluster.dataDir])
  return { ...none, lines: [`${cluster.dataDir}: ${stdout.split(/\s/)[0] || 'of unknown size'}`] }
}

// Where no worker may run, the subscriptions are another server's, which they came along from: so are the slots.
const DATABASES = `select datname || ': ' || pg_size_pretty(pg_database_size(oid)) as line,
    (select count(*)::int from pg_subscription
      where current_setting('max_logical_replication_workers') <> '0') as subscriptions
  from pg_database where not datistemplate order by datname`

// Only what the server says of the files on disk: in check mode planned files are not there for it to read.
async function readFileErrors(host: HostReader, cluster: Cluster): Promise<string[]> {
  if (host.planned() || cluster.fresh) return []
  return (await host.sql(targetOf(cluster), START_ERRORS)).map(({ error }) => String(error))
}

/** Errors that a running server survives, and the next start does not. */
export const START_ERRORS = `select 'pg_hba.conf line ' || line_number || ': ' || error as error
    from pg_hba_file_rules where error is not null and type is null
  union all
  select concat(f.sourcefile || ':' || f.sourceline || ': ', f.name || ': ', f.error) from ${REAL_FILE_ERRORS}`
