import { posix } from 'node:path'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, readConfFiles } from '../cluster/cluster.ts'
import { effectiveSettings } from '../conf/conf-file.ts'
import { debianFilesOf } from '../conf/debian-files.ts'

/** The pg_hba.conf of a cluster, as it is or will be. @throws {Refusal} where there is none */
export async function readHba(host: HostReader, cluster: Cluster): Promise<{ path: string; text: string }> {
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir)
  const named = files && effectiveSettings(files.main, files.confD, files.auto).settings.get('hba_file')
  const path = posix.resolve(cluster.dataDir, named?.value ?? `${cluster.configDir}/pg_hba.conf`)
  await requireOwn(host, cluster, path)
  const planned = cluster.fresh || cluster.copyOf ? (await debianFilesOf(host, cluster)).pgHba : undefined
  const text = (await host.readFile(path))?.toString() ?? planned
  if (text === undefined)
    throw new Refusal(`${path} is missing on ${host.name}`, 'Restore it, or create the cluster anew.')
  return { path, text }
}

/** postgresql.conf is a file of the server's user, who could name any. @throws {Refusal} where it is not the server's own */
async function requireOwn(host: HostReader, { configDir, dataDir }: Cluster, path: string): Promise<void> {
  const own = [configDir, dataDir].filter((folder) => folder !== '')
  if (own.some((folder) => path.startsWith(`${folder}/`))) return
  const stat = await host.stat(path)
  if (stat === null || (stat.type === 'file' && stat.owner === 'postgres')) return
  throw new Refusal(
    `hba_file in the configuration of ${host.name} names ${path}, which is no file of postgres`,
    `Let it name a file in ${configDir}, or give that one to postgres, if the server is to be the only one that reads it.`,
  )
}
