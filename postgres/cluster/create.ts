import { type Prediction, predict } from '../../contract/facts.ts'
import type { Step } from '../../contract/plan.ts'
import { fileKey } from '../../contract/shared-facts.ts'
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
export function predictFiles(cluster: Cluster, files: DebianFiles): Prediction[] {
  const { configDir, dataDir } = cluster
  const file = (name: string, content: string, mode: string) =>
    predict(fileKey(`${configDir}/${name}`), { content, ...POSTGRES, mode })
  const folder = (path: string, mode: string) =>
    predict(fileKey(path), { type: 'directory', ...POSTGRES, mode })
  return [
    folder(configDir, '0755'),
    folder(`${configDir}/conf.d`, '0755'),
    file('postgresql.conf', files.postgresqlConf, '0644'),
    file('pg_hba.conf', files.pgHba, '0640'),
    file('pg_ident.conf', files.pgIdent, '0640'),
    file('start.conf', files.startConf, '0644'),
    folder(dataDir, '0700'),
    predictVersion(cluster),
  ]
}

const POSTGRES = { owner: 'postgres', group: 'postgres' }

/** By which a folder is known for a data directory. */
export const predictVersion = ({ dataDir, version }: Pick<Cluster, 'dataDir' | 'version'>): Prediction =>
  predict(fileKey(`${dataDir}/PG_VERSION`), { content: `${version}\n`, ...POSTGRES, mode: '0600' })

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
    ...createIn(
      place,
      `${place.folder}/${GROWING}`,
      options,
      `the creation of cluster ${version}/${name}`,
      initdb,
    ),
    pointConf(place),
    callMade(place),
    ...placeConf(place),
    ...finishSteps({ place, made: true }),
  ]
}

/** What is left to do once the configuration is in its place. */
export const finishSteps = ({ place, made }: Leftover): Step[] => [
  ...(made ? placeData(place) : []),
  announce(place),
  removeMarked(confRootOf(place)),
  { do: 'remove', path: place.folder },
]
