import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import {
  type Backup,
  backupsKey,
  GROWING,
  nextName,
  RECORD,
  recordText,
} from '../../../postgres/backup/folder.ts'
import { move } from '../../../postgres/cluster/place.ts'
import { baseBackup } from '../../../postgres/standby/base-backup.ts'
import { endLeftOver, verify } from '../../../postgres/standby/copy.ts'
import { upstreamName } from '../../../postgres/standby/upstream.ts'
import type { State } from './inspect.ts'
import type { Params } from './params.ts'

const postgres = { owner: 'postgres', group: 'postgres' }
const UNKNOWN_SYSTEM = 'not known before the run'

export function plan(state: State, params: Params): Plan {
  if (isYoung(state, params)) return { changes: [], steps: [] }
  refuse(state, params)
  const backup = nextBackup(state, params)
  const { old, used } = outOfDate(state, params)
  const change: Change = {
    path: `backup of ${backup.server}`,
    before: null,
    after: backup.path,
  }
  const removals = old.map(
    ({ path }): Change => ({
      path: `backup ${path}`,
      before: 'present',
      after: null,
      destructive: true,
      reason: `keep is ${params.keep}`,
    }),
  )
  const left = state.backups.filter((one) => !old.includes(one))
  return {
    changes: [change, ...removals],
    steps: [
      ...copySteps(state, params, backup),
      // Last of all, and only where all before succeeded: a failing step ends the task.
      ...old.map(({ path }): Step => ({ do: 'remove', path, title: `the removal of ${path}` })),
    ],
    predicts: [predict(backupsKey(params.folder), [...left, backup]), ...predictFiles(backup, params, old)],
    notes: [...sizeNote(state), ...used.map((one) => `${one.path} is kept: ${one.used}`)],
  }
}

export const isYoung = ({ age }: State, { max_age }: Params): boolean => age !== undefined && age < max_age

/** @throws {Refusal} */
function refuse({ source, growing, copying, room }: State, params: Params): void {
  const server = upstreamName(params.source)
  if (!source.reachable && !source.planned)
    throw new Refusal(
      `${server} cannot be reached from here as ${params.source.user}`,
      'Start it, and let this host in: a line for database "replication" in its pg_hba.conf, and the right passfile here.',
      [source.why],
    )
  if (source.reachable && source.tablespaces)
    throw new Refusal(
      `${server} has tablespaces (${source.tablespaces}), which a plain copy would write to the same paths on this host`,
      'Back it up with pg_basebackup and its option --tablespace-mapping yourself.',
    )
  const path = `${params.folder}/${GROWING}`
  if (growing === 'foreign')
    throw new Refusal(`${path} is in the way, and play did not make it`, 'Move it away, then run again.')
  if (copying && !copying.isLeft)
    throw new Refusal(
      `another run copies into ${path} at this moment (process ${copying.pids.join(', ')})`,
      'Let it end.',
    )
  if (source.reachable && source.bytes && room !== undefined && room < source.bytes)
    throw new Refusal(
      `there is no room for the backup in ${params.folder}: it takes about ${sizeText(source.bytes)}, and ${sizeText(room)} are free`,
      'Free space, or give another `folder`. Older backups are never removed before a new one is verified.',
    )
}

function nextBackup({ backups, names, source }: State, params: Params): Backup {
  const name = nextName(backups, names)
  return {
    made_by: 'play',
    server: upstreamName(params.source),
    system_identifier: source.reachable ? source.systemIdentifier : UNKNOWN_SYSTEM,
    version: params.version,
    name,
    path: `${params.folder}/${name}`,
    finished: Number.MAX_SAFE_INTEGER,
  }
}

/**
 * A server that was made anew has another system identifier: backups of the old one may be all that is left of it, so
 * that they neither count nor go.
 */
function outOfDate({ backups, source }: State, { keep }: Params): { old: Backup[]; used: Backup[] } {
  const same = backups.filter((one) => source.reachable && one.system_identifier === source.systemIdentifier)
  const surplus = same.slice(0, Math.max(0, same.length + 1 - keep))
  return {
    old: surplus.filter(({ used }) => used === undefined),
    used: surplus.filter(({ used }) => used !== undefined),
  }
}

/** It grows beside, is verified, and takes its name last: a folder with a number for its name is complete. */
function copySteps({ growing, copying, missing }: State, params: Params, backup: Backup): Step[] {
  const folder = `${params.folder}/${GROWING}`
  const { name: _, path, finished: __, used: ___, ...record } = backup
  const file = (name: string, content: string): Step => ({
    do: 'write_file',
    path: `${folder}/${name}`,
    content,
    ...postgres,
    mode: '0600',
  })
  return [
    ...(copying ? endLeftOver(folder) : []),
    ...(growing === 'ours' ? [{ do: 'remove' as const, path: folder }] : []),
    ...missing.map(
      (one): Step =>
        one === params.folder
          ? { do: 'directory', path: one, ...postgres, mode: '0700' }
          : { do: 'directory', path: one, owner: 'root', group: 'root', mode: '0755' },
    ),
    { do: 'directory', path: folder, ...postgres, mode: '0700' },
    file(RECORD, recordText(record)),
    baseBackup({ ...params, from: params.source, path: `${folder}/data` }, [
      `--manifest-checksums=${params.manifest_checksums}`,
      '--label=play',
    ]),
    ...verify(params, `${folder}/data`),
    move(folder, path),
    // The rename is what makes it a backup: it must outlive a power cut before an older one goes.
    { do: 'exec', title: 'the sync of the backup', argv: ['sync', '--', params.folder] },
  ]
}

function predictFiles(backup: Backup, { folder }: Params, old: readonly Backup[]): Prediction[] {
  const { name: _, path, finished: __, used: ___, ...record } = backup
  const directory = { type: 'directory', ...postgres, mode: '0700' } as const
  return [
    predict(fileKey(`${folder}/${GROWING}`), null),
    predict(fileKey(path), directory),
    predict(fileKey(`${path}/data`), directory),
    predict(fileKey(`${path}/${RECORD}`), { content: recordText(record), ...postgres, mode: '0600' }),
    ...old.map((one) => predict(fileKey(one.path), null)),
  ]
}

const sizeNote = ({ source }: State): string[] =>
  source.reachable && source.bytes ? [`about ${sizeText(source.bytes)} to copy`] : []

function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Math.round(bytes / 1024 ** power)} ${units[power]}`
}
