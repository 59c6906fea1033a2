import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { type Backup, readBackups } from '../../../postgres/backup/folder.ts'
import { type Cluster, configDirOf, readCluster } from '../../../postgres/cluster/cluster.ts'
import { requirePackage } from '../../../postgres/cluster/inspect.ts'
import { freePort } from '../../../postgres/cluster/ports.ts'
import { createDefaults } from '../../../postgres/conf/create-defaults.ts'
import { type DebianFiles, debianFiles } from '../../../postgres/conf/debian-files.ts'
import { type DataDir, MARKER, readDataDir } from '../../../postgres/standby/data-dir.ts'
import { temporaryOf } from '../../../postgres/standby/inspect.ts'
import type { RestoreParams } from './params.ts'

export interface RestoreState {
  cluster: Cluster | null
  /** The backup that a present cluster was restored from, by its own file. */
  restoredFrom?: string
  backup: Backup
  /** Files of the backup that would make a server follow another. */
  signals: string[]
  /** What is at the data directory, where no server runs. */
  disk: DataDir | null
  dataDir: string
  port: number
  files: DebianFiles
  temporary: 'absent' | 'ours' | 'foreign'
}

export const CONF = 'restored.conf'
const FROM = /^# Restored by play from (.*)\.$/m

export async function inspectRestore(host: HostReader, params: RestoreParams): Promise<RestoreState> {
  const { version, cluster: name } = params
  await requirePackage(host, version)
  const [cluster, backups, defaults] = await Promise.all([
    readCluster(host, params),
    readBackups(host, params.folder),
    createDefaults(host, version, name),
  ])
  const backup = choose(backups, params, host.name)
  const dataDir = cluster?.dataDir ?? params.data_dir ?? defaults.dataDir
  const configDir = configDirOf(version, name)
  const temporary = temporaryOf(dataDir)
  const isPlanned = cluster?.fresh === true || cluster?.copyOf !== undefined
  const [conf, signals, disk, inside, port] = await Promise.all([
    host.readFile(`${configDir}/conf.d/${CONF}`),
    Promise.all(
      ['standby.signal', 'recovery.signal'].map(async (file) =>
        (await host.stat(`${backup.path}/data/${file}`)) ? [file] : [],
      ),
    ),
    cluster?.running || isPlanned ? null : readDataDir(host, version, dataDir),
    host.list(temporary),
    cluster?.port ?? freePort(host, params.port, `${version}/${name}`),
  ])
  return {
    cluster,
    restoredFrom: FROM.exec(conf?.toString() ?? '')?.[1],
    backup,
    signals: signals.flat(),
    disk,
    dataDir,
    port,
    files: await debianFiles(host, {
      version,
      name,
      port,
      dataDir,
      configDir,
      socketDir: '/var/run/postgresql',
      locale: 'C.UTF-8',
      startConf: 'auto',
    }),
    temporary: inside === null ? 'absent' : isOurs(inside) ? 'ours' : 'foreign',
  }
}

const isOurs = (names: readonly string[]): boolean => names.length === 0 || names.includes(MARKER)

/** @throws {Refusal} */
function choose(
  backups: readonly Backup[],
  { folder, backup, version }: RestoreParams,
  host: string,
): Backup {
  const found = backup === 'newest' ? backups.at(-1) : backups.find(({ name }) => name === backup)
  if (!found)
    throw new Refusal(
      backups.length === 0
        ? `there is no backup in ${folder} on ${host}`
        : `there is no backup ${backup} in ${folder} on ${host}`,
      backups.length === 0 ? 'Take one with pg_backup, or correct `folder`.' : undefined,
      backups.map(({ name, server }) => `${name} of ${server}`),
    )
  if (found.version !== version)
    throw new Refusal(
      `${found.path} is a backup of PostgreSQL ${found.version}, which ${version} cannot read`,
      `Say \`version: ${found.version}\`.`,
    )
  if (found.used)
    throw new Refusal(`${found.path} is no backup any more: ${found.used}`, 'Restore another one.')
  return found
}
