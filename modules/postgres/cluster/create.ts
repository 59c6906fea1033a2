import type { Step } from '../../contract.ts'
import { type Cluster, configDirOf } from '../cluster.ts'
import type { DebianFiles } from '../conf/debian-files.ts'
import type { NewCluster } from './inspect.ts'
import type { Params } from './params.ts'

/** The cluster as pg_createcluster will have made it, not yet started. */
export const plannedCluster = (
  { version, cluster: name }: Pick<Params, 'version' | 'cluster'>,
  { port, dataDir }: Pick<NewCluster, 'port' | 'dataDir'>,
): Cluster => ({
  version,
  name,
  port,
  dataDir,
  configDir: configDirOf(version, name),
  socketDir: '/var/run/postgresql',
  running: false,
  serverVersion: Number(version) * 10_000,
  fresh: true,
})

/** What pg_createcluster writes, as predictions of files. */
export function predictFiles(cluster: Cluster, files: DebianFiles): Record<string, unknown> {
  const { configDir, dataDir, version } = cluster
  const file = (content: string, mode: string) => ({ content, owner: 'postgres', group: 'postgres', mode })
  const folder = (mode: string) => ({ type: 'directory', owner: 'postgres', group: 'postgres', mode })
  return {
    [`file/${configDir}`]: folder('0755'),
    [`file/${configDir}/conf.d`]: folder('0755'),
    [`file/${configDir}/postgresql.conf`]: file(files.postgresqlConf, '0644'),
    [`file/${configDir}/pg_hba.conf`]: file(files.pgHba, '0640'),
    [`file/${configDir}/pg_ident.conf`]: file(files.pgIdent, '0640'),
    [`file/${configDir}/start.conf`]: file(files.startConf, '0644'),
    [`file/${dataDir}`]: folder('0700'),
    [`file/${dataDir}/PG_VERSION`]: file(`${version}\n`, '0600'),
  }
}

export function createStep(params: Params, create: NewCluster): Step {
  const { version, cluster: name } = params
  const argv = ['pg_createcluster', '--port', String(create.port)]
  // Left to itself it gives the folder above to postgres.
  if (params.data_dir !== undefined) argv.push('--datadir', create.dataDir)
  argv.push('--locale', params.locale, '--encoding', params.encoding, '--start-conf', create.startConf)
  // Our settings live in conf.d, also where an own createcluster.conf forgot about it.
  argv.push('--pgoption', 'include_dir=conf.d', '--no-status', version, name, '--')
  if (params.data_checksums) argv.push('--data-checksums')
  argv.push(...params.initdb_options)
  // A locale that the login session brought along, but the host does not have, would end it at once.
  return {
    do: 'exec',
    title: `the creation of cluster ${version}/${name}`,
    argv,
    env: { LC_ALL: 'C.UTF-8' },
    uncut: true,
  }
}
