import { Refusal } from '../../../contract/errors.ts'
import type { HostReader } from '../../../contract/host.ts'
import { READING_OPTIONS } from '../../../contract/sql-settings.ts'
import { type Backup, GROWING, isName, RECORD, readBackups } from '../../../postgres/backup/folder.ts'
import { requirePackage } from '../../../postgres/cluster/inspect.ts'
import { IDENTIFY_SCRIPT } from '../../../postgres/replication/identify-script.ts'
import { copying } from '../../../postgres/standby/copying.ts'
import { parentOf, type State as StandbyState } from '../../../postgres/standby/inspect.ts'
import { requirePassfile, type Upstream, upstreamConninfo } from '../../../postgres/standby/upstream.ts'
import { SERVER_USER } from '../../../postgres/subscription/publisher.ts'
import type { Params } from './params.ts'
import { SOURCE_SCRIPT } from './source-script.ts'

export interface State {
  backups: Backup[]
  /** Names in the folder that look like a backup's, whoever made them. */
  names: string[]
  /** Seconds since the newest was complete; only where the task asks for it. */
  age?: number
  source: Source
  /** What an interrupted run left. */
  growing: 'absent' | 'ours' | 'foreign'
  copying: StandbyState['copying']
  /** Bytes that the folder's file system has left. */
  room?: number
  /** Folders that are missing, the upper ones first. */
  missing: string[]
}

export type Source =
  | { reachable: true; systemIdentifier: string; bytes?: number; tablespaces?: number }
  | { reachable: false; why: string; planned: boolean }

export async function inspect(host: HostReader, params: Params): Promise<State> {
  if (Number.parseInt(params.version, 10) < 13)
    throw new Refusal(
      `a backup of PostgreSQL ${params.version} cannot be verified: pg_verifybackup came with 13`,
      'Take it with pg_basebackup yourself.',
    )
  await requirePackage(host, params.version)
  await requirePassfile(host, params.source)
  const growing = `${params.folder}/${GROWING}`
  const [backups, names, inside, source, copies, missing, now] = await Promise.all([
    readBackups(host, params.folder),
    host.list(params.folder),
    host.list(growing),
    askSource(host, params),
    copying(host, growing),
    missingFolders(host, params.folder),
    params.max_age > 0 ? host.now() : undefined,
  ])
  const last = backups.at(-1)
  return {
    backups,
    names: (names ?? []).filter(isName),
    age: now !== undefined && last ? Math.max(0, now - last.finished) : undefined,
    source,
    growing: inside === null ? 'absent' : isOurs(inside) ? 'ours' : 'foreign',
    copying: copies,
    room: await roomIn(host, missing.length > 0 ? parentOf(missing[0]!) : params.folder),
    missing,
  }
}

/** The record is the first thing that is written into it. */
const isOurs = (names: readonly string[]): boolean => names.length === 0 || names.includes(RECORD)

async function askSource(host: HostReader, { version, source }: Params): Promise<Source> {
  const psql = `/usr/lib/postgresql/${version}/bin/psql`
  const ask = (script: string, more: Record<string, string>) =>
    host.read(['sh', '-c', script, 'sh', psql, conninfo(source, more)], {
      as: SERVER_USER,
      env: { LC_ALL: 'C' },
    })
  const [identity, contents] = await Promise.all([
    ask(IDENTIFY_SCRIPT, { replication: 'true' }),
    ask(SOURCE_SCRIPT, {
      dbname: source.dbname ?? 'postgres',
      options: READING_OPTIONS,
    }),
  ])
  const [systemIdentifier] = identity.stdout.trim().split('|')
  if (identity.code !== 0 || !/^\d+$/.test(systemIdentifier ?? '')) {
    const why = identity.stderr
      .trim()
      .split('\n')[0]
      ?.replace(/^psql: error: /, '')
    return {
      reachable: false,
      why: why || `psql ended with exit code ${identity.code}`,
      planned: host.planned('any'),
    }
  }
  const [bytes, tablespaces] = contents.stdout.trim().split('|').map(Number)
  // A role that may not connect to the database may still copy the whole: then nobody tells the size beforehand.
  if (contents.code !== 0) return { reachable: true, systemIdentifier: systemIdentifier! }
  return { reachable: true, systemIdentifier: systemIdentifier!, bytes, tablespaces }
}

const conninfo = (source: Upstream, more: Record<string, string>): string =>
  upstreamConninfo(source, { connect_timeout: '5', ...more })

async function missingFolders(host: HostReader, folder: string): Promise<string[]> {
  const missing: string[] = []
  for (let path = folder; path !== '/' && !(await host.stat(path)); path = parentOf(path))
    missing.unshift(path)
  return missing
}

async function roomIn(host: HostReader, path: string): Promise<number | undefined> {
  const { code, stdout } = await host.read(['df', '--output=avail', '-B1', '--', path])
  return code === 0 ? Number(stdout.trim().split('\n').at(-1)) : undefined
}
