import { counted } from '../../contract/counted.ts'
import type { HostReader } from '../../contract/host.ts'
import { type Control, readControl } from './control.ts'

/** Our own mark in directories that we may remove again. */
export const MARKER = 'made-by-play'
/** Nothing but our mark, or what its writing leaves when it is cut short: nobody else has put anything there yet. */
export const isOurs = (names: readonly string[]): boolean =>
  names.includes(MARKER) || names.every((name) => name.startsWith(`.${MARKER}.play.`))

/** The first OID that belongs to users (FirstNormalObjectId). */
const FIRST_USER_OID = 16_384

/** A data directory without a running server, as far as it decides whether it may be replaced. */
export interface DataDir {
  path: string
  /** Nothing there, or an empty folder. */
  empty: boolean
  /** The seed of a configuration, made by us, that an interrupted run left. */
  ours: boolean
  pgVersion?: string
  control: Control | null
  standbySignal: boolean
  recoverySignal: boolean
  backupLabel: boolean
  /** Why it holds more than initdb makes; empty: it holds nothing. */
  userData: string[]
  /** `du -sh`, where it holds something. */
  size?: string
  /** The process of a server that runs on it, although it does not answer. */
  server?: number
  /** Some of the names in it. */
  names: string[]
}

export async function readDataDir(host: HostReader, version: string, path: string): Promise<DataDir> {
  const names = (await host.list(path)) ?? []
  const has = (name: string) => names.includes(name)
  const isCluster = has('PG_VERSION')
  const [pgVersion, control, server] = await Promise.all([
    isCluster ? host.readFile(`${path}/PG_VERSION`) : null,
    isCluster && has('global') ? readControl(host, version, path) : null,
    has('postmaster.pid') ? serverOf(host, path) : undefined,
  ])
  const found: DataDir = {
    path,
    empty: names.length === 0,
    ours: names.length > 0 && isOurs(names),
    pgVersion: pgVersion?.toString().trim(),
    control,
    standbySignal: has('standby.signal'),
    recoverySignal: has('recovery.signal'),
    backupLabel: has('backup_label'),
    userData: [],
    server,
    names,
  }
  if (!control) return found
  found.userData = await userData(host, path, control)
  if (found.userData.length > 0) found.size = await sizeOf(host, path)
  return found
}

/** postmaster.pid outlives a crash: its process counts only if it works in this very directory. */
export async function serverOf(host: HostReader, path: string): Promise<number | undefined> {
  const pid = Number.parseInt((await host.readFile(`${path}/postmaster.pid`))?.toString() ?? '', 10)
  if (!(pid > 0)) return undefined
  const cwd = await host.stat(`/proc/${pid}/cwd`)
  return cwd?.target === path ? pid : undefined
}

async function sizeOf(host: HostReader, path: string): Promise<string> {
  const { stdout } = await host.read(['du', '-sh', path])
  return stdout.split(/\s/)[0] || 'of unknown size'
}

/** What a cluster that initdb made and nobody used does not have: OIDs of users, in the control file or as files. */
async function userData(host: HostReader, path: string, control: Control): Promise<string[]> {
  const found: string[] = []
  if (control.state !== 'shut down') found.push(`its server was not shut down cleanly (${control.state})`)
  if (!(control.nextOid <= FIRST_USER_OID))
    found.push(`objects were created in it (next OID ${control.nextOid})`)
  const [databases, tablespaces] = await Promise.all([
    host.list(`${path}/base`),
    host.list(`${path}/pg_tblspc`),
  ])
  const users = (databases ?? []).filter((oid) => Number(oid) >= FIRST_USER_OID).length
  if (users > 0) found.push(counted(users, 'user database'))
  if (tablespaces && tablespaces.length > 0) found.push(counted(tablespaces.length, 'tablespace'))
  const files = await Promise.all((databases ?? []).map((oid) => host.list(`${path}/base/${oid}`)))
  const relations = new Set(
    files.flatMap((names, at) =>
      (names ?? [])
        .filter((name) => Number.parseInt(name, 10) >= FIRST_USER_OID)
        .map((name) => `${at}/${Number.parseInt(name, 10)}`),
    ),
  ).size
  if (relations > 0) found.push(`${counted(relations, 'file')} of user tables or indexes`)
  return found
}
