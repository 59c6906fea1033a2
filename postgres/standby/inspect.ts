import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, configDirOf, readCluster, readConfFiles } from '../cluster/cluster.ts'
import { requirePackage } from '../cluster/inspect.ts'
import { clusterKey } from '../cluster/key.ts'
import { freePort } from '../cluster/ports.ts'
import { effectiveSettings } from '../conf/conf-file.ts'
import { createDefaults } from '../conf/create-defaults.ts'
import { type DebianFiles, debianFiles } from '../conf/debian-files.ts'
import { readRewindMark } from '../rewind/mark.ts'
import { type Copying, settledCopying } from './copying.ts'
import { type DataDir, isOurs, readDataDir } from './data-dir.ts'
import { type Fence, readFence } from './fence.ts'
import type { Params } from './params.ts'
import { type Holdings, readHoldings } from './pristine.ts'
import { type Location, readLocations } from './tablespaces.ts'
import { type Identity, identify, requirePassfile, upstreamName, upstreamSize } from './upstream.ts'

export interface State {
  cluster: Cluster | null
  dataDir: string
  /** Where no server runs on it, or is planned to. */
  disk: DataDir | null
  /** The mark of a pg_rewind that began; null where none is left. */
  rewind: string | null
  /** play's fence: it was a primary, and only reads where it runs. */
  fence: Fence | null
  /** Of a running primary. */
  holdings?: Holdings
  upstream: Identity
  /** What a present standby follows. */
  primaryConninfo?: string
  /** Size of what is copied, where the upstream tells. */
  size?: string
  /** Where there is no cluster: the configuration that it gets. */
  create?: { port: number; files: DebianFiles }
  /** Our folder beside, from a run that was interrupted. */
  temporary: 'absent' | 'ours' | 'foreign'
  /** Processes that copy into it. */
  copying?: Copying
  /** The name under which a replaced directory is kept. */
  asideName: string
  /** Directories that earlier runs replaced, which are still there. */
  kept: string[]
  tablespaces: Location[]
  /** Folders above the data directory that are missing, the upper ones first. */
  missing: string[]
  notes: string[]
}

export const temporaryOf = (dataDir: string): string => `${dataDir}.play-copy`

export async function inspect(host: HostReader, params: Params): Promise<State> {
  await requirePackage(host, params.version)
  const cluster = await readCluster(host, params)
  if (cluster && params.data_dir !== undefined && params.data_dir !== cluster.dataDir)
    throw new Refusal(
      `cluster ${params.version}/${params.cluster} has its data in ${cluster.dataDir}, not in ${params.data_dir}`,
      'Correct `data_dir`, or leave it out.',
    )
  const dataDir =
    cluster?.dataDir ??
    params.data_dir ??
    (await createDefaults(host, params.version, params.cluster)).dataDir
  const isPlanned = cluster?.fresh === true || cluster?.copyOf !== undefined
  await requirePassfile(host, params.upstream)
  // First of all: while it waits for a copy to end, what was read would grow old.
  const copying = (await host.stat(temporaryOf(dataDir)))
    ? await settledCopying(host, temporaryOf(dataDir))
    : undefined
  const [upstream, disk, rewind, fence, holdings, primaryConninfo, place, tablespaces] = await Promise.all([
    identify(host, params),
    cluster?.running || isPlanned ? null : readDataDir(host, params.version, dataDir),
    readRewindMark(host, dataDir),
    cluster ? readFence(host, cluster) : null,
    cluster?.running && !cluster.recovery && !cluster.notReady ? readHoldings(host, cluster) : undefined,
    cluster && !isPlanned ? readPrimaryConninfo(host, cluster) : undefined,
    readPlace(host, dataDir),
    readLocations(host, dataDir, params.tablespaces),
  ])
  return {
    cluster,
    dataDir,
    disk,
    rewind,
    fence,
    holdings,
    upstream,
    primaryConninfo,
    size: isStandby(cluster, disk) && !fence ? undefined : await sizeToCopy(host, params, upstream),
    create: cluster ? undefined : await newConfiguration(host, params, dataDir),
    ...place,
    tablespaces,
    copying,
    notes: [],
  }
}

/** The three databases of a new cluster (measured on 15: 22 MB). */
const NEW_CLUSTER = '22 MB'

/** What the upstream says; for one that is itself only planned, the size of a new cluster. */
async function sizeToCopy(host: HostReader, params: Params, upstream: Identity): Promise<string | undefined> {
  const key = clusterKey(params.version, params.cluster)
  if (host.predictedOn(params.upstream.host, key)?.fresh) return NEW_CLUSTER
  return upstream.reachable ? upstreamSize(host, params.version, params.upstream) : undefined
}

async function readPrimaryConninfo(host: HostReader, cluster: Cluster): Promise<string | undefined> {
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir)
  return files
    ? effectiveSettings(files.main, files.confD, files.auto).settings.get('primary_conninfo')?.value
    : undefined
}

const isStandby = (cluster: Cluster | null, disk: DataDir | null): boolean =>
  cluster?.recovery === true || disk?.standbySignal === true

/** @throws {Refusal} where nothing tells the upstream, and nothing planned will bring it */
export function requireUpstream({ upstream }: State, params: Params): void {
  if (upstream.reachable) {
    if (upstream.slot === 'absent' && !params.check_only)
      throw new Refusal(
        `${upstreamName(params.upstream)} has no slot "${params.slot}"`,
        'Make it there first: `pg_slot: { type: physical }`. Without it WAL that the copy needs may be gone before it is done.',
      )
    return
  }
  if (upstream.planned) return
  throw new Refusal(
    `${upstreamName(params.upstream)} cannot be reached from here as ${params.upstream.user}`,
    'Start it, and let this host in: a line for database "replication" in its pg_hba.conf, and the right passfile here.',
    [upstream.why],
  )
}

async function newConfiguration(host: HostReader, params: Params, dataDir: string) {
  const { version, cluster: name } = params
  const port = await freePort(host, params.port, `${version}/${name}`)
  const files = await debianFiles(host, {
    version,
    name,
    port,
    dataDir,
    configDir: configDirOf(version, name),
    socketDir: '/var/run/postgresql',
    locale: 'C.UTF-8',
    startConf: 'auto',
  })
  return { port, files }
}

async function readPlace(host: HostReader, dataDir: string) {
  const temporary = temporaryOf(dataDir)
  const [above, inside] = await Promise.all([host.list(parentOf(dataDir)), host.list(temporary)])
  const there = new Set(above ?? [])
  const isThere = there.has(nameOf(temporary))
  const prefix = `${nameOf(dataDir)}.replaced-by-play-`
  const numbers = [...there]
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b)
  const missing: string[] = []
  if (above === null)
    for (let path = parentOf(dataDir); path !== '/' && !(await host.stat(path)); path = parentOf(path))
      missing.unshift(path)
  return {
    temporary: !isThere
      ? ('absent' as const)
      : isOurs(inside ?? ['?'])
        ? ('ours' as const)
        : ('foreign' as const),
    asideName: `${dataDir}.replaced-by-play-${Math.max(0, ...numbers) + 1}`,
    kept: numbers.map((number) => `${dataDir}.replaced-by-play-${number}`),
    missing,
  }
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
