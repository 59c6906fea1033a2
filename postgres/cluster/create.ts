import type { Step } from '../../contract/plan.ts'
import type { DebianFiles } from '../conf/debian-files.ts'
import { type Cluster, configDirOf } from './cluster.ts'
import type { NewCluster } from './inspect.ts'
import type { Leftover } from './leftover.ts'
import type { Params } from './params.ts'
import {
  announce,
  callMade,
  confRootOf,
  confRootSteps,
  createIn,
  GROWING,
  markerFile,
  placeConf,
  placeData,
  pointConf,
  removeMarked,
} from './place.ts'

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

/**
 * Data and configuration are made in folders of our own and take their places when they are complete and on disk. An
 * interruption leaves only what has our mark, and the next run begins anew, or goes on from there (finishSteps).
 */
export function createSteps(params: Params, create: NewCluster): Step[] {
  const { version, cluster: name } = params
  const { place, leftover, parent } = create
  // Our settings live in conf.d, also where an own createcluster.conf forgot about it.
  const options = ['--port', String(create.port), '--locale', params.locale, '--encoding', params.encoding]
  options.push('--start-conf', create.startConf, '--pgoption', 'include_dir=conf.d')
  const initdb = ['--', ...(params.data_checksums ? ['--data-checksums'] : []), ...params.initdb_options]
  return [
    ...(leftover ? [{ do: 'remove' as const, path: leftover.place.folder }] : []),
    ...(parent ? [{ do: 'directory' as const, ...parent }] : []),
    { do: 'directory', path: place.folder, owner: 'postgres', group: 'postgres', mode: '0700' },
    markerFile(place.folder, 'A cluster in the making. play removes this folder.\n'),
    ...confRootSteps(place),
    createIn(
      place,
      `${place.folder}/${GROWING}`,
      options,
      `the creation of cluster ${version}/${name}`,
      initdb,
    ),
    pointConf(place),
    callMade(place),
    placeConf(place),
    ...finishSteps({ place, made: true }),
  ]
}

/** What is left to do once the configuration is in its place. */
export const finishSteps = ({ place, made }: Leftover): Step[] => [
  ...(made ? placeData(place) : []),
  announce,
  removeMarked(confRootOf(place)),
  { do: 'remove', path: place.folder },
]
