import { posix } from 'node:path'
import { textOf } from '../../contract/bytes.ts'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, readConfFiles } from '../cluster/cluster.ts'
import { effectiveSettings } from '../conf/conf-file.ts'
import { type DebianFiles, debianFilesOf } from '../conf/debian-files.ts'

interface Read {
  path: string
  text: string
}

/** The pg_hba.conf of a cluster, as it is or will be. @throws {Refusal} where there is none */
export const readHba = (host: HostReader, cluster: Cluster): Promise<Read> =>
  readAccess(host, cluster, 'hba_file', 'pg_hba.conf', ({ pgHba }) => pgHba)

/** The same of pg_ident.conf. @throws {Refusal} */
export const readIdent = (host: HostReader, cluster: Cluster): Promise<Read> =>
  readAccess(host, cluster, 'ident_file', 'pg_ident.conf', ({ pgIdent }) => pgIdent)

async function readAccess(
  host: HostReader,
  cluster: Cluster,
  setting: string,
  name: string,
  debian: (files: DebianFiles) => string,
): Promise<Read> {
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir)
  const named = files && effectiveSettings(files.main, files.confD, files.auto).settings.get(setting)
  const path = posix.resolve(cluster.dataDir, named?.value ?? `${cluster.configDir}/${name}`)
  await requireOwn(host, cluster, setting, path)
  const planned = cluster.fresh || cluster.copyOf ? debian(await debianFilesOf(host, cluster)) : undefined
  const content = await host.readFile(path)
  const text = content ? textOf(content) : planned
  if (text === undefined)
    throw new Refusal(`${path} is missing on ${host.name}`, 'Restore it, or create the cluster anew.')
  return { path, text }
}

/** postgresql.conf is a file of the server's user, who could name any. @throws {Refusal} where it is not the server's own */
async function requireOwn(
  host: HostReader,
  { configDir, dataDir }: Cluster,
  setting: string,
  path: string,
): Promise<void> {
  const own = [configDir, dataDir].filter((folder) => folder !== '')
  if (own.some((folder) => path.startsWith(`${folder}/`))) return
  const stat = await host.stat(path)
  if (stat === null || (stat.type === 'file' && stat.owner === 'postgres')) return
  throw new Refusal(
    `${setting} in the configuration of ${host.name} names ${path}, which is no file of postgres`,
    `Let it name a file in ${configDir}, or give that one to postgres, if the server is to be the only one that reads it.`,
  )
}
