import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Cluster, readConfFiles } from '../cluster/cluster.ts'
import { effectiveSettings } from '../conf/conf-file.ts'
import { debianFilesOf } from '../conf/debian-files.ts'

/** The pg_hba.conf of a cluster, as it is or will be. @throws {Refusal} where there is none */
export async function readHba(host: HostReader, cluster: Cluster): Promise<{ path: string; text: string }> {
  const files = await readConfFiles(host, cluster.configDir, cluster.dataDir)
  const named = files && effectiveSettings(files.main, files.confD, files.auto).settings.get('hba_file')
  const path = named?.value ?? `${cluster.configDir}/pg_hba.conf`
  const planned = cluster.fresh || cluster.copyOf ? (await debianFilesOf(host, cluster)).pgHba : undefined
  const text = (await host.readFile(path))?.toString() ?? planned
  if (text === undefined)
    throw new Refusal(`${path} is missing on ${host.name}`, 'Restore it, or create the cluster anew.')
  return { path, text }
}
