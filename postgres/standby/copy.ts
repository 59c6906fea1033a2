import type { Step } from '../../contract/plan.ts'
import {
  announce,
  confRootOf,
  confRootSteps,
  createIn,
  move,
  placeConf,
  pointConf,
  removeMarked,
} from '../cluster/place.ts'
import { stop } from '../cluster/server.ts'
import { startConfSteps } from '../conf/start-conf.ts'
import { rewindMarkOf, startConfIn } from '../rewind/mark.ts'
import { baseBackup } from './base-backup.ts'
import { copyingPattern } from './copying.ts'
import { MARKER } from './data-dir.ts'
import { type State, temporaryOf } from './inspect.ts'
import type { Params } from './params.ts'
import { writeSignal } from './signal.ts'
import {
  makeLocations,
  mappings,
  nameLocations,
  placeLocations,
  setAside,
  settleLocations,
} from './tablespaces.ts'

const postgres = { owner: 'postgres', group: 'postgres' }

/**
 * The copy is made and verified in a folder of our own beside, and takes its place by a rename. An interruption leaves
 * at most that folder, or a directory that was moved aside: never half a copy where a server would start on it.
 */
export function copySteps(state: State, params: Params, aside: boolean): Step[] {
  const { cluster, dataDir } = state
  const folder = temporaryOf(dataDir)
  const steps = clearSteps(state, params)
  for (const path of state.missing) steps.push({ do: 'directory', path, ...postgres, mode: '0755' })
  steps.push(
    { do: 'directory', path: folder, ...postgres, mode: '0700' },
    {
      do: 'write_file',
      path: `${folder}/${MARKER}`,
      content: 'A base backup in the making. play removes this folder.\n',
      ...postgres,
      mode: '0600',
    },
    ...makeLocations(state.tablespaces),
    baseBackup({ ...params, from: params.upstream, path: `${folder}/data` }, [
      '-S',
      params.slot,
      ...mappings(state.tablespaces),
    ]),
    ...verify(params, `${folder}/data`),
    ...nameLocations(state.tablespaces, `${folder}/data`),
    // Before it takes its place: a server that starts on it must never think that it is a primary.
    writeSignal(`${folder}/data`),
  )
  if (cluster?.running) steps.push(stop(cluster))
  // While the fence is still there, which remembers what start.conf said.
  const startConf = state.fence?.startConf ?? startConfIn(state.rewind)
  if (cluster && startConf) steps.push(...startConfSteps(cluster, startConf))
  if (aside) steps.push(...setAside(state.tablespaces, dataDir), move(dataDir, state.asideName))
  // The seed that an earlier play left there goes where it is removed with our folder.
  else if (state.disk?.ours) steps.push(move(dataDir, `${folder}/old-seed`))
  if (state.create) steps.push(...configure(state, params, state.create, folder))
  steps.push(
    ...placeLocations(state.tablespaces),
    move(`${folder}/data`, dataDir),
    ...settleLocations(state.tablespaces),
    ...gone(params, folder),
  )
  // It was of the directory that is moved aside now.
  if (state.rewind !== null) steps.push({ do: 'remove', path: rewindMarkOf(dataDir) })
  return steps
}

/** What a run that was cut short left in our folder, and whatever still writes into it, or holds the slot. */
export function clearSteps(
  { copying, temporary, dataDir }: State,
  params: Pick<Params, 'version' | 'cluster'>,
): Step[] {
  const folder = temporaryOf(dataDir)
  return [...(copying ? endLeftOver(folder) : []), ...(temporary === 'ours' ? gone(params, folder) : [])]
}

/** Our folders: the one that tells of the other goes last. */
export const gone = (
  { version, cluster: name }: Pick<Params, 'version' | 'cluster'>,
  folder: string,
): Step[] => [removeMarked(confRootOf({ version, name })), { do: 'remove', path: folder }]

/** It would go on writing into the folder, and it holds the slot. */
export function endLeftOver(folder: string): Step[] {
  const pattern = copyingPattern(folder)
  return [
    {
      do: 'exec',
      title: 'the end of a base backup that was left over',
      argv: ['pkill', '-f', '--', pattern],
      ok: [0, 1],
    },
    {
      do: 'wait',
      ready: { argv: ['sh', '-c', '! pgrep -f -- "$1" >/dev/null', 'sh', pattern] },
      timeout: 10,
      message: 'a base backup that was left over does not end',
    },
  ]
}

/** Every file against the manifest that the upstream sent, and its WAL (pg_verifybackup(1), from 13). */
export function verify({ version }: Pick<Params, 'version'>, path: string): Step[] {
  if (Number.parseInt(version, 10) < 13) return []
  const argv = [`/usr/lib/postgresql/${version}/bin/pg_verifybackup`, '-q', path]
  return [
    {
      do: 'exec',
      title: 'the check of the base backup',
      argv,
      as: 'postgres',
      env: { LC_ALL: 'C.UTF-8' },
      cwd: '/',
    },
  ]
}

/**
 * Debian's configuration without initdb: pg_createcluster adopts a seed that looks like a data directory. Should it
 * fail, it deletes what it was given, so that is never the copy.
 */
export function configure(
  { dataDir }: Pick<State, 'dataDir'>,
  params: Pick<Params, 'version' | 'cluster'>,
  create: NonNullable<State['create']>,
  folder: string,
): Step[] {
  const place = { version: params.version, name: params.cluster, dataDir }
  const seed = `${folder}/seed`
  const file = (name: string, content: string): Step => ({
    do: 'write_file',
    path: `${seed}/${name}`,
    content,
    ...postgres,
    mode: '0600',
  })
  return [
    ...confRootSteps(place),
    { do: 'directory', path: seed, ...postgres, mode: '0700' },
    file('postgresql.conf', create.files.postgresqlConf),
    file('pg_hba.conf', create.files.pgHba),
    file('pg_ident.conf', create.files.pgIdent),
    file('PG_VERSION', `${params.version}\n`),
    ...createIn(
      place,
      seed,
      ['--port', String(create.port), '--pgoption', 'include_dir=conf.d'],
      `the seed of the configuration of cluster ${params.version}/${params.cluster}`,
    ),
    pointConf(place),
    ...placeConf(place),
    announce(place),
  ]
}
