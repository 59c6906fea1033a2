import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { lsnBytes } from '../replication/upstream.ts'
import type { Control } from '../standby/control.ts'
import { SERVER_USER } from '../subscription/publisher.ts'
import { COMMITS_SCRIPT } from './commits-script.ts'

/** What a server has committed behind a position of its WAL. */
export interface Commits {
  /** Of its own clients. */
  own: number
  /** Time of the first and the last own one, UTC. */
  first: string | null
  last: string | null
  /** With a replication origin: what came from a publisher. */
  replicated: number
  /** Transaction ids of the own ones, subtransactions among them. */
  xids: string[]
  files: ChangedFile[]
  /** Own ones that have emptied a table. */
  truncated: number
  /** The last record of the WAL: where it begins, and its length in bytes. */
  end: { lsn: string; length: number } | null
}

/** What the own transactions have changed in one file of a table. */
export interface ChangedFile {
  /** `tablespace/database/file`, numbers, as pg_waldump writes it. */
  file: string
  inserted: number
  updated: number
  deleted: number
  /** Where the rows are that were inserted or updated; null: too many places to look at one by one. */
  blocks: number[] | null
}

/**
 * Reads the server's own WAL, which it may be writing at the moment.
 * @param since a log sequence number on the timeline of `control`
 * @returns why it cannot be told, where WAL is missing
 */
export async function readCommits(
  host: HostReader,
  { version, dataDir }: Cluster,
  { timeline, checkpoint, walSegment }: Control,
  since: string,
): Promise<Commits | { unknown: string }> {
  // Recovery needs the WAL from the latest checkpoint on: it is there. From further back it may be gone.
  const begin = lsnBytes(checkpoint) < lsnBytes(since) ? checkpoint : since
  const folder = `${dataDir}/pg_wal`
  const first = segmentName(timeline, begin, walSegment)
  const names = ((await host.list(folder)) ?? []).filter((name) => /^[0-9A-F]{24}$/.test(name))
  if (!names.includes(first)) return { unknown: `WAL from there on is gone: there is no file ${first}` }
  const last = names
    .filter((name) => name.slice(0, 8) === first.slice(0, 8))
    .sort()
    .at(-1)!
  const argv = ['sh', '-c', COMMITS_SCRIPT, 'sh', `/usr/lib/postgresql/${version}/bin/pg_waldump`]
  argv.push(folder, begin, first, last, digits(since), digits(checkpoint))
  const { stdout } = await host.read(argv, { as: SERVER_USER, env: { LC_ALL: 'C', TZ: 'UTC' } })
  return parseCommits(stdout)
}

/** The WAL file that a position is in (pg_walfile_name). @param size bytes of such a file */
export function segmentName(timeline: number, lsn: string, size: number): string {
  const number = lsnBytes(lsn) / BigInt(size)
  const perHigh = 0x1_0000_0000n / BigInt(size)
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0')
  return `${hex(BigInt(timeline))}${hex(number / perHigh)}${hex(number % perHigh)}`
}

/** Positions that compare as texts. */
const digits = (position: string): string => lsnBytes(position).toString(16).toUpperCase().padStart(16, '0')

export function parseCommits(text: string): Commits | { unknown: string } {
  const lines = text.trim().split('\n')
  const words = (name: string): string[] =>
    lines
      .find((line) => line === name || line.startsWith(`${name} `))
      ?.split(' ')
      .slice(1) ?? []
  if (!lines.includes('read')) return { unknown: words('error').join(' ') || 'pg_waldump says nothing' }
  const [own, first, last] = words('own')
  const [place, length] = words('end')
  const time = (word = '-'): string | null => (word === '-' ? null : `${word.replace('_', ' ')} UTC`)
  return {
    own: Number(own),
    first: time(first),
    last: time(last),
    replicated: Number(words('replicated')[0]),
    xids: words('xids'),
    files: lines.filter((line) => line.startsWith('file ')).map(parseFile),
    truncated: Number(words('truncated')[0]),
    end: place === undefined ? null : { lsn: place, length: Number(length) },
  }
}

function parseFile(line: string): ChangedFile {
  const [, file, inserted, updated, deleted, ...blocks] = line.split(' ')
  return {
    file: file!,
    inserted: Number(inserted),
    updated: Number(updated),
    deleted: Number(deleted),
    blocks: blocks[0] === 'many' ? null : blocks.map(Number),
  }
}
