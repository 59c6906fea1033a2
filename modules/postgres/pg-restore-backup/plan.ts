import { Refusal } from '../../../contract/errors.ts'
import { predict, withdraw } from '../../../contract/facts.ts'
import type { Plan, Step } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { type Cluster, configDirOf } from '../../../postgres/cluster/cluster.ts'
import { predictFiles } from '../../../postgres/cluster/create.ts'
import { keyOfCluster } from '../../../postgres/cluster/key.ts'
import { move } from '../../../postgres/cluster/place.ts'
import { quoteConf } from '../../../postgres/conf/conf-file.ts'
import { settingsKey } from '../../../postgres/settings/catalogue.ts'
import { configure, gone, verify } from '../../../postgres/standby/copy.ts'
import { MARKER } from '../../../postgres/standby/data-dir.ts'
import { temporaryOf } from '../../../postgres/standby/inspect.ts'
import { signalOf } from '../../../postgres/standby/signal.ts'
import { CONF, type RestoreState } from './inspect.ts'
import type { RestoreParams } from './params.ts'

const postgres = { owner: 'postgres', group: 'postgres' }

/** Nothing to do, or all of it. @throws {Refusal} */
export function planRestore(state: RestoreState, params: RestoreParams): Plan {
  const { cluster, restoredFrom, backup, disk, dataDir, temporary } = state
  const name = `${params.version}/${params.cluster}`
  const isEmpty = disk !== null && (disk.empty || disk.ours)
  // A cluster without data may be one whose disk is not mounted, unless our own folder says that we were at it.
  const isBegun = isEmpty && (temporary === 'ours' || restoredFrom === backup.path)
  if (cluster && !isBegun) {
    if (restoredFrom === backup.path)
      return temporary === 'ours' ? clearAway(dataDir, params) : { changes: [], steps: [] }
    throw new Refusal(
      restoredFrom === undefined
        ? `there is a cluster ${name} already, and it was not restored from a backup`
        : `cluster ${name} was restored from ${restoredFrom}, not from ${backup.path}`,
      restoredFrom === undefined
        ? 'Give the restored one another name with `cluster`.'
        : `Give this one another name, or drop it: \`pg_cluster: { state: absent, confirm: ${name} }\`.`,
    )
  }
  if (!isEmpty)
    throw new Refusal(
      `there is no cluster ${name}, but its data directory ${dataDir} is not empty`,
      'If it holds data, move it aside yourself; play deletes nothing.',
      [`it holds: ${disk?.names.slice(0, 8).join(', ')}`],
    )
  if (temporary === 'foreign')
    throw new Refusal(
      `${temporaryOf(dataDir)} is in the way, and play did not make it`,
      'Move it away, then run again.',
    )
  const planned = plannedCluster(state, params)
  return {
    changes: [
      {
        path: `cluster ${name}`,
        before: null,
        after: `restored from ${backup.path}, port ${state.port}, data in ${dataDir}`,
      },
    ],
    steps: restoreSteps(state, params),
    predicts: [
      predict(keyOfCluster(planned), planned),
      withdraw(settingsKey(planned)),
      ...predictFiles(planned, state.files),
      predict(fileKey(signalOf(dataDir)), null),
      predict(fileKey(`${dataDir}/recovery.signal`), null),
      predict(fileKey(`${dataDir}/postgresql.auto.conf`), { content: AUTO_CONF, ...postgres, mode: '0600' }),
    ],
  }
}

/** An earlier run was interrupted after the copy had taken its place: the folder holds nothing but the seed. */
function clearAway(dataDir: string, params: RestoreParams): Plan {
  const path = temporaryOf(dataDir)
  return {
    changes: [{ path, before: 'left by a run that was interrupted', after: null }],
    steps: gone(params, path),
  }
}

function plannedCluster(
  { port, dataDir, backup }: RestoreState,
  { version, cluster }: RestoreParams,
): Cluster {
  return {
    version,
    name: cluster,
    port,
    dataDir,
    configDir: configDirOf(version, cluster),
    socketDir: '/var/run/postgresql',
    running: false,
    recovery: false,
    serverVersion: Number(version) * 10_000,
    systemIdentifier: backup.system_identifier,
    copyOf: backup.path,
  }
}

/** Copied beside, verified as a copy (which proves the backup too), fenced, and only then renamed into place. */
function restoreSteps(state: RestoreState, params: RestoreParams): Step[] {
  const { backup, dataDir, temporary, signals, disk, cluster } = state
  const folder = temporaryOf(dataDir)
  const data = `${folder}/data`
  const configDir = configDirOf(params.version, params.cluster)
  const steps: Step[] = []
  if (temporary === 'ours') steps.push(...gone(params, folder))
  steps.push(
    { do: 'directory', path: folder, ...postgres, mode: '0700' },
    file(`${folder}/${MARKER}`, 'A restored copy in the making. play removes this folder.\n'),
    {
      do: 'exec',
      title: 'the copy of the backup',
      argv: ['cp', '-a', '--reflink=auto', '--', `${backup.path}/data`, data],
      // As him whose folder it goes into, as a base backup: root could be led elsewhere.
      as: 'postgres',
      cwd: '/',
    },
    ...verify(params, data),
    ...signals.map((name): Step => ({ do: 'remove', path: `${data}/${name}` })),
    move(`${data}/postgresql.auto.conf`, `${data}/postgresql.auto.conf.of-backup`),
    file(`${data}/postgresql.auto.conf`, AUTO_CONF),
  )
  if (disk?.ours) steps.push(move(dataDir, `${folder}/old-seed`))
  if (!cluster) steps.push(...configure(state, params, { port: state.port, files: state.files }, folder))
  steps.push(
    file(`${configDir}/conf.d/${CONF}`, fence(state, params), '0644'),
    { do: 'exec', title: 'the sync of the copy', argv: ['sync', '-f', '--', data], as: 'postgres', cwd: '/' },
    move(data, dataDir),
    ...gone(params, folder),
  )
  return steps
}

const file = (path: string, content: string, mode = '0600'): Step => ({
  do: 'write_file',
  path,
  content,
  ...postgres,
  mode,
})

const AUTO_CONF = '# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n'

function fence({ backup }: RestoreState, { settings }: RestoreParams): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quoteConf(String(value))}`)
  return `# Restored by play from ${backup.path}.
# The subscriptions of the server that was backed up are in it. Without this fence they would take its slots.
max_logical_replication_workers = 0
archive_mode = off
${lines.map((line) => `${line}\n`).join('')}`
}
