import { posix } from 'node:path'
import { textOf } from '../../contract/bytes.ts'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { plannedCertificateKey } from '../../contract/shared-facts.ts'
import { type Cluster, readConfFiles } from '../cluster/cluster.ts'
import { isUnused } from '../cluster/unused.ts'
import { type FileError, readSettings, recordedSettings, type Settings } from '../settings/catalogue.ts'
import { afterStart } from '../settings/running.ts'
import { type ConfFile, effectiveSettings, type Include, type SettingSource } from './conf-file.ts'
import { debianFilesOf } from './debian-files.ts'

/** All that decides what a cluster's settings are: its files as they will be read, and what its server runs with. */
export interface ConfState {
  cluster: Cluster
  main: ConfFile
  confD: ConfFile[]
  auto: ConfFile | null
  /** By lower-case name: what the files say, the last one winning. */
  effective: Map<string, SettingSource>
  /** Every assignment in the order read. */
  all: (SettingSource & { name: string })[]
  /** What files say that are included besides, which play does not write. */
  included: (SettingSource & { name: string })[]
  settings: Settings
  /** What the server complains about in the files as they are. */
  errors: FileError[]
  tls: TlsState
  /** Nobody relies on it yet. */
  unused: boolean
  /** The settings are those of this other version: no server can be asked, and there is no recording of its own. */
  nearest?: string
  notes: string[]
}

/** Whether the server has read the files of its certificate since they were last written. */
export interface TlsState {
  /** By the server's own word; undefined where none can be asked. */
  stale?: boolean
  /** The certificate that an earlier task of this check plans there. */
  planned?: string
  /** The planned one that the server will have read by then. */
  read?: string
}

/** What is planned for the file that is the server's certificate. */
export function plannedCertificate(host: HostReader, path: string | undefined): string | undefined {
  const found = path === undefined ? undefined : host.predicted(plannedCertificateKey(path))
  return found?.rewritten ? found.planned : undefined
}

/** @throws {Refusal} where postgresql.conf is missing. */
export async function readConf(host: HostReader, cluster: Cluster): Promise<ConfState> {
  const planned =
    cluster.fresh || cluster.copyOf ? (await debianFilesOf(host, cluster)).postgresqlConf : undefined
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir, planned)
  if (!files)
    throw new Refusal(
      `${cluster.configDir}/postgresql.conf is missing on ${host.name}`,
      'Restore it, or create the cluster anew.',
    )
  const { settings: effective, all, otherIncludes } = effectiveSettings(files.main, files.confD, files.auto)
  const fact = await readSettings(host, cluster)
  const notes: string[] = []
  let settings = fact?.settings
  let nearest: string | undefined
  if (!settings) {
    const recorded = await recordedSettings(cluster.version)
    settings =
      cluster.running && !cluster.notReady ? afterStart(recorded.settings, effective) : recorded.settings
    if (recorded.recordedFor !== cluster.version) {
      nearest = recorded.recordedFor
      notes.push(
        `no server to ask: settings were checked against those of PostgreSQL ${nearest}, and those it does not know are taken as they are`,
      )
    }
  }
  return {
    cluster,
    main: files.main,
    confD: files.confD,
    auto: files.auto,
    effective,
    all,
    included: await includedSettings(host, otherIncludes),
    settings,
    errors: fact?.errors ?? [],
    tls: {
      // One that is only planned, or only planned to start, will read them when it starts.
      stale: fact && !cluster.peek && !cluster.copyOf ? (fact.tls_stale ?? false) : undefined,
      planned: plannedCertificate(host, effective.get('ssl_cert_file')?.value),
      read: fact?.tlsRead,
    },
    unused: await isUnused(host, cluster),
    nearest,
    notes,
  }
}

/** Includes inside each other that are followed; the server itself follows ten (guc-file.l). */
const DEEPEST = 10

/** Every assignment in files that are included besides conf.d. What cannot be read says nothing. */
async function includedSettings(
  host: HostReader,
  includes: readonly Include[],
  depth = 0,
): Promise<ConfState['included']> {
  if (includes.length === 0 || depth === DEEPEST) return []
  const paths = await Promise.all(
    includes.map(async ({ directive, value, file }) => {
      const path = posix.resolve(posix.dirname(file), value)
      if (directive !== 'include_dir') return [path]
      const names = (await host.list(path)) ?? []
      return names.filter((name) => /^[^.].*\.conf$/.test(name)).map((name) => `${path}/${name}`)
    }),
  )
  const found = await Promise.all(
    paths.flat().map(async (path) => {
      const content = await host.readFile(path)
      const text = content ? textOf(content) : ''
      const { all, otherIncludes } = effectiveSettings({ path, text }, [], null)
      return [...all, ...(await includedSettings(host, otherIncludes, depth + 1))]
    }),
  )
  return found.flat()
}
