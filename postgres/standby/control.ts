import type { HostReader } from '../../contract/host.ts'

/** What pg_controldata tells about a data directory. */
export interface Control {
  systemIdentifier: string
  /** 'shut down', 'in production', 'shut down in recovery', 'in archive recovery', … */
  state: string
  nextOid: number
  timeline: number
  /** Where the record of the latest checkpoint begins, '0/3000148'. */
  checkpoint: string
  /** How far it must replay before it is consistent; '0/0' where it was never in archive recovery. */
  minRecovery: string
  /** Bytes of a WAL file. */
  walSegment: number
  /** As pg_controldata prints it. */
  modified: string
}

/** Null where there is no readable control file. */
export async function readControl(
  host: HostReader,
  version: string,
  dataDir: string,
): Promise<Control | null> {
  const { code, stdout } = await host.read([`/usr/lib/postgresql/${version}/bin/pg_controldata`, dataDir], {
    as: 'postgres',
    env: { LC_ALL: 'C' },
  })
  return code === 0 ? parseControl(stdout) : null
}

export function parseControl(text: string): Control | null {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(text)?.[1]?.trim()
  const systemIdentifier = field('Database system identifier')
  const state = field('Database cluster state')
  if (systemIdentifier === undefined || state === undefined) return null
  return {
    systemIdentifier,
    state,
    nextOid: Number((field("Latest checkpoint's NextOID") ?? '').replace(/^.*:/, '')),
    timeline: Number(field("Latest checkpoint's TimeLineID")),
    checkpoint: field('Latest checkpoint location') ?? '',
    minRecovery: field('Minimum recovery ending location') ?? '0/0',
    walSegment: Number(field('Bytes per WAL segment') ?? 16 * 1024 * 1024),
    modified: field('pg_control last modified') ?? '',
  }
}
